import { type ExecutionArgs, type ExecutionResult, GraphQLError, parse } from 'graphql';
import { createSchema } from 'graphql-yoga';
import type { Place } from '../../../src/graph/place.ts';
import { createLogger } from '../../../src/server/log.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import type { LiveStream } from '../../../src/server/subscriptions/stream.ts';
import { createSubscriptions } from '../../../src/server/subscriptions/subscriptions.ts';
import { createFakeClock } from '../../support/clock.ts';
import { createSmallLog, type SmallLog } from '../small-log.ts';

interface Caller {
  readonly place: Place;
  readonly signal: AbortSignal;
  /** Told where it begins. */
  readonly begun: (seq: number) => void;
}

const document = parse('subscription { ticks }');
const schema = createSchema({ typeDefs: 'type Query { a: Int } type Subscription { ticks: Int }' });

/** Subscriptions to a small log, each of whose executions pauses where a real one waits for its storage. */
export function startSubscriptions(pause: () => Promise<void>): {
  readonly log: SmallLog;
  /** Also where it begins: after `after`, or where the log ends as the subscription is made. */
  open(after: number | null): Promise<{ readonly stream: LiveStream; readonly begin: number }>;
  count(): number;
} {
  const log = createSmallLog();
  async function* source({ place, signal }: Caller, begin: number): AsyncGenerator<ExecutionResult> {
    for await (const ticks of log.follow(begin, place, signal)) {
      await pause();
      yield { data: { ticks } };
    }
    await pause();
  }
  const subscribe = async ({ contextValue }: ExecutionArgs) => {
    const caller = contextValue as Caller;
    const begin = caller.place.resume ?? log.newest();
    caller.begun(begin);
    await pause();
    return source(caller, begin);
  };
  const subscriptions = createSubscriptions<Caller>({
    live: {
      audience: () => '',
      account: () => 'only',
      viewer: () => '',
      fork: (caller, place, signal) => ({
        begun: signal ? () => undefined : caller.begun,
        place,
        signal: signal ?? caller.signal,
      }),
      cursor: (_, seq) => `${seq}`,
      seqOf: (_, cursor) => Number(cursor),
      admission: () => () => true,
      limits: { perViewer: 100, inAll: 100 },
      random: () => 0.5,
    },
    finish: (result) => result,
    mask: (error) => new GraphQLError(String(error)),
    newRequestId: () => 'test',
    metrics: createMetrics(() => []),
    clock: createFakeClock(),
    log: createLogger({ level: 'silent', destination: { write: () => undefined } }),
  });
  return {
    log,
    async open(after) {
      let begin: number | null = null;
      const contextValue: Caller = {
        place: { seq: null, resume: null, atEnd: 'wait' },
        signal: new AbortController().signal,
        begun(seq) {
          begin ??= seq;
        },
      };
      const opened = await subscriptions.open({ schema, document, contextValue }, subscribe, after?.toString() ?? null);
      if (!('pull' in opened)) throw opened.errors?.[0];
      return { stream: opened, begin: begin ?? 0 };
    },
    count: () => subscriptions.count(),
  };
}
