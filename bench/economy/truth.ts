import type { Sandbox } from '../../src/sandbox/sandbox.ts';

/** What was so when, to tell how old something is that is shown. */
export interface Past<T> {
  observe(now: number, value: T): void;
  /** Milliseconds since it was last so; 0 where it still is; null where it never was. */
  age(now: number, value: T): number | null;
}

function createPast<T>(): Past<T> {
  const spans: { readonly value: T; until: number }[] = [];
  return {
    observe(now, value) {
      const last = spans.at(-1);
      if (last && last.value === value) last.until = now;
      else spans.push({ value, until: now });
    },
    age(now, value) {
      const span = spans.findLast((each) => each.value === value);
      if (!span) return null;
      return span === spans.at(-1) ? 0 : now - span.until;
    },
  };
}

/** DIDfarm's own books of one sandbox, and things that change in them while viewers look. */
export interface Truth {
  /** Changes what is due, and notes what is so now. */
  tick(now: number): void;
  /** In thousandths of a euro, so that spellings of an amount compare. */
  readonly balance: Past<number>;
  readonly spent: Past<number>;
  trunk(uuid: string): Past<string>;
}

/** A top-up arrives every five seconds, and every ten seconds another trunk drops or returns. */
const topUpEvery = 5_000;
const trunkEvery = 10_000;

export function createTruth({ control }: Sandbox, span: { readonly from: string; readonly to: string }): Truth {
  const { wallet, trunks } = control.world;
  const balance = createPast<number>();
  const spent = createPast<number>();
  const statuses = new Map(trunks.all().map(({ uuid }) => [uuid, createPast<string>()]));
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  let known = 0;
  let total = 0;
  let nextTopUp: number | undefined;
  let nextTrunk: number | undefined;
  let turn = 0;

  const addRows = () => {
    for (const row of wallet.newest(0, wallet.count() - known)) {
      if (row.referenceType !== null && row.createdAt >= from && row.createdAt < to) total -= row.amount;
    }
    known = wallet.count();
  };
  const flip = () => {
    const trunk = trunks.all()[turn++ % trunks.all().length];
    if (trunk) control.setTrunkStatus(trunk.uuid, trunk.status === 'registered' ? 'offline' : 'registered');
  };

  return {
    balance,
    spent,
    trunk(uuid) {
      const past = statuses.get(uuid);
      if (!past) throw new Error(`A trunk is shown that does not exist: ${uuid}`);
      return past;
    },
    tick(now) {
      if (nextTopUp !== undefined && now >= nextTopUp) control.topUp('0.01');
      if (nextTopUp === undefined || now >= nextTopUp) nextTopUp = now + topUpEvery;
      if (nextTrunk !== undefined && now >= nextTrunk) flip();
      if (nextTrunk === undefined || now >= nextTrunk) nextTrunk = now + trunkEvery;
      addRows();
      balance.observe(now, wallet.balance());
      spent.observe(now, total);
      for (const { uuid, status } of trunks.all()) statuses.get(uuid)?.observe(now, status);
    },
  };
}
