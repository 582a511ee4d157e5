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

interface Data {
  readonly wallet?: {
    readonly balance?: { readonly amount: string };
    readonly asOf?: string;
    readonly spending?: readonly { readonly total: { readonly amount: string } }[];
  };
  readonly trunks?: { readonly nodes: readonly { readonly uuid: string; readonly status: string }[] };
  readonly numbers?: { readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } };
}

interface Answer {
  readonly data?: Data | null;
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

  const lookAtWallet = ({ balance, asOf }: NonNullable<Data['wallet']>) => {
    if (!balance || asOf === undefined) return;
    const now = clock.now();
    // The balance changes every few seconds: what the answer says of its own age is more exact, where it says it.
    const ages = [age(truth.balance.age(now, mills(balance.amount))), now - Date.parse(asOf)];
    worst.walletAge = Math.max(worst.walletAge, ...ages);
  };
  const lookAtTrunks = (trunks: NonNullable<Data['trunks']>) => {
    for (const { uuid, status } of trunks.nodes) {
      worst.trunkAge = Math.max(worst.trunkAge, age(truth.trunk(uuid).age(clock.now(), status.toLowerCase())));
    }
  };
  const lookAtBill = ({ spending }: NonNullable<Data['wallet']>) => {
    counts.bills += 1;
    const total = spending?.[0]?.total.amount ?? '0';
    if (age(truth.spent.age(clock.now(), mills(total))) <= 60_000) counts.rightBills += 1;
  };
  const look = ({ wallet, trunks, numbers }: Data, { kind, viewer }: Visit) => {
    if (wallet) lookAtWallet(wallet);
    if (trunks) lookAtTrunks(trunks);
    if (numbers) cursors.set(viewer, numbers.pageInfo.hasNextPage ? numbers.pageInfo.endCursor : null);
    if (kind === 'bill') lookAtBill(wallet ?? {});
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
    look(answer.data ?? {}, visit);
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
