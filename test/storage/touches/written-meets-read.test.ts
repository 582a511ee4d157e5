import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import {
  type AccountId,
  accountId,
  accountScope,
  clientKey,
  type Scope,
  scopeOf as scopeOfViewer,
} from '../../../src/access/viewer.ts';
import { createSnapshotRows } from '../../../src/cache/snapshot-rows.ts';
import { clientRows } from '../../../src/clients/listing.ts';
import { beat } from '../../../src/events/heartbeat.ts';
import { appendEvent, appendOwn, firstSeq, lastSeq, readEvents } from '../../../src/events/log.ts';
import { trimDigests, trimStretch } from '../../../src/events/trim.ts';
import { messageRows } from '../../../src/messages/listing.ts';
import { numberRows } from '../../../src/numbers/listing.ts';
import {
  findOperation,
  findSteps,
  insertOperation,
  updateOperation,
  writeStep,
} from '../../../src/operations/store.ts';
import { orderRows } from '../../../src/orders/listing.ts';
import type { Storage } from '../../../src/storage/database.ts';
import { contains, countRows, type Listing, readPages, readRows } from '../../../src/storage/pages.ts';
import { searchPages } from '../../../src/storage/search.ts';
import { meets, type Touch } from '../../../src/storage/touch.ts';
import { writeTrunks } from '../../../src/trunks/known.ts';
import { trunkRows } from '../../../src/trunks/listing.ts';
import { mergeTrunks } from '../../../src/trunks/merge.ts';
import { regroup } from '../../../src/trunks/regroup.ts';
import { attribute } from '../../../src/wallet/attribution.ts';
import { transactionRows } from '../../../src/wallet/listing.ts';
import { readMirror, writeMirror } from '../../../src/wallet/mirror-state.ts';
import { clientSpending, walletSpending } from '../../../src/wallet/spending.ts';
import { createSpendingChanges } from '../../../src/wallet/spending-days.ts';
import { storeTransactions } from '../../../src/wallet/store.ts';
import { eachDatabase } from '../../support/databases.ts';

const [one, two] = [accountId('one'), accountId('two')];
const trunks = ['t1', 't2'];
const clients = ['acme', 'bolt'];
const e164s = ['+311', '+312'];
const now = 1_800_000_000_000;
const span = { from: '2000-01-01', to: '2100-01-01', granularity: 'TOTAL' } as const;
const whole = { limit: 3, after: null, before: null, backward: false };

/** Everything that a draw can choose from. */
interface Draw {
  readonly account: AccountId;
  readonly trunk: string;
  readonly other: string;
  readonly client: string;
  readonly e164: string;
  readonly id: number;
}

const draws: fc.Arbitrary<Draw> = fc.record({
  // Mostly the same, so that what is written is often what is read.
  account: fc.oneof({ arbitrary: fc.constant(one), weight: 4 }, { arbitrary: fc.constant(two), weight: 1 }),
  trunk: fc.constantFrom(...trunks),
  other: fc.constantFrom(...trunks),
  client: fc.constantFrom(...clients),
  e164: fc.constantFrom(...e164s),
  id: fc.integer({ min: 1, max: 2 }),
});

const trunkRow = ({ account, trunk, client, id }: Draw) => ({
  ...{ account, trunk_key: trunk, uuid: trunk, sip_trunk_id: null, name: `${client} ${id}`, sip_server: null },
  ...{ username: null, auth_type: null, status: 'REGISTERED', raw_status: null, status_since: null, status_seen: null },
  ...{ seen_name: null, client_key: client, client_name: client, client_override: null, first_seen: 1 },
});
const event = ({ trunk, client, e164, id }: Draw) => ({
  ...{ digest: `digest ${id}`, type: 'TRUNK_REGISTERED', name: 'trunk.registered', source: 'WEBHOOK', at: id },
  ...{ received_at: id, e164, trunk_key: trunk, client_key: client, order_id: null, message_id: null, data: '{}' },
  applied: 1 as const,
});
const listed = ({ e164, id }: Draw) => ({
  ...{ transactionId: `x${id}`, amount: `-${id}`, currency: 'EUR', kind: 'debit', description: null, createdAt: now },
  ...{ referenceType: 'did_number', referenceId: e164 },
});
const operation = ({ id }: Draw) => ({
  ...{ mutation: 'checkout', fingerprint: '', input: '{}', status: 'PENDING', started_at: id, finished_at: null },
  ...{ result: null, error: null, owner: 'me', findings: null, review: 0 },
});
const step = ({ id }: Draw) => ({
  ...{ position: 0, name: 'checkout', status: 'PENDING', at: id, sent_at: null, evidence: null, result: null },
  ...{ looks: 0, looked_at: null, judged: null },
});
const keyOf = ({ account, id }: Draw) => ({ account, viewer: 'me', idempotencyKey: `key ${id % 2}` });
const scopeOf = ({ account, client, id }: Draw): Scope =>
  id % 2 === 0
    ? scopeOfViewer({ account, name: 'portal', role: 'CLIENT', client: clientKey(client) })
    : accountScope(account);

const named = { ...trunkRows.listing, columns: ['trunk_key', 'name', 'client_key'] as const };

type Read = (storage: Storage, draw: Draw) => Promise<unknown>;
type Write = (storage: Storage, draw: Draw) => Promise<unknown>;

const pagesOf = <Row>(listing: Listing<Row>, column: string): readonly Read[] => [
  (storage, draw) => readPages(storage, listing, scopeOf(draw), [[]], whole),
  (storage, draw) => countRows(storage, listing, scopeOf(draw), [[sql`${sql.ref(column)} = ${draw.trunk}`], []]),
  (storage, draw) => readPages(storage, listing, scopeOf(draw), [[sql`${sql.ref(column)} = ${draw.trunk}`], []], whole),
];

/** As the gateway reads: through its own functions. */
const reads: readonly Read[] = [
  ...pagesOf(numberRows.listing, 'trunk_key'),
  ...pagesOf(trunkRows.listing, 'trunk_key'),
  ...pagesOf(transactionRows.listing, 'trunk_key'),
  ...pagesOf(messageRows.listing, 'trunk_key'),
  ...pagesOf(orderRows.listing, 'total'),
  ...pagesOf(clientRows.listing, 'client_name'),
  (storage, draw) => readRows(storage, numberRows.listing, scopeOf(draw), 'e164', [draw.e164]),
  (storage, draw) => readRows(storage, trunkRows.listing, scopeOf(draw), 'trunk_key', [draw.trunk, draw.other]),
  (storage, draw) => readRows(storage, clientRows.listing, scopeOf(draw), 'client_key', [draw.client]),
  (storage, draw) => readRows(storage, named, scopeOf(draw), 'trunk_key', [draw.trunk]),
  (storage, draw) => readRows(storage, transactionRows.listing, scopeOf(draw), 'transaction_id', [`x${draw.id}`]),
  (storage, draw) =>
    searchPages(storage, numberRows.listing, scopeOf(draw), [[]], whole, {
      scanned: [contains('e164', draw.e164.slice(1))],
      pause: async () => undefined,
    }),
  // Some columns alone.
  ({ db }, { account }) =>
    db
      .selectFrom('trunks')
      .select(['name', 'client_name'])
      .where('account', '=', account)
      .orderBy('trunk_key')
      .execute(),
  ({ db }, { account, trunk }) =>
    db.selectFrom('trunks').select('status').where('account', '=', account).where('trunk_key', '=', trunk).execute(),
  ({ db }, { account, client }) =>
    db
      .selectFrom('trunks as t')
      .innerJoin('numbers as n', (join) =>
        join.onRef('n.trunk_key', '=', 't.trunk_key').onRef('n.account', '=', 't.account'),
      )
      .select(['n.e164', 't.raw_status'])
      .where('t.account', '=', account)
      .where('n.city', '=', client)
      .orderBy('n.e164')
      .execute(),
  (storage, { account, id }) =>
    sql`with known as (select trunk_key, status_since as since from trunks where account = ${account})
      select * from known where since > ${id} order by trunk_key`.execute(storage.db),
  ({ db }, { account }) => lastSeq(db, account),
  ({ db }, { account }) => firstSeq(db, account),
  (storage, draw) => readEvents(storage, scopeOf(draw), [], { after: 0, upTo: 100, limit: 10 }),
  (storage, draw) => walletSpending(storage, scopeOf(draw), span),
  (storage, draw) => clientSpending(storage, scopeOf(draw), [draw.client], span),
  ({ db }, draw) => findOperation(db, keyOf(draw)),
  ({ db }, draw) => findSteps(db, keyOf(draw)),
  ({ db }, { account }) => readMirror(db, account),
  (storage, { account, id }) => createSnapshotRows(storage, () => now).find(account, `search?${id}`),
  (storage, { account }) => createSnapshotRows(storage, () => now).states(account),
  ({ db }, { account }) => db.selectFrom('blind_stretches').selectAll().where('account', '=', account).execute(),
];

/** As the gateway writes. */
const writes: readonly Write[] = [
  (storage, draw) => storage.transaction((trx) => writeTrunks(trx, [trunkRow(draw)])),
  ({ db }, { account, trunk, id, client }) =>
    db
      .updateTable('trunks')
      .set(id % 2 === 0 ? { status: client, status_since: id } : { raw_status: client })
      .where('account', '=', account)
      .where('trunk_key', '=', trunk)
      .execute(),
  ({ db }, { account, trunk, client, id }) =>
    db
      .updateTable('trunks')
      .set({ name: `${client} ${id}` })
      .where('account', '=', account)
      .where('trunk_key', '=', trunk)
      .execute(),
  (storage, draw) =>
    draw.trunk === draw.other
      ? Promise.resolve()
      : storage.transaction((trx) =>
          mergeTrunks(trx, draw.account, trunkRow(draw), { ...trunkRow(draw), trunk_key: draw.other }),
        ),
  (storage, draw) =>
    storage.transaction((trx) => regroup(trx, draw.account, [{ trunk_key: draw.trunk, client_key: draw.client }])),
  ({ db }, { account, e164, trunk, client }) =>
    db
      .insertInto('numbers')
      .values({
        ...{ account, e164, did_number_id: null, country: 'NL', type: 'LOCAL', raw_type: null, city: null },
        ...{ status: 'ACTIVE', status_since: null, regulatory_status: 'UNKNOWN', regulatory_since: null },
        ...{ sms_enabled: null, monthly_rate: null, setup_fee: null, trunk_key: trunk, client_key: client },
        ...{ order_id: null, trunk_since: null },
      })
      .onConflict((conflict) => conflict.columns(['account', 'e164']).doUpdateSet({ trunk_key: trunk }))
      .execute(),
  ({ db }, { account, e164, client }) =>
    db.updateTable('numbers').set({ city: client }).where('account', '=', account).where('e164', '=', e164).execute(),
  ({ db }, { account, e164 }) =>
    db.deleteFrom('numbers').where('account', '=', account).where('e164', '=', e164).execute(),
  ({ db }, { account, e164 }) => {
    const free = e164s.find((each) => each !== e164) ?? e164;
    const isTaken = sql<boolean>`exists (select 1 from numbers as n where n.account = ${account} and n.e164 = ${free})`;
    const moved = db.updateTable('numbers').set({ e164: free }).where('account', '=', account).where('e164', '=', e164);
    return moved.where((eb) => eb.not(isTaken)).execute();
  },
  ({ db }, { account, id, trunk, client }) =>
    db
      .insertInto('messages')
      .values({
        ...{ account, message_id: `m${id}`, direction: 'INBOUND', sender: 'a', recipient: 'b', body: '', status: 'X' },
        ...{ raw_status: null, segments: 1, cost: null, currency: null, at: id, e164: null },
        ...{ trunk_key: trunk, client_key: client },
      })
      .onConflict((conflict) => conflict.columns(['account', 'message_id']).doUpdateSet({ trunk_key: trunk }))
      .execute(),
  ({ db }, { account, id }) =>
    db
      .insertInto('orders')
      .values({ account, order_id: id, placed_at: id, total: null, requires_regulatory: 0 })
      .onConflict((conflict) => conflict.columns(['account', 'order_id']).doUpdateSet({ placed_at: id + 1 }))
      .execute(),
  (storage, draw) => storage.transaction((trx) => appendEvent(trx, draw.account, event(draw))),
  (storage, draw) =>
    storage.transaction((trx) =>
      appendOwn(trx, draw.account, [{ ...event(draw), confirmed_at: null, confirmed_name: null }]),
    ),
  (storage, { account, id }) =>
    storage.transaction((trx) => trimStretch(trx, account, { since: id, count: id, digestsSince: 0 })),
  (storage, { account, id }) => storage.transaction((trx) => trimDigests(trx, account, id)),
  (storage, { account, id }) => storage.transaction((trx) => beat(trx, account, id * 100_000_000_000)),
  (storage, draw) => storage.transaction((trx) => storeTransactions(trx, draw.account, [listed(draw)])),
  (storage, { account, e164, trunk }) =>
    storage.transaction((trx) => attribute(trx, account, { numbers: [e164], trunks: [trunk] })),
  (storage, draw) =>
    storage.transaction(async (trx) => {
      const changes = createSpendingChanges();
      const spent = { amount_e8: -draw.id, currency: 'EUR', kind: null, created_at: now, reference_type: 'NUMBER' };
      changes.add(draw.trunk, spent);
      await changes.write(trx, draw.account);
    }),
  ({ db }, draw) => insertOperation(db, keyOf(draw), operation(draw)),
  ({ db }, draw) => updateOperation(db, keyOf(draw), { started_at: draw.id }),
  ({ db }, draw) => writeStep(db, keyOf(draw), step(draw)),
  (storage, { account, id }) =>
    storage.transaction((trx) =>
      writeMirror(trx, account, { newest: null, holes: [], rows: id, missing: 0, unreadable: [] }),
    ),
  (storage, { account, id }) => createSnapshotRows(storage, () => now).store(account, `search?${id}`, { id }, now - id),
  (storage, { account, id }) => createSnapshotRows(storage, () => now).store(account, 'trunks', { rows: id }, now),
  (storage, { account, id }) => createSnapshotRows(storage, () => now).fail(account, 'trunks', `error ${id}`),
  (storage, { account, id }) => createSnapshotRows(storage, () => now).expire(account, `search?${id}`),
  (storage, { account }) => createSnapshotRows(storage, () => now).prune(account, 'search', 1),
];

interface Result {
  readonly result: string;
  readonly touches: readonly Touch[];
}

/** Which reads give something else, though nothing that was written meets what they read. */
function untoldChanges(before: readonly Result[], after: readonly Result[], written: readonly Touch[]): number[] {
  return before.flatMap(({ result, touches }, index) => {
    const isTold = touches.some((read) => written.some((each) => meets(read, each)));
    return isTold || after[index]?.result === result ? [] : [index % reads.length];
  });
}

eachDatabase('what is written meets what it changes for a reader', (open, { durable }) => {
  // Without a disk each is done, in any order, and more often.
  const size = durable ? { minLength: 10, maxLength: 10 } : { minLength: writes.length };
  const deeds = fc.shuffledSubarray([...writes.keys()], size);
  const manyDraws = fc.array(draws, { minLength: writes.length, maxLength: writes.length });

  test('whatever is read and written', async () => {
    const touched = { reads: [] as Touch[], writes: [] as Touch[] };
    const observe = {
      read: (touch: Touch) => void touched.reads.push(touch),
      written: (touch: Touch) => void touched.writes.push(touch),
    };
    const readAll = async (storage: Storage, asked: readonly Draw[]) => {
      const read: Result[] = [];
      for (const draw of asked) {
        for (const one of reads) {
          touched.reads = [];
          const result = JSON.stringify(await one(storage, draw));
          read.push({ result, touches: touched.reads });
        }
      }
      return read;
    };
    const property = fc.asyncProperty(deeds, manyDraws, fc.tuple(draws, draws), async (done, drawn, asked) => {
      const storage = await open(undefined, { observe });
      // Some of everything is there already.
      for (const draw of drawn.slice(0, 3)) for (const one of writes) await one(storage, draw);
      let before = await readAll(storage, asked);
      for (const [place, which] of done.entries()) {
        touched.writes = [];
        const draw = drawn.at(-1 - place);
        if (draw !== undefined) await writes[which]?.(storage, draw);
        const after = await readAll(storage, asked);
        const untold = untoldChanges(before, after, touched.writes);
        expect(untold, `of write ${which}`).toEqual([]);
        before = after;
      }
      await storage.close();
    });
    await fc.assert(property, { numRuns: durable ? 1 : 4 });
  });
});
