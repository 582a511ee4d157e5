import type { Gateway } from '../support/gateway.ts';

/** What the tests read of an event. */
export interface Seen {
  readonly cursor: string;
  readonly name: string;
}

/** So far the log may be ahead of the client. */
const ahead = 12;
const trunk = '6f1c1f0e-0000-4000-8000-000000000001';

/** Repeatable, in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Delivers events, never far ahead of what was seen, until told to stop. */
export function feed(gateway: Gateway) {
  let wanted = ahead;
  let delivered = 0;
  let wake: () => void = () => undefined;
  let stopped = false;
  const run = async () => {
    while (!stopped) {
      if (delivered >= wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      delivered += 1;
      const name = delivered % 2 === 0 ? 'trunk.registered' : 'trunk.offline';
      await gateway.deliver(name, gateway.clock.now() + delivered, { trunk_uuid: trunk, n: delivered });
    }
  };
  const running = run();
  return {
    seen(count: number) {
      wanted = count + ahead;
      wake();
    },
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}

/** The whole log, oldest first. */
export async function logOf(gateway: Gateway): Promise<Seen[]> {
  const log: Seen[] = [];
  for (let before: string | null = null; ; ) {
    const { data, errors } = await gateway.askText(
      'query ($before: String) { events(last: 100, before: $before) { nodes { cursor name } pageInfo { hasPreviousPage startCursor } } }',
      { before },
    );
    if (errors) throw new Error(JSON.stringify(errors));
    const page = data?.['events'] as {
      nodes: Seen[];
      pageInfo: { hasPreviousPage: boolean; startCursor: string | null };
    };
    log.push(...page.nodes.toReversed());
    if (!page.pageInfo.hasPreviousPage) return log;
    before = page.pageInfo.startCursor;
  }
}
