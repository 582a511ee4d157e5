import DataLoader from 'dataloader';
import { type RawBuilder, sql } from 'kysely';
import { noteUnkeepable } from '../cache/reading.ts';
import { tellsTrunkStatus } from '../events/catalogue.ts';
import { counted, timely } from '../events/timeliness.ts';
import { type Context, perOperation } from '../graph/context.ts';
import { badInput } from '../graph/errors.ts';
import { oneOf } from '../storage/pages.ts';
import type { ShownTrunk } from '../storage/tables.ts';
import { eventRows } from './listing.ts';

type Value = RawBuilder<unknown>;

/** The statuses that count, by the names of their events: the others say that nothing is known. */
const knownStatuses = ['trunk.registered', 'trunk.offline', 'trunk.provisioning'];
/** Later than any moment. */
const endless = sql.lit(Number.MAX_SAFE_INTEGER);

interface Share {
  readonly trunk_key: string;
  readonly registered: number | string;
  readonly known: number | string;
}

type AvailabilityLoader = DataLoader<string, number | null>;

const loaders = perOperation(() => new Map<string, AvailabilityLoader>());

/**
 * The share of a stretch of time in which a trunk was registered, by its events. Left out is what is unknown: the time before the first
 * and the time to come among it. Null where nothing is known. All trunks with the same stretch are read in one statement.
 * @throws BAD_USER_INPUT where the stretch has no length.
 */
export function availabilityOf(
  context: Context,
  trunk: Pick<ShownTrunk, 'trunk_key'>,
  from: Date,
  to: Date | null | undefined,
): Promise<number | null> {
  if (to != null && to <= from) throw badInput('"to" must be later than "from".', 'to');
  const made = loaders(context);
  const key = `${from.getTime()} ${to?.getTime()}`;
  const now = context.account.clock.now();
  if (to == null || to.getTime() > now) noteUnkeepable('as of now');
  const loader = made.get(key) ?? createLoader(context, from.getTime(), Math.min(to?.getTime() ?? now, now));
  made.set(key, loader);
  return loader.load(trunk.trunk_key);
}

function createLoader(context: Context, from: number, to: number): AvailabilityLoader {
  return new DataLoader(async (trunkKeys) => {
    const shares = new Map((await readShares(context, trunkKeys, from, to)).map((share) => [share.trunk_key, share]));
    return trunkKeys.map((trunkKey) => {
      const share = shares.get(trunkKey);
      return share === undefined || Number(share.known) === 0 ? null : Number(share.registered) / Number(share.known);
    });
  });
}

/**
 * Each event begins a span that the trunk's next one ends. Where the next one is a listing's that showed another status, the change came
 * at an unknown time since the old one was last seen; a status that nobody knows is none, and neither is one of a time whose webhooks
 * were dropped. What counts of a span lies within the stretch.
 */
async function readShares(
  context: Context,
  trunkKeys: readonly string[],
  from: number,
  to: number,
): Promise<readonly Share[]> {
  const { account, scope } = context;
  const own = sql`account = ${scope.account} and ${eventRows.listing.visible(scope)} and ${oneOf('trunk_key', trunkKeys)}`;
  const found = await sql<Share>`
    with told as (
      select trunk_key, seq, name, source, ${counted} as begins, confirmed_at, confirmed_name
      from events where ${own} and ${tellsTrunkStatus} and ${timely}
      union all
      select trunk_key, seq, name, source, ${counted} as begins, confirmed_at, confirmed_name
      from trimmed_statuses where ${own}
    ),
    spans as (
      select trunk_key, name, begins, lead(name) over later as next_name, lead(source) over later as next_source,
        lead(confirmed_at) over later as confirmed_at, lead(confirmed_name) over later as confirmed_name, lead(begins) over later as next_begins
      from told
      window later as (partition by trunk_key order by begins, seq)
    ),
    known as (
      select trunk_key, name, ${larger(sql`begins`, sql`${from}`)} as begins, ${smaller(knownUntil, sql`${to}`)} as ends
      from spans where ${oneOf('name', knownStatuses)}
    ),
    lengths as (
      select trunk_key, name, ends - begins - coalesce((
        select sum(${smaller(sql`blind.ends`, sql`known.ends`)} - ${larger(sql`blind.begins`, sql`known.begins`)})
        from blind_stretches as blind
        where blind.account = ${scope.account} and blind.begins < known.ends and blind.ends > known.begins
      ), 0) as length
      from known where ends > begins
    )
    select trunk_key, sum(length) as known, sum(case when name = 'trunk.registered' then length else 0 end) as registered
    from lengths group by trunk_key`.execute(account.storage.db);
  return found.rows;
}

/** Until when listings still showed a status. */
const seen = sql`case when confirmed_name = name then confirmed_at else begins end`;

/** Within the columns of `spans`: the end of what is known of one. */
const knownUntil = sql`case
  when next_begins is null then ${endless}
  when next_source = 'RECONCILED' and next_name <> name
    then ${larger(sql`begins`, smaller(seen, sql`next_begins`))}
  else next_begins end`;

function larger(one: Value, other: Value): Value {
  return sql`case when ${one} > ${other} then ${one} else ${other} end`;
}

function smaller(one: Value, other: Value): Value {
  return sql`case when ${one} < ${other} then ${one} else ${other} end`;
}
