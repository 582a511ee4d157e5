import type { AccountId } from '../access/viewer.ts';

/** Waits for an account's log to grow. Holds one flag and nothing else, however much happens. */
export interface Waiter {
  /** True when something was appended since the waiter was made or last asked; false once it is closed. */
  woken(): Promise<boolean>;
  /** Ends the wait under way. Closing again does nothing. */
  close(): void;
}

/** Tells readers of the log to look again. It carries no events: what happened stands in the log. */
export interface Bus {
  /** To be called after the transaction that appended is committed. */
  wake(account: AccountId): void;
  /** Make it before reading, so that nothing is missed between reading and waiting. */
  waiter(account: AccountId): Waiter;
}

export function createBus(): Bus {
  const waking = new Map<AccountId, Set<() => void>>();

  return {
    wake(account) {
      for (const wake of waking.get(account) ?? []) wake();
    },
    waiter(account) {
      let due = false;
      let closed = false;
      let waiting: PromiseWithResolvers<boolean> | null = null;
      const wake = () => {
        due = waiting === null;
        waiting?.resolve(true);
        waiting = null;
      };
      const others = waking.get(account) ?? new Set();
      waking.set(account, others.add(wake));
      return {
        async woken() {
          if (closed) return false;
          if (due) {
            due = false;
            return true;
          }
          waiting ??= Promise.withResolvers();
          return waiting.promise;
        },
        close() {
          if (closed) return;
          closed = true;
          others.delete(wake);
          if (others.size === 0) waking.delete(account);
          waiting?.resolve(false);
        },
      };
    },
  };
}
