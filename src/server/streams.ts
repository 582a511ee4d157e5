import type { ExecutionResult } from 'graphql';

/** The running subscriptions of all transports, so that a stopping server can end them. */
export interface Streams {
  /** The same results, each passed through `prepare`; a source that fails gives one last result from `failed`. */
  follow(source: AsyncIterable<ExecutionResult>, handling: StreamHandling): AsyncIterableIterator<ExecutionResult>;
  count(): number;
  /** Completes every stream, also those that wait for an event that may never come. */
  endAll(): void;
}

export interface StreamHandling {
  prepare(result: ExecutionResult): ExecutionResult;
  failed(error: unknown): ExecutionResult;
  /** Wraps each pull: an event is worked on later, outside the request that subscribed. */
  run<T>(work: () => T): T;
}

type Pulled = IteratorResult<ExecutionResult, undefined>;

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

export function createStreams(): Streams {
  const open = new Set<() => void>();

  return {
    follow(source, { prepare, failed, run }) {
      const iterator = source[Symbol.asyncIterator]();
      // One entry a pull, taken out as it settles: racing each pull against one long-lived promise would keep them all.
      const waiting = new Set<(result: Pulled) => void>();
      const end = () => {
        open.delete(end);
        for (const settle of waiting) settle(finished);
        // Not waited for: a source that is busy with its next event would hold up the one who leaves.
        void run(async () => iterator.return?.()).catch(() => undefined);
      };
      open.add(end);

      const pull = async (): Promise<Pulled> => {
        try {
          const next = await iterator.next();
          if (next.done !== true) return { done: false, value: prepare(next.value) };
          open.delete(end);
          return finished;
        } catch (error) {
          open.delete(end);
          return { done: false, value: failed(error) };
        }
      };
      return {
        next() {
          if (!open.has(end)) return Promise.resolve(finished);
          return new Promise<Pulled>((resolve) => {
            const settle = (result: Pulled) => {
              waiting.delete(settle);
              resolve(result);
            };
            waiting.add(settle);
            void run(pull).then(settle);
          });
        },
        async return() {
          end();
          return finished;
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    count: () => open.size,
    endAll() {
      for (const end of [...open]) end();
    },
  };
}
