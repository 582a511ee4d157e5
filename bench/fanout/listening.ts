import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Open so many sockets more; each sends `first`, waiting for a message between two, and is ready when it has had so many. */
export interface Opening {
  readonly kind: 'open';
  readonly url: string;
  readonly first: readonly string[];
  readonly messages: number;
  readonly count: number;
}

/** Send this to the server, and wait until every socket has a message with the mark in it. */
export interface Delivering {
  readonly kind: 'deliver';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly mark: string;
}

export type Order = Opening | Delivering;

export interface Delivered {
  /** From the request's sending to the last socket's message. */
  readonly milliseconds: number;
  /** The last of the messages. */
  readonly message: string;
}

export type Answer = Delivered | { readonly failure: string };

/** Sockets in a process of their own. */
export interface Listeners {
  open(opening: Omit<Opening, 'kind'>): Promise<void>;
  deliver(delivering: Omit<Delivering, 'kind'>): Promise<Delivered>;
  stop(): Promise<void>;
}

/** How long opening or one delivery to all may take, in milliseconds: nothing here waits without end. */
const patience = 180_000;

export function startListeners(): Listeners {
  const child = fork('bench/fanout/listeners.ts', { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const exited = once(child, 'exit');
  const tell = async (order: Order): Promise<Delivered> => {
    const impatient = new AbortController();
    const timer = setTimeout(() => impatient.abort(), patience);
    const answered = once(child, 'message', { signal: impatient.signal });
    child.send(order);
    const [answer] = (await Promise.race([answered, exited]).finally(() => clearTimeout(timer))) as [Answer | number];
    if (typeof answer !== 'object') throw new Error('The process that holds the sockets has ended');
    if ('failure' in answer) throw new Error(answer.failure);
    return answer;
  };
  return {
    async open(opening) {
      await tell({ kind: 'open', ...opening });
    },
    deliver: (delivering) => tell({ kind: 'deliver', ...delivering }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
}
