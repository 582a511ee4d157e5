import type { Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import type { TrunkListing } from '../didfarm/client.ts';
import { asInserted, columnsBeside, differs, inParts } from '../storage/rows.ts';
import type { Tables, TrunkRow } from '../storage/tables.ts';
import { mergeTrunks } from './merge.ts';

/** The trunks of an account within a transaction, found by either of their identities. What is learnt of them is written together. */
export interface KnownTrunks {
  readonly byUuid: ReadonlyMap<string, TrunkRow>;
  /** The trunk that a row of a listing is about. Two that turn out to be one become one; `merged` says so. */
  find(listed: TrunkListing): Promise<{ readonly row: TrunkRow | undefined; readonly merged: boolean }>;
  /** What a trunk is from now on, for {@link find} at once and for the database with {@link write}. */
  learn(before: TrunkRow | undefined, after: TrunkRow): Promise<void>;
  write(): Promise<void>;
}

const rowsPerStatement = 1_000;

export async function readKnownTrunks(trx: Transaction<Tables>, account: AccountId): Promise<KnownTrunks> {
  const byUuid = new Map<string, TrunkRow>();
  const byNumber = new Map<number, TrunkRow>();
  const unwritten = new Map<string, TrunkRow>();

  const remember = (row: TrunkRow) => {
    if (row.uuid !== null) byUuid.set(row.uuid, row);
    if (row.sip_trunk_id !== null) byNumber.set(row.sip_trunk_id, row);
  };
  for (const row of await trx.selectFrom('trunks').selectAll().where('account', '=', account).execute()) remember(row);

  const learn: KnownTrunks['learn'] = async (before, after) => {
    const number = before?.sip_trunk_id ?? null;
    if (number !== null && number !== after.sip_trunk_id) byNumber.delete(number);
    remember(after);
    if (!differs(before, after)) return;
    // Identities are unique, so what one gives up is written before another can take it.
    if (unwritten.has(after.trunk_key)) await write();
    unwritten.set(after.trunk_key, after);
  };
  const write = async () => {
    const rows = [...unwritten.values()];
    unwritten.clear();
    await writeTrunks(trx, rows);
  };

  return {
    byUuid,
    learn,
    write,
    async find({ uuid, sipTrunkId }) {
      const named = uuid === null ? undefined : byUuid.get(uuid);
      const numbered = sipTrunkId === null ? undefined : byNumber.get(sipTrunkId);
      if (numbered === undefined || numbered.trunk_key === named?.trunk_key) return { row: named, merged: false };
      if (numbered.uuid !== null && uuid !== null && numbered.uuid !== uuid) {
        // The number is another trunk's now. What the old one has must never become the new one's, so it only loses the number.
        await learn(numbered, { ...numbered, sip_trunk_id: null });
        await write();
        return { row: named, merged: false };
      }
      if (named === undefined) return { row: numbered, merged: false };
      await write();
      await mergeTrunks(trx, account, numbered, named);
      return { row: named, merged: true };
    },
  };
}

/** Each as it is now, in few statements. What a trunk was first seen at stays. */
export async function writeTrunks(trx: Transaction<Tables>, rows: readonly TrunkRow[]): Promise<void> {
  const learnt = asInserted(columnsBeside(rows, 'account', 'trunk_key', 'first_seen'));
  for (const some of inParts(rows, rowsPerStatement))
    await trx
      .insertInto('trunks')
      .values(some)
      .onConflict((conflict) => conflict.columns(['account', 'trunk_key']).doUpdateSet(learnt))
      .execute();
}
