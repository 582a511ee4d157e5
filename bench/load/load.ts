import { type Connection, openConnection } from './connection.ts';
import { type Latencies, latenciesOf } from './latencies.ts';

/** A server, and what it is asked. */
export interface Target {
  readonly url: string;
  /** The next request, whole. */
  next(): Buffer;
  /** Where they are few: each is asked once before it counts. */
  readonly all?: readonly Buffer[];
}

export interface Load extends Latencies {
  readonly answered: number;
  /** Answers a second. */
  readonly rate: number;
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
    await withConnections(target.url, callers, (connections, settle) => {
      let answered = 0;
      const ask = (connection: Connection) => {
        const request = left.pop();
        if (request === undefined) return;
        connection.send(request, () => {
          answered += 1;
          if (answered === target.all?.length) settle(loadOf([], milliseconds));
          ask(connection);
        });
      };
      for (const connection of connections) ask(connection);
    });
  }
  await topRate(target, milliseconds);
}

/** Each caller asks again as soon as it is answered: the most that the server can do. */
export function topRate(target: Target, milliseconds: number): Promise<Load> {
  return withConnections(target.url, callers, (connections, settle) => {
    const times: number[] = [];
    const startedAt = performance.now();
    const end = startedAt + milliseconds;
    let busy = connections.length;
    const ask = (connection: Connection) => {
      const sentAt = performance.now();
      if (sentAt >= end) {
        busy -= 1;
        if (busy === 0) settle(loadOf(times, sentAt - startedAt));
        return;
      }
      connection.send(target.next(), () => {
        times.push(performance.now() - sentAt);
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
export function atRate(target: Target, rate: number, milliseconds: number): Promise<Load> {
  return withConnections(target.url, connectionsAtRate, (connections, settle) => {
    const all = Math.max(1, Math.round((rate * milliseconds) / 1000));
    const dueAt = (place: number) => startedAt + (place * 1000) / rate;
    const times: number[] = [];
    const idle = [...connections];
    const startedAt = performance.now();
    let sent = 0;
    const sendDue = () => {
      while (sent < all && dueAt(sent) <= performance.now()) {
        const connection = idle.pop();
        if (connection === undefined) return;
        const due = dueAt(sent);
        sent += 1;
        connection.send(target.next(), () => {
          times.push(performance.now() - due);
          idle.push(connection);
          if (times.length === all) settle(loadOf(times, performance.now() - startedAt));
        });
      }
    };
    // A timer would come in whole milliseconds, and send what is due by then in one burst.
    const turn = () => {
      sendDue();
      if (sent < all) setImmediate(turn);
    };
    turn();
  });
}

type Work = (connections: readonly Connection[], settle: (load: Load) => void) => void;

async function withConnections(url: string, count: number, work: Work): Promise<Load> {
  const done = Promise.withResolvers<Load>();
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

function loadOf(times: readonly number[], milliseconds: number): Load {
  return { answered: times.length, rate: (times.length * 1000) / milliseconds, ...latenciesOf(times) };
}
