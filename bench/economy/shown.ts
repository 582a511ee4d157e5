import type { Visit } from './day.ts';
import type { System } from './systems.ts';
import type { Truth } from './truth.ts';

/** What viewers got to see. Ages and waits in milliseconds on the day's clock. */
export interface Shown {
  readonly asked: number;
  readonly answered: number;
  /** Why the others were not, and how often. */
  readonly problems: ReadonlyMap<string, number>;
  readonly walletAge: number;
  readonly trunkAge: number;
  readonly bills: number;
  readonly rightBills: number;
  readonly longestWait: number;
  /** Answers that took more than a second. */
  readonly late: number;
}

interface Answer {
  readonly data?: {
    readonly wallet?: {
      readonly balance?: { readonly amount: string };
      readonly spending?: readonly { readonly total: { readonly amount: string } }[];
    };
    readonly trunks?: { readonly nodes: readonly { readonly uuid: string; readonly status: string }[] };
    readonly numbers?: { readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } };
  } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Asks for the viewers, and compares what they are shown with the truth at the moment it is shown. */
export interface Spending {
  ask(visit: Visit): void;
  /** Where each viewer is in the numbers. */
  readonly cursors: ReadonlyMap<number, string | null>;
  waiting(): number;
  seen(): Shown;
}

const mills = (amount: string) => Math.round(Number(amount) * 1000);

export function spend({ fetch, clock }: System, truth: Truth): Spending {
  const cursors = new Map<number, string | null>();
  const problems = new Map<string, number>();
  const counts = { asked: 0, answered: 0, waiting: 0, late: 0, bills: 0, rightBills: 0 };
  const worst = { walletAge: 0, trunkAge: 0, longestWait: 0 };
  const failed = (problem: string): void => {
    problems.set(problem, (problems.get(problem) ?? 0) + 1);
  };

  /** What never was so is the worst that can be shown. */
  const age = (of: number | null) => of ?? Number.POSITIVE_INFINITY;

  const look = ({ data }: Answer, visit: Visit) => {
    const now = clock.now();
    const balance = data?.wallet?.balance;
    if (balance) worst.walletAge = Math.max(worst.walletAge, age(truth.balance.age(now, mills(balance.amount))));
    for (const { uuid, status } of data?.trunks?.nodes ?? []) {
      worst.trunkAge = Math.max(worst.trunkAge, age(truth.trunk(uuid).age(now, status.toLowerCase())));
    }
    const page = data?.numbers?.pageInfo;
    if (page) cursors.set(visit.viewer, page.hasNextPage ? page.endCursor : null);
    if (visit.kind !== 'bill') return;
    counts.bills += 1;
    const shown = data?.wallet?.spending?.[0]?.total.amount ?? '0';
    if (age(truth.spent.age(now, mills(shown))) <= 60_000) counts.rightBills += 1;
  };

  const run = async (visit: Visit): Promise<void> => {
    const asked = clock.now();
    const { query, variables } = visit;
    const response = await fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query, variables }),
      }),
    );
    const answer = (await response.json()) as Answer;
    const [error] = answer.errors ?? [];
    if (error) return failed(`${visit.kind}: ${error.extensions?.code ?? ''} ${error.message}`.slice(0, 120));
    counts.answered += 1;
    const waited = clock.now() - asked;
    worst.longestWait = Math.max(worst.longestWait, waited);
    if (waited > 1_000) counts.late += 1;
    look(answer, visit);
  };

  return {
    cursors,
    ask(visit) {
      counts.asked += 1;
      counts.waiting += 1;
      run(visit)
        .catch((error: unknown) => failed(`${visit.kind}: ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => {
          counts.waiting -= 1;
        });
    },
    waiting: () => counts.waiting,
    seen: () => ({ ...counts, ...worst, problems }),
  };
}
