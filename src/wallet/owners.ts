import { sql, type Transaction } from 'kysely';
import type { AccountId } from '../access/viewer.ts';
import { inParts } from '../storage/rows.ts';
import type { Tables } from '../storage/tables.ts';
import { namesOfNumber, namesOfTrunk, orderIdIn, type Reference, referenceKey } from './references.ts';

/** What a reference resolves to, and to whom its money is attributed. */
export interface Owner {
  readonly e164: string | null;
  readonly trunk_key: string | null;
  readonly client_key: string | null;
}

/** What is looked for in one statement. */
const namesPerStatement = 5_000;
const wholeNumber = /^\d{1,15}$/;

/** The owners of references, by {@link referenceKey}, as far as the picture knows them now. */
export async function findOwners(
  trx: Transaction<Tables>,
  account: AccountId,
  references: readonly Reference[],
): Promise<ReadonlyMap<string, Owner>> {
  const owners = new Map<string, Owner>();
  for (const some of inParts(references, namesPerStatement)) {
    const named = (type: string) => some.filter((each) => each.type === type).map((each) => each.id);
    await addNumbers(trx, account, named('NUMBER'), owners);
    await addTrunks(trx, account, named('TRUNK'), owners);
    await addOrders(trx, account, some, owners);
  }
  return owners;
}

const wholeNumbers = (names: readonly string[]) => names.filter((name) => wholeNumber.test(name)).map(Number);

async function addNumbers(
  trx: Transaction<Tables>,
  account: AccountId,
  names: readonly string[],
  owners: Map<string, Owner>,
): Promise<void> {
  if (names.length === 0) return;
  const asked = new Set(names);
  const found = await trx
    .selectFrom('numbers')
    .select(['e164', 'did_number_id', 'trunk_key', 'client_key'])
    .where('account', '=', account)
    .where((eb) =>
      eb.or([
        eb('e164', 'in', [...names, ...names.map((name) => `+${name}`)]),
        eb('did_number_id', 'in', [0, ...wholeNumbers(names)]),
      ]),
    )
    .execute();
  // A did_number_id outweighs another number's digits: it is what DIDfarm is published to write.
  const byWeight = found.flatMap((row) => namesOfNumber(row).map((name) => ({ name, row })));
  byWeight.sort(
    (a, b) => Number(a.name === String(a.row.did_number_id)) - Number(b.name === String(b.row.did_number_id)),
  );
  for (const { name, row } of byWeight) {
    if (!asked.has(name)) continue;
    const { e164, trunk_key, client_key } = row;
    owners.set(referenceKey({ type: 'NUMBER', id: name }), { e164, trunk_key, client_key });
  }
}

async function addTrunks(
  trx: Transaction<Tables>,
  account: AccountId,
  names: readonly string[],
  owners: Map<string, Owner>,
): Promise<void> {
  if (names.length === 0) return;
  const found = await trx
    .selectFrom('trunks')
    .select(['trunk_key', 'uuid', 'sip_trunk_id', 'client_key'])
    .where('account', '=', account)
    .where((eb) => eb.or([eb('uuid', 'in', [...names]), eb('sip_trunk_id', 'in', [0, ...wholeNumbers(names)])]))
    .execute();
  for (const row of found) {
    const owner = { e164: null, trunk_key: row.trunk_key, client_key: row.client_key };
    for (const id of namesOfTrunk(row)) owners.set(referenceKey({ type: 'TRUNK', id }), owner);
  }
}

/** An order is a client's where every number known of it hangs on a trunk of that one client. */
async function addOrders(
  trx: Transaction<Tables>,
  account: AccountId,
  references: readonly Reference[],
  owners: Map<string, Owner>,
): Promise<void> {
  const byId = Map.groupBy(references, orderIdIn);
  byId.delete(null);
  if (byId.size === 0) return;
  const found = await sql<{ order_id: number; trunk_key: string; client_key: string }>`
    select order_id, min(trunk_key) as trunk_key, min(client_key) as client_key
    from numbers
    where account = ${account} and order_id in (${sql.join([...byId.keys()])})
    group by order_id
    having count(*) = count(trunk_key) and count(distinct client_key) = 1`.execute(trx);
  for (const { order_id, trunk_key, client_key } of found.rows) {
    for (const reference of byId.get(Number(order_id)) ?? [])
      owners.set(referenceKey(reference), { e164: null, trunk_key, client_key });
  }
}
