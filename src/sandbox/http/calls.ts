/** One request to the API. */
export interface CallRecord {
  readonly at: number;
  /** Method and path pattern, such as `GET /wallet/balance`. */
  readonly route: string;
  readonly path: string;
  readonly account: string | undefined;
  /** What was answered; 0 while it is not, or where the connection was cut. */
  status: number;
}

/** How often the API was called. */
export interface CallCounts {
  readonly total: number;
  /** Answered 429. */
  readonly refused: number;
  readonly routes: Readonly<Record<string, number>>;
  /** The most calls that any 60 s held, refused ones included. */
  readonly busiestMinute: number;
}

/** Counts the calls to the API. */
export interface Calls {
  record(call: CallRecord): CallRecord;
  counts(): CallCounts;
  /** The latest calls, oldest first. */
  log(): readonly CallRecord[];
  reset(): void;
}

const kept = 10_000;

/** Creates counts at zero; the log keeps at least the last 10,000 calls. */
export function createCalls(): Calls {
  let log: CallRecord[] = [];
  let routes = new Map<string, number>();
  let total = 0;
  let dropped = 0;

  return {
    record(call) {
      log.push(call);
      total++;
      routes.set(call.route, (routes.get(call.route) ?? 0) + 1);
      if (log.length > 2 * kept) {
        dropped += log.slice(0, kept).filter(({ status }) => status === 429).length;
        log = log.slice(kept);
      }
      return call;
    },
    counts: () => ({
      total,
      refused: dropped + log.filter(({ status }) => status === 429).length,
      routes: Object.fromEntries(routes),
      busiestMinute: busiest(log.map((call) => call.at)),
    }),
    log: () => log,
    reset() {
      log = [];
      routes = new Map();
      total = 0;
      dropped = 0;
    },
  };
}

function busiest(times: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [i, time] of times.entries()) {
    while ((times[from] ?? time) <= time - 60_000) from++;
    most = Math.max(most, i - from + 1);
  }
  return most;
}
