/** What of a waiting call decides when it is its turn. */
export interface Waiting {
  /** The more urgent, the lower. */
  readonly rank: number;
  /** Whose call it is. */
  readonly owner: string;
  readonly arrival: number;
}

/** Whose turn it is: the most urgent calls first, and of those one of each owner, round by round. */
export interface Turns {
  /** In a round the owner who was served longest ago is first. An owner's own calls stay in the order of their arrival. */
  inOrder<Call extends Waiting>(calls: readonly Call[]): Call[];
  served(call: Waiting): void;
  /** Nobody waits any more, so nobody is owed a turn. */
  forget(): void;
}

export function createTurns(): Turns {
  const lastServed = new Map<string, number>();
  let count = 0;
  const queueOf = ({ rank, owner }: Waiting) => `${rank} ${owner}`;

  return {
    inOrder(calls) {
      const rounds = new Map<string, number>();
      return [...calls]
        .sort((one, other) => one.arrival - other.arrival)
        .map((call) => {
          const queue = queueOf(call);
          const round = rounds.get(queue) ?? 0;
          rounds.set(queue, round + 1);
          return { call, round, last: lastServed.get(queue) ?? 0 };
        })
        .sort(
          (one, other) =>
            one.call.rank - other.call.rank ||
            one.round - other.round ||
            one.last - other.last ||
            one.call.arrival - other.call.arrival,
        )
        .map(({ call }) => call);
    },
    served(call) {
      count += 1;
      lastServed.set(queueOf(call), count);
    },
    forget: () => lastServed.clear(),
  };
}
