import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountScope, clientKey, localAdmin, type Scope, scopeOf } from '../../src/access/viewer.ts';
import type { TransactionListing } from '../../src/didfarm/client.ts';
import type { Storage } from '../../src/storage/database.ts';
import { regroup } from '../../src/trunks/regroup.ts';
import { checkSpan, clientSpending, type Span, walletSpending } from '../../src/wallet/spending.ts';
import { eachDatabase } from '../support/databases.ts';
import { acme, createPicture, listed } from './picture.ts';

const all = accountScope(acme);
const at = (text: string) => Date.parse(text);
const year: Span = { from: '2026-01-01', to: '2027-01-01', granularity: 'TOTAL' };
const euros = (amount: string) => ({ amount, currency: 'EUR' });

test.each<[string, Span, string]>([
  ['from after to', { from: '2026-02-01', to: '2026-01-01', granularity: 'TOTAL' }, 'from'],
  ['from equal to to', { from: '2026-01-01', to: '2026-01-01', granularity: 'MONTH' }, 'from'],
  ['3,701 days by day', { from: '2016-01-01', to: '2026-02-18', granularity: 'DAY' }, 'granularity'],
])('%s is refused', (_what, span, argument) => {
  expect(() => checkSpan(span)).toThrow(expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', argument } }));
});

test('3,700 days by day, and centuries by month, are answered', () => {
  checkSpan({ from: '2016-01-01', to: '2026-02-17', granularity: 'DAY' });
  checkSpan({ from: '1000-01-01', to: '9999-12-31', granularity: 'MONTH' });
});

eachDatabase('spending', (open) => {
  test('debits are spent, refunds of something bought reduce it, top-ups and undated rows count nowhere', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.store(
      listed('1', { amount: '-10.10' }),
      listed('2', { amount: '2.005', referenceType: 'number', referenceId: '7' }),
      listed('3', { amount: '1.00', kind: 'Refund' }),
      listed('4', { amount: '500.00', kind: 'top-up' }),
      listed('5', { amount: '500.00', kind: 'top-up', referenceType: 'payment', referenceId: 'pi_1' }),
      listed('6', { amount: '-99.00', createdAt: null }),
    );
    expect(await walletSpending(storage, all, year)).toEqual([
      { start: '2026-01-01', end: '2027-01-01', total: euros('7.095'), count: 3 },
    ]);
    expect(await picture.transaction('6')).toMatchObject({ amount: '-99.00', created_at: null, sort_at: 0 });
  });

  test('euros are summed up and nothing else; another currency of the same day is kept beside them', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.trunk({ trunk_key: 'trk_a', sip_trunk_id: 5, client_name: 'Acme' });
    const call = (id: string, amount: string, currency: string) =>
      listed(id, { amount, currency, referenceType: 'trunk', referenceId: '5' });
    await picture.store(call('1', '-1.00', 'USD'), call('2', '-0.25', 'EUR'));
    await picture.store(call('3', '-7.00', 'USD'), call('4', '-0.50', 'EUR'));
    const expected = [{ total: euros('0.75'), count: 2 }];
    expect(await walletSpending(storage, all, year)).toMatchObject(expected);
    expect(await clientSpending(storage, all, ['acme'], year)).toMatchObject([expected]);
    await picture.store(call('2', '-0.25', 'USD'), call('4', '-0.50', 'USD'));
    expect(await walletSpending(storage, all, year)).toEqual([]);
  });

  test('periods are UTC days and calendar months, clipped to the span, oldest first, only those with a transaction', async () => {
    const storage = await open();
    await createPicture(storage).store(
      listed('1', { createdAt: at('2026-01-31T23:59:59.999Z') }),
      listed('2', { createdAt: at('2026-02-01T00:00:00Z') }),
      listed('3', { createdAt: at('2026-02-01T23:30:00+02:00') }),
      listed('4', { createdAt: at('2026-12-31T00:00:00Z') }),
      listed('5', { createdAt: at('2026-01-09T23:59:59Z') }),
      listed('6', { createdAt: at('2027-01-01T00:00:00Z') }),
    );
    const span = { from: '2026-01-10', to: '2027-01-01' };
    const read = async (granularity: Span['granularity'], given = span) =>
      (await walletSpending(storage, all, { ...given, granularity })).map((each) => [
        ...[each.start, each.end, each.total.amount, each.count],
      ]);
    expect(await read('DAY')).toEqual([
      ['2026-01-31', '2026-02-01', '1.00', 1],
      ['2026-02-01', '2026-02-02', '2.00', 2],
      ['2026-12-31', '2027-01-01', '1.00', 1],
    ]);
    expect(await read('MONTH')).toEqual([
      ['2026-01-10', '2026-02-01', '1.00', 1],
      ['2026-02-01', '2026-03-01', '2.00', 2],
      ['2026-12-01', '2027-01-01', '1.00', 1],
    ]);
    expect(await read('MONTH', { from: '2026-02-01', to: '2026-02-10' })).toEqual([
      ['2026-02-01', '2026-02-10', '2.00', 2],
    ]);
    expect(await read('TOTAL')).toEqual([['2026-01-10', '2027-01-01', '4.00', 4]]);
    expect(await read('TOTAL', { from: '2025-01-01', to: '2026-01-01' })).toEqual([]);
  });

  test('a client’s spending is its trunks’; what belongs to nobody is in the wallet’s alone', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.trunk({ trunk_key: 'trk_a', sip_trunk_id: 1, client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_b', sip_trunk_id: 2, client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_c', sip_trunk_id: 3, client_name: 'Bolt' });
    const call = (id: string, trunk: string, amount: string) =>
      listed(id, { amount, referenceType: 'trunk', referenceId: trunk });
    await picture.store(call('1', '1', '-0.10'), call('2', '2', '-0.20'), call('3', '3', '-4.00'), listed('4'));
    const before = storage.queries();
    const [a, nobody, b] = await clientSpending(storage, all, ['acme', 'nobody', 'bolt'], year);
    expect(storage.queries() - before).toBe(1);
    expect(a).toMatchObject([{ total: euros('0.30'), count: 2 }]);
    expect(b).toMatchObject([{ total: euros('4.00'), count: 1 }]);
    expect(nobody).toEqual([]);
    expect(await walletSpending(storage, all, year)).toMatchObject([{ total: euros('5.30'), count: 4 }]);

    await storage.transaction(async (trx) => {
      const moved = { trunk_key: 'trk_b', client_key: 'bolt' };
      await trx.updateTable('trunks').set(moved).where('trunk_key', '=', 'trk_b').execute();
      await regroup(trx, acme, [moved]);
    });
    const after = await clientSpending(storage, all, ['acme', 'bolt'], year);
    expect(after.map(([each]) => each?.total.amount)).toEqual(['0.10', '4.20']);
  });

  test('a client’s viewer sees its own spending and none of the wallet’s or another’s', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_b', client_name: 'Bolt' });
    await picture.store(
      listed('1', { referenceType: 'trunk', referenceId: 'trk_a' }),
      listed('2', { referenceType: 'trunk', referenceId: 'trk_b' }),
    );
    const scope: Scope = scopeOf({ ...localAdmin(acme), role: 'CLIENT', client: clientKey('Acme') });
    expect(await walletSpending(storage, scope, year)).toEqual([]);
    const [own, others] = await clientSpending(storage, scope, ['acme', 'bolt'], year);
    expect(own).toMatchObject([{ count: 1 }]);
    expect(others).toEqual([]);
  });

  test('a row that DIDfarm corrects is counted as it is now', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.store(listed('1', { amount: '-5.00' }), listed('2'));
    await picture.store(listed('1', { amount: '-0.50', createdAt: at('2026-06-01T00:00:00Z') }));
    await picture.store(listed('2', { amount: '1.00', kind: 'top-up' }));
    expect(await walletSpending(storage, all, { ...year, granularity: 'DAY' })).toEqual([
      { start: '2026-06-01', end: '2026-06-02', total: euros('0.50'), count: 1 },
    ]);
  });

  test('a row that is listed again unchanged is not written again', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    expect(await picture.store(listed('1'), listed('1'), listed('2'))).toBe(2);
    const before = storage.queries();
    expect(await picture.store(listed('1'), listed('2'))).toBe(0);
    expect(storage.queries() - before).toBe(1);
  });

  test('sums beyond what a floating-point number holds are exact', async () => {
    const storage = await open();
    await createPicture(storage).store(
      listed('1', { amount: '-90000000.00000001' }),
      listed('2', { amount: '-90000000.00000001' }),
      listed('3', { amount: '-0.00000001' }),
    );
    expect(await walletSpending(storage, all, year)).toMatchObject([{ total: euros('180000000.00000003'), count: 3 }]);
  });

  test('after any inserts, corrections, attributions, moves and regroupings the days add up to the rows', async () => {
    const storage = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), async (changes) => {
        for (const table of ['transactions', 'spending_days', 'trunks', 'numbers', 'orders'] as const)
          await storage.db.deleteFrom(table).execute();
        for (const each of changes) await make(storage, each);
        await daysAddUp(storage);
      }),
      { numRuns: storage.engine === 'postgres' ? 8 : 60 },
    );
  });
});

type Change =
  | { readonly what: 'store'; readonly rows: readonly TransactionListing[] }
  | { readonly what: 'number'; readonly id: number; readonly trunk: number | null; readonly order: number | null }
  | { readonly what: 'trunk'; readonly id: number; readonly client: string };

const few = fc.integer({ min: 1, max: 4 });
const transaction: fc.Arbitrary<TransactionListing> = fc
  .record({
    id: fc.integer({ min: 1, max: 30 }),
    e8: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    day: fc.integer({ min: 0, max: 40 }),
    dated: fc.boolean(),
    kind: fc.constantFrom('sms', 'refund', 'top-up', null),
    currency: fc.constantFrom('EUR', 'EUR', 'USD'),
    type: fc.constantFrom('order', 'number', 'trunk', 'payment', null),
    reference: few,
  })
  .map(({ id, e8, day, dated, kind, currency, type, reference }) => {
    const digits = String(e8 < 0n ? -e8 : e8).padStart(9, '0');
    return listed(String(id), {
      amount: `${e8 < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`,
      createdAt: dated ? at('2026-03-01T23:00:00Z') + day * 86_400_000 : null,
      kind,
      currency,
      referenceType: type,
      referenceId: type === null ? null : String(reference),
    });
  });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ what: fc.constant('store' as const), rows: fc.array(transaction, { maxLength: 10 }) }),
  fc.record({
    what: fc.constant('number' as const),
    id: few,
    trunk: fc.option(few),
    order: fc.option(few),
  }),
  fc.record({ what: fc.constant('trunk' as const), id: few, client: fc.constantFrom('Acme', 'Bolt', 'Cord') }),
);

async function make(storage: Storage, each: Change): Promise<void> {
  const picture = createPicture(storage);
  if (each.what === 'store') {
    await picture.store(...each.rows);
    return;
  }
  if (each.what === 'trunk') {
    const trunk_key = `trk_${each.id}`;
    await picture.trunk({ trunk_key, sip_trunk_id: each.id, client_name: each.client });
    const moved = { trunk_key, client_key: clientKey(each.client) };
    await storage.transaction((trx) => regroup(trx, acme, [moved]));
    return;
  }
  const trunk_key = each.trunk === null ? null : `trk_${each.trunk}`;
  const known = await storage.db.selectFrom('trunks').select('trunk_key').execute();
  const there = trunk_key !== null && known.some((row) => row.trunk_key === trunk_key);
  await picture.number(`+3120123456${each.id}`, {
    did_number_id: each.id,
    trunk_key: there ? trunk_key : null,
    order_id: each.order,
  });
}

/** The same sums, without the days and without SQL. */
async function daysAddUp(storage: Storage): Promise<void> {
  const rows = await storage.db.selectFrom('transactions').selectAll().execute();
  const counted = rows.filter(
    (row) =>
      row.created_at !== null &&
      row.currency === 'EUR' &&
      (row.amount.startsWith('-') ||
        row.kind === 'refund' ||
        ['ORDER', 'NUMBER', 'TRUNK'].includes(row.reference_type)),
  );
  const plain = (own: typeof rows) => {
    const days = Map.groupBy(own, (row) => new Date(row.created_at ?? 0).toISOString().slice(0, 10));
    return [...days]
      .map(([day, each]) => ({
        day,
        count: each.length,
        e8: -each.reduce((sum, row) => sum + BigInt(row.amount.replace('.', '')), 0n),
      }))
      .sort((a, b) => (a.day < b.day ? -1 : 1));
  };
  const read = (periods: Awaited<ReturnType<typeof walletSpending>>) =>
    periods.map(({ start, count, total }) => {
      const [whole = '', places = ''] = total.amount.split('.');
      return { day: start, count, e8: BigInt(whole + places.padEnd(8, '0')) };
    });
  const span: Span = { ...year, granularity: 'DAY' };
  expect(read(await walletSpending(storage, all, span))).toEqual(plain(counted));
  const clients = ['acme', 'bolt', 'cord'];
  const spent = await clientSpending(storage, all, clients, span);
  for (const [index, client] of clients.entries())
    expect(read(spent[index] ?? [])).toEqual(plain(counted.filter((row) => row.client_key === client)));
}
