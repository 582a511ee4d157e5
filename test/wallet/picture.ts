import { accountId, clientKey } from '../../src/access/viewer.ts';
import type { TransactionListing } from '../../src/didfarm/client.ts';
import type { Storage } from '../../src/storage/database.ts';
import type { NumberRow, TransactionRow, TrunkRow } from '../../src/storage/tables.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { storeTransactions } from '../../src/wallet/store.ts';

export const acme = accountId('acme');

/** A row as DIDfarm lists it: an SMS of one euro that refers to nothing, unless said otherwise. */
export function listed(transactionId: string, given: Partial<TransactionListing> = {}): TransactionListing {
  return {
    transactionId,
    amount: '-1.00',
    currency: 'EUR',
    kind: 'sms',
    description: null,
    createdAt: Date.parse('2026-04-05T12:00:00Z'),
    referenceType: null,
    referenceId: null,
    ...given,
  };
}

/** The picture of one account, written as the subjects write it. */
export function createPicture(storage: Storage, account = acme) {
  const { db } = storage;
  return {
    store: (...rows: TransactionListing[]) => storage.transaction((trx) => storeTransactions(trx, account, rows)),
    async trunk(given: Partial<TrunkRow> & { trunk_key: string; client_name: string }): Promise<void> {
      const row: TrunkRow = {
        account,
        uuid: given.trunk_key,
        sip_trunk_id: null,
        name: given.client_name,
        sip_server: null,
        username: null,
        auth_type: null,
        status: 'REGISTERED',
        raw_status: null,
        status_since: null,
        client_key: clientKey(given.client_name),
        client_override: null,
        status_seen: null,
        seen_name: null,
        first_seen: 0,
        ...given,
      };
      await storage.transaction(async (trx) => {
        await trx
          .insertInto('trunks')
          .values(row)
          .onConflict((conflict) => conflict.columns(['account', 'trunk_key']).doUpdateSet(row))
          .execute();
        await attribute(trx, account, { trunks: [row.trunk_key] });
      });
    },
    async number(e164: string, given: Partial<NumberRow> = {}): Promise<void> {
      const trunk =
        given.trunk_key == null
          ? undefined
          : await db
              .selectFrom('trunks')
              .select('client_key')
              .where('account', '=', account)
              .where('trunk_key', '=', given.trunk_key)
              .executeTakeFirstOrThrow();
      const row: NumberRow = {
        account,
        e164,
        did_number_id: null,
        country: null,
        type: 'LOCAL',
        raw_type: null,
        city: null,
        status: 'ACTIVE',
        status_since: null,
        regulatory_status: 'UNKNOWN',
        regulatory_since: null,
        sms_enabled: null,
        monthly_rate: null,
        setup_fee: null,
        trunk_key: null,
        client_key: trunk?.client_key ?? null,
        order_id: null,
        trunk_since: null,
        ...given,
      };
      await storage.transaction(async (trx) => {
        await trx
          .insertInto('numbers')
          .values(row)
          .onConflict((conflict) => conflict.columns(['account', 'e164']).doUpdateSet(row))
          .execute();
        await attribute(trx, account, { numbers: [e164] });
      });
    },
    async transaction(id: string): Promise<TransactionRow> {
      return db
        .selectFrom('transactions')
        .selectAll()
        .where('account', '=', account)
        .where('transaction_id', '=', id)
        .executeTakeFirstOrThrow();
    },
    orders: () => db.selectFrom('orders').selectAll().where('account', '=', account).orderBy('order_id').execute(),
  };
}
