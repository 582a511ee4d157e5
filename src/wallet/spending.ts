import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../access/viewer.ts';
import { badInput } from '../graph/errors.ts';
import { euros, fromE8, type Money } from '../graph/money.ts';
import type { Storage } from '../storage/database.ts';
import { ownClient } from '../storage/pages.ts';
import { dayOf, wholeWallet } from './spending-days.ts';

/** Granularity of the graph. */
export type Granularity = 'DAY' | 'MONTH' | 'TOTAL';

/** Days are YYYY-MM-DD in UTC; `to` is exclusive. */
export interface Span {
  readonly from: string;
  readonly to: string;
  readonly granularity: Granularity;
}

/** What was spent in a period, in euros; `end` is exclusive. */
export interface SpendingPeriod {
  readonly start: string;
  readonly end: string;
  readonly total: Money;
  readonly count: number;
}

interface SpendingRow {
  readonly client_key: string;
  readonly period: string;
  readonly spent_e8: string;
  readonly count: string;
}

/** Some ten years: what a caller can want to draw, and a bound to what is answered. */
const mostDays = 3_700;

/** How much of YYYY-MM-DD names a period. */
const periodLength: Readonly<Record<Granularity, number>> = { DAY: 10, MONTH: 7, TOTAL: 0 };

/** @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function checkSpan({ from, to, granularity }: Span): void {
  if (from >= to) throw badInput(`"from" is before "to", which is exclusive; these are ${from} and ${to}.`, 'from');
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  if (granularity === 'DAY' && days > mostDays)
    throw badInput(`By DAY a span is ${mostDays} days at most; this one is ${days}. Ask by MONTH.`, 'granularity');
}

/** What the whole wallet spent, the oldest period first; only periods that have a transaction. */
export async function walletSpending(storage: Storage, scope: Scope, span: Span): Promise<readonly SpendingPeriod[]> {
  if (scope.client !== null) return [];
  const found = await sql<SpendingRow>`
    select '' as client_key, ${sums(span)}
    from spending_days as days
    where days.account = ${scope.account} and days.trunk_key = ${wholeWallet} and ${within(span)}
    group by period having sum(days.count) > 0 order by period`.execute(storage.db);
  return found.rows.map((row) => present(row, span));
}

/** What each client's trunks spent, in the order of the keys: one statement for all of them. */
export async function clientSpending(
  storage: Storage,
  scope: Scope,
  clients: readonly string[],
  span: Span,
): Promise<readonly (readonly SpendingPeriod[])[]> {
  const found = await sql<SpendingRow>`
    select client_key, ${sums(span)}
    from trunks
    join spending_days as days on days.account = trunks.account and days.trunk_key = trunks.trunk_key
    where trunks.account = ${scope.account} and ${ownClient(scope)} and client_key in (${sql.join(clients)})
      and ${within(span)}
    group by client_key, period having sum(days.count) > 0 order by client_key, period`.execute(storage.db);
  const byClient = Map.groupBy(found.rows, (row) => row.client_key);
  return clients.map((client) => (byClient.get(client) ?? []).map((row) => present(row, span)));
}

/** As text, since a sum may be more than a JavaScript number holds. */
function sums({ granularity }: Span): RawBuilder<unknown> {
  return sql`substr(days.day, 1, ${sql.lit(periodLength[granularity])}) as period,
    cast(sum(days.spent_e8) as text) as spent_e8, cast(sum(days.count) as text) as count`;
}

/** The wallet is in euros; what DIDfarm took in another currency cannot be added to them, and is left out. */
function within({ from, to }: Span): RawBuilder<unknown> {
  return sql`days.day >= ${from} and days.day < ${to} and days.currency = 'EUR'`;
}

function present(row: SpendingRow, span: Span): SpendingPeriod {
  const { start, end } = bounds(row.period, span);
  return {
    start: start < span.from ? span.from : start,
    end: end > span.to ? span.to : end,
    total: euros(fromE8(BigInt(row.spent_e8))),
    count: Number(row.count),
  };
}

function bounds(period: string, { from, to, granularity }: Span): { start: string; end: string } {
  if (granularity === 'TOTAL') return { start: from, end: to };
  if (granularity === 'DAY') return { start: period, end: dayOf(Date.parse(period) + 86_400_000) };
  const [year, month] = period.split('-').map(Number);
  return { start: `${period}-01`, end: dayOf(Date.UTC(year ?? 0, month ?? 0, 1)) };
}
