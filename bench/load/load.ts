import { type Connection, openConnection } from './connection.ts';
import { type Latencies, latenciesOf } from './latencies.ts';
import { type Held, watchTurns } from './turns.ts';

/** A server, and what it is asked. */
export interface Target {
  readonly url: string;
  /** The next request, whole. */
  next(): Buffer;
  /** Where they are few: each is asked once before it counts. */
  readonly all?: readonly Buffer[];
}

/** The most that a server can do. */
export interface Top {
  readonly answered: number;
  /** Answers a second, over all of the time and in each whole second of it. */
  readonly rate: number;
  readonly bySecond: readonly number[];
}

/** What a server does at a fixed rate. */
export interface Paced extends Latencies {
  readonly answered: number;
  /** What held the generator, whose time answers then seem to take. */
  readonly generator: Held;
}

/** So many callers, each on a connection of its own. */
const callers = 32;
/** Of requests at a fixed rate as many may be under way; those beyond wait here, and their waiting counts. */
const connectionsAtRate = 128;
/** After so many milliseconds without a single answer something is wrong. */
const patience = 30_000;

/** Asks until the server knows what it is asked, and V8 how to answer. */
export async function warmUp(target: Target, milliseconds: number): Promise<void> {
  const left = [...(target.all ?? [])];
  if (left.length > 0) {
    await withConnections<void>(target.url, callers, (connections, settle) => {
      let answered = 0;
      const ask = (connection: Connection) => {
        const request = left.pop();
        if (request === undefined) return;
        connection.send(request, () => {
          answered += 1;
          if (answered === target.all?.length) settle();
          ask(connection);
        });
      };
      for (const connection of connections) ask(connection);
    });
  }
  await topRate(target, milliseconds);
}

/** Each caller asks again as soon as it is answered: the most that the server can do. */
export function topRate(target: Target, milliseconds: number): Promise<Top> {
  return withConnections(target.url, callers, (connections, settle) => {
    const bySecond = new Array<number>(Math.floor(milliseconds / 1000)).fill(0);
    const startedAt = performance.now();
    let answered = 0;
    let busy = connections.length;
    const ask = (connection: Connection) => {
      const passed = performance.now() - startedAt;
      if (passed >= milliseconds) {
        busy -= 1;
        if (busy === 0) settle({ answered, rate: (answered * 1000) / passed, bySecond });
        return;
      }
      connection.send(target.next(), () => {
        answered += 1;
        const second = Math.floor((performance.now() - startedAt) / 1000);
        if (second < bySecond.length) bySecond[second] = (bySecond[second] ?? 0) + 1;
        ask(connection);
      });
    };
    for (const connection of connections) ask(connection);
  });
}

/**
 * Requests come at a fixed rate, whether the earlier ones are answered or not, and each answer's time counts from when its request
 * should have gone out: a server that stands still for a while is charged for all who would have come in the meantime, where callers
 * who wait politely would leave them out ("coordinated omission").
 */
export function atRate(target: Target, rate: number, milliseconds: number): Promise<Paced> {
  return withConnections(target.url, connectionsAtRate, (connections, settle) => {
    const all = Math.max(1, Math.round((rate * milliseconds) / 1000));
    const times = new Float64Array(all);
    const idle = [...connections];
    const turns = watchTurns();
    const startedAt = performance.now();
    const dueAt = (place: number) => startedAt + (place * 1000) / rate;
    let [sent, answered] = [0, 0];
    const sendDue = (now: number) => {
      while (sent < all && dueAt(sent) <= now) {
        const connection = idle.pop();
        if (connection === undefined) return;
        const due = dueAt(sent);
        sent += 1;
        connection.send(target.next(), () => {
          times[answered] = performance.now() - due;
          answered += 1;
          idle.push(connection);
        });
      }
    };
    // A timer would come in whole milliseconds, and send what is due by then in one burst.
    const turn = () => {
      const now = performance.now();
      turns.note(now);
      sendDue(now);
      if (answered < all) setImmediate(turn);
      else settle({ answered, ...latenciesOf(times), generator: turns.held() });
    };
    turn();
  });
}

type Work<Seen> = (connections: readonly Connection[], settle: (seen: Seen) => void) => void;

async function withConnections<Seen>(url: string, count: number, work: Work<Seen>): Promise<Seen> {
  const done = Promise.withResolvers<Seen>();
  const connections = await Promise.all(Array.from({ length: count }, () => openConnection(url, done.reject)));
  let answered = 0;
  let before = -1;
  const counted = connections.map(({ send, close }) => ({
    close,
    send: (request: Buffer, then: () => void) =>
      send(request, () => {
        answered += 1;
        then();
      }),
  }));
  const watch = setInterval(() => {
    if (answered === before) done.reject(new Error(`No answer for ${patience / 1000} s`));
    before = answered;
  }, patience);
  try {
    work(counted, done.resolve);
    return await done.promise;
  } finally {
    clearInterval(watch);
    for (const { close } of connections) close();
  }
}
