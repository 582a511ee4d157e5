import { CompiledQuery, type KyselyPlugin, type RootOperationNode, sql } from 'kysely';
import { expect, test } from 'vitest';
import { accountScope, clientKey, localAdmin, scopeOf } from '../../src/access/viewer.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { countRows, readPages } from '../../src/storage/pages.ts';
import { countFound, searchPages } from '../../src/storage/search.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { transactionConditions, transactionRows } from '../../src/wallet/listing.ts';
import { clientSpending, walletSpending } from '../../src/wallet/spending.ts';
import { storeTransactions } from '../../src/wallet/store.ts';
import { acme, createPicture, listed } from './picture.ts';

interface Plans {
  /** Steps that read all that a table or an account has. */
  readonly whole: string[];
  /** Steps that sort rows. */
  readonly sorts: string[];
  /** Steps that look rows up. */
  readonly searches: string[];
}

/** How SQLite runs each statement of some work in a large account. */
async function plansOf(work: (storage: Storage) => Promise<unknown>): Promise<Plans> {
  const storage = await openStorage('sqlite::memory:');
  await createPicture(storage).trunk({ trunk_key: 'trk_a', sip_trunk_id: 5, client_name: 'Acme' });
  await createPicture(storage).number('+31201234567', { did_number_id: 7, trunk_key: 'trk_a', order_id: 1042 });
  await createPicture(storage).store(listed('1'), listed('2'));
  const nodes: RootOperationNode[] = [];
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      nodes.push(node);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  await work({
    ...storage,
    db: storage.db.withPlugin(plugin),
    transaction: (inside) => storage.transaction((trx) => inside(trx.withPlugin(plugin))),
  });
  expect(nodes).not.toHaveLength(0);
  const steps: string[] = [];
  for (const node of nodes) {
    const compiled = storage.db.getExecutor().compileQuery(node, { queryId: 'plan' });
    const explained = CompiledQuery.raw(`explain query plan ${compiled.sql}`, [...compiled.parameters]);
    const { rows } = await storage.db.executeQuery<{ detail: string }>(explained);
    steps.push(...rows.map((row) => row.detail));
  }
  await storage.close();
  return {
    whole: steps.filter((step) => /^SCAN (?!page|known|\d+-ROW|\d+ CONSTANT)|\(account=\?\)$/.test(step)),
    sorts: steps.filter((step) => /TEMP B-TREE/.test(step)),
    searches: steps.filter((step) => step.startsWith('SEARCH')),
  };
}

const all = accountScope(acme);
const client = scopeOf({ ...localAdmin(acme), role: 'CLIENT', client: clientKey('Acme') });
const slice = { limit: 25, after: null, before: null, backward: false };
const from = new Date('2026-01-01');

test.each([
  ['of the whole account', all, {}],
  ['of a span', all, { from, to: new Date('2026-02-01') }],
  ['about orders', all, { referenceType: ['ORDER' as const] }],
  ['about orders or numbers', all, { referenceType: ['ORDER' as const, 'NUMBER' as const], from }],
  ['of a client’s viewer', client, { from }],
])('a page of transactions %s is cut from an index, from either side', async (_what, scope, filter) => {
  const { indexed: conditions } = transactionConditions(filter);
  const after = [Date.parse('2026-04-05'), '9'] as const;
  const { sorts, searches } = await plansOf(async (storage) => {
    await readPages(storage, transactionRows.listing, scope, [conditions], slice);
    await readPages(storage, transactionRows.listing, scope, [conditions], { ...slice, after });
    await readPages(storage, transactionRows.listing, scope, [conditions], { ...slice, backward: true });
  });
  expect(sorts).toEqual([]);
  expect(searches).toHaveLength(3);
  for (const step of searches) expect(step).toMatch(/INDEX transactions_by_(\w+_)?sort_at_transaction_id/);
});

test('behind a cursor the index is entered at the cursor, whatever bounds a filter has on the same side', async () => {
  const { indexed } = transactionConditions({ from, to: new Date('2026-06-01') });
  const key = [Date.parse('2026-04-05'), '9'] as const;
  const { searches } = await plansOf(async (storage) => {
    await readPages(storage, transactionRows.listing, all, [indexed], { ...slice, after: key });
    await readPages(storage, transactionRows.listing, all, [indexed], { ...slice, before: key, backward: true });
  });
  expect(searches[0]).toContain('(sort_at,transaction_id)<(?,?)');
  expect(searches[1]).toContain('(sort_at,transaction_id)>(?,?)');
});

test.each([
  ['of the whole account', all, []],
  ['of a client’s viewer', client, []],
  ['of a trunk', all, [sql`trunk_key = ${'trk_a'}`]],
])(
  'a search among the transactions %s finds the end of a stretch, its rows and their count by an index',
  async (_what, scope, own) => {
    const { indexed, scanned } = transactionConditions({ search: 'sms', from, referenceType: ['ORDER', 'NUMBER'] });
    const after = [Date.parse('2026-04-06'), '9'] as const;
    const search = { scanned, pause: async () => undefined };
    const { whole, sorts, searches } = await plansOf(async (storage) => {
      const rows = transactionRows.listing;
      await searchPages(storage, rows, scope, [[...own, ...indexed]], { ...slice, after }, search);
      await searchPages(storage, rows, scope, [[...own, ...indexed]], { ...slice, backward: true }, search);
      await countFound(storage, rows, scope, [[...own, ...indexed]], search);
    });
    expect([...whole, ...sorts]).toEqual([]);
    expect(searches).toHaveLength(6);
    for (const step of searches) expect(step).toMatch(/INDEX transactions_by_(\w+_)?sort_at_transaction_id.*sort_at/);
  },
);

test('the pages of many clients, trunks or numbers are each cut from an index', async () => {
  for (const column of ['client_key', 'trunk_key', 'e164', 'order_id']) {
    const { whole, sorts } = await plansOf(async (storage) => {
      const parents = ['a', 'b', 'c'].map((key) => [sql`${sql.ref(column)} = ${key}`]);
      await readPages(storage, transactionRows.listing, all, parents, slice);
      await countRows(storage, transactionRows.listing, all, parents);
    });
    expect([...whole, ...sorts]).toEqual([]);
  }
});

test('sums read days of the trunks that are asked for', async () => {
  const span = { from: '2026-01-01', to: '2027-01-01', granularity: 'MONTH' } as const;
  const { whole } = await plansOf(async (storage) => {
    await walletSpending(storage, all, span);
    await clientSpending(storage, all, ['acme', 'bolt'], span);
    await clientSpending(storage, client, ['acme'], span);
  });
  expect(whole).toEqual([]);
});

test('storing a page looks each of its rows and references up', async () => {
  const { whole } = await plansOf((storage) =>
    storage.transaction((trx) =>
      storeTransactions(trx, acme, [
        listed('1', { amount: '-7.00' }),
        listed('3', { referenceType: 'number', referenceId: '7' }),
        listed('4', { referenceType: 'trunk', referenceId: '5' }),
        listed('5', { referenceType: 'order', referenceId: '1042' }),
      ]),
    ),
  );
  expect(whole).toEqual([]);
});

test('what is learnt finds the transactions that wait for it by their reference', async () => {
  const { whole } = await plansOf((storage) =>
    storage.transaction((trx) => attribute(trx, acme, { numbers: ['+31201234567'], trunks: ['trk_a'] })),
  );
  expect(whole).toEqual([]);
});
