import DataLoader from 'dataloader';
import { sql } from 'kysely';
import { trunkStatusTypes } from '../events/catalogue.ts';
import { counted, timely } from '../events/timeliness.ts';
import { type Context, perOperation } from '../graph/context.ts';
import { badInput } from '../graph/errors.ts';
import { oneOf } from '../storage/pages.ts';
import type { TrunkRow } from '../storage/tables.ts';
import { eventRows } from './listing.ts';

interface Share {
  readonly trunk_key: string;
  readonly registered: number | string;
  readonly known: number | string;
}

type AvailabilityLoader = DataLoader<string, number | null>;

const loaders = perOperation(() => new Map<string, AvailabilityLoader>());

/**
 * The share of a stretch of time in which a trunk was registered, by its events; the time before the first is unknown and left out,
 * and so is the time to come. Null where nothing is known. All trunks with the same stretch are read in one statement.
 * @throws BAD_USER_INPUT where the stretch has no length.
 */
export function availabilityOf(
  context: Context,
  trunk: TrunkRow,
  from: Date,
  to: Date | null | undefined,
): Promise<number | null> {
  if (to != null && to <= from) throw badInput('"to" must be later than "from".', 'to');
  const made = loaders(context);
  const key = `${from.getTime()} ${to?.getTime()}`;
  const now = context.account.clock.now();
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

/** Each event begins a span that the trunk's next one ends; what counts of it lies within the stretch. */
async function readShares(
  context: Context,
  trunkKeys: readonly string[],
  from: number,
  to: number,
): Promise<readonly Share[]> {
  const { account, scope } = context;
  const found = await sql<Share>`
    select trunk_key, sum(length) as known,
      sum(case when type = 'TRUNK_REGISTERED' then length else 0 end) as registered
    from (
      select trunk_key, type, ends - (case when begins > ${from} then begins else ${from} end) as length
      from (
        select trunk_key, type, begins, coalesce(lead(begins) over (partition by trunk_key order by begins, seq), ${to}) as ends
        from (
          select trunk_key, type, seq, ${counted} as begins
          from events
          where account = ${scope.account} and ${eventRows.listing.visible(scope)} and ${oneOf('trunk_key', trunkKeys)}
            and ${oneOf('type', trunkStatusTypes)} and ${timely}
        ) as told
        where begins < ${to}
      ) as spans
      where ends > ${from}
    ) as parts
    group by trunk_key`.execute(account.storage.db);
  return found.rows;
}
