import { expect, test } from 'vitest';
import { accountId, clientKey } from '../../src/access/viewer.ts';
import { mergeTrunks } from '../../src/trunks/merge.ts';
import { attribute } from '../../src/wallet/attribution.ts';
import { eachDatabase } from '../support/databases.ts';
import { acme, createPicture, listed } from './picture.ts';

const number = (id: string, referenceId: string) => listed(id, { referenceType: 'did_number', referenceId });
const order = (id: string, referenceId: string) =>
  listed(id, { kind: 'order', amount: '-3.50', referenceType: 'order', referenceId });

eachDatabase('attribution', (open) => {
  test('a number is meant by its did_number_id, its E.164 or its bare digits', async () => {
    const picture = createPicture(await open());
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    await picture.number('+31201234567', { did_number_id: 7, trunk_key: 'trk_a' });
    await picture.store(number('1', '7'), number('2', '+31201234567'), number('3', '31201234567'), number('4', '8'));
    for (const id of ['1', '2', '3'])
      expect(await picture.transaction(id)).toMatchObject({
        e164: '+31201234567',
        trunk_key: 'trk_a',
        client_key: 'acme',
        reference_type: 'NUMBER',
        raw_reference_type: 'did_number',
      });
    expect(await picture.transaction('4')).toMatchObject({ e164: null, trunk_key: null, client_key: null });
  });

  test('a did_number_id outweighs a number whose digits are the same', async () => {
    const picture = createPicture(await open());
    await picture.number('+3120', {});
    await picture.number('+44201234567', { did_number_id: 3120 });
    await picture.store(number('1', '3120'));
    expect(await picture.transaction('1')).toMatchObject({ e164: '+44201234567' });
  });

  test('a trunk is meant by its sip_trunk_id or its uuid', async () => {
    const picture = createPicture(await open());
    await picture.trunk({ trunk_key: 'trk_a', sip_trunk_id: 5, client_name: 'Acme' });
    const trunk = (id: string, referenceId: string) => listed(id, { referenceType: 'SipTrunk', referenceId });
    await picture.store(trunk('1', '5'), trunk('2', 'trk_a'), trunk('3', '6'));
    expect(await picture.transaction('1')).toMatchObject({ trunk_key: 'trk_a', client_key: 'acme', e164: null });
    expect(await picture.transaction('2')).toMatchObject({ trunk_key: 'trk_a', client_key: 'acme' });
    expect(await picture.transaction('3')).toMatchObject({ trunk_key: null });
    await picture.trunk({ trunk_key: 'trk_b', sip_trunk_id: 6, client_name: 'Bolt' });
    expect(await picture.transaction('3')).toMatchObject({ trunk_key: 'trk_b', client_key: 'bolt' });
  });

  test('what waits for its number, and then for the number’s trunk, is attributed as soon as each is known', async () => {
    const picture = createPicture(await open());
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    await picture.store(number('1', '7'), number('2', '+31201234567'));
    await picture.number('+31201234567', {});
    expect(await picture.transaction('1')).toMatchObject({ e164: null });
    expect(await picture.transaction('2')).toMatchObject({ e164: '+31201234567', trunk_key: null });
    await picture.number('+31201234567', { did_number_id: 7 });
    expect(await picture.transaction('1')).toMatchObject({ e164: '+31201234567', trunk_key: null });
    await picture.number('+31201234567', { did_number_id: 7, trunk_key: 'trk_a' });
    for (const id of ['1', '2'])
      expect(await picture.transaction(id)).toMatchObject({ trunk_key: 'trk_a', client_key: 'acme' });
  });

  test('a number that moves takes new transactions along and leaves the old ones, also when they are listed again', async () => {
    const picture = createPicture(await open());
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_b', client_name: 'Bolt' });
    await picture.number('+31201234567', { did_number_id: 7, trunk_key: 'trk_a' });
    await picture.store(number('1', '7'));
    await picture.number('+31201234567', { did_number_id: 7, trunk_key: 'trk_b' });
    await picture.store(number('2', '7'), { ...number('1', '7'), description: 'now with a text' });
    expect(await picture.transaction('1')).toMatchObject({ trunk_key: 'trk_a', description: 'now with a text' });
    expect(await picture.transaction('2')).toMatchObject({ trunk_key: 'trk_b', client_key: 'bolt' });
  });

  test('an order is a client’s once all its known numbers are on trunks of that client, by the first of these', async () => {
    const picture = createPicture(await open());
    await picture.trunk({ trunk_key: 'trk_b', client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'ACME ' });
    await picture.store(order('1', '1042'));
    await picture.number('+31201234567', { order_id: 1042 });
    await picture.number('+31201234568', { order_id: 1042, trunk_key: 'trk_b' });
    expect(await picture.transaction('1')).toMatchObject({ order_id: 1042, trunk_key: null });
    await picture.number('+31201234567', { order_id: 1042, trunk_key: 'trk_a' });
    expect(await picture.transaction('1')).toMatchObject({ order_id: 1042, trunk_key: 'trk_a', client_key: 'acme' });
    await picture.store(order('2', '1042'));
    expect(await picture.transaction('2')).toMatchObject({ trunk_key: 'trk_a', client_key: 'acme' });
  });

  test('an order of numbers of two clients is nobody’s', async () => {
    const picture = createPicture(await open());
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_b', client_name: 'Bolt' });
    await picture.number('+31201234567', { order_id: 1042, trunk_key: 'trk_a' });
    await picture.number('+31201234568', { order_id: 1042, trunk_key: 'trk_b' });
    await picture.store(order('1', '1042'));
    expect(await picture.transaction('1')).toMatchObject({ order_id: 1042, trunk_key: null, client_key: null });
  });

  test('a transaction teaches its order: when it was placed and what was paid; a checkout knows better', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    const early = Date.parse('2026-01-01T00:00:00Z');
    await picture.store(order('2', '1042'), listed('3', { referenceType: 'order', referenceId: 'X-9' }));
    await picture.store(
      { ...order('1', '1042'), amount: '-0.008', createdAt: early },
      { ...order('4', '1042'), amount: '1.00' },
      { ...order('5', '1043'), createdAt: null },
    );
    await picture.store({ ...order('7', '1042'), currency: 'USD' }, { ...order('8', '1044'), currency: 'USD' });
    const taught = { account: 'acme', order_id: 1042, placed_at: early, total: '3.508', requires_regulatory: 0 };
    const unpaid = {
      account: 'acme',
      order_id: 1044,
      placed_at: expect.any(Number),
      total: null,
      requires_regulatory: 0,
    };
    expect(await picture.orders()).toEqual([taught, unpaid]);

    await storage.db.updateTable('orders').set({ total: '9.00', requires_regulatory: 1 }).execute();
    await storage.db
      .insertInto('order_items')
      .values({
        ...{ account: acme, order_id: 1042, e164: '+31201234567' },
        did_number_id: 7,
        monthly_rate: null,
        setup_fee: null,
      })
      .execute();
    await picture.store(order('6', '1042'));
    expect(await picture.orders()).toMatchObject([
      { ...taught, total: '9.00', requires_regulatory: 1 },
      { order_id: 1044 },
    ]);
  });

  test('one account’s numbers attribute nothing of another’s', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    const other = createPicture(storage, accountId('other'));
    await other.trunk({ trunk_key: 'trk_a', sip_trunk_id: 5, client_name: 'Acme' });
    await other.number('+31201234567', { did_number_id: 7, trunk_key: 'trk_a', order_id: 1042 });
    await picture.store(
      number('1', '7'),
      order('2', '1042'),
      listed('3', { referenceType: 'trunk', referenceId: '5' }),
    );
    await other.number('+31201234567', { did_number_id: 7, trunk_key: 'trk_a', order_id: 1042, city: 'Amsterdam' });
    for (const id of ['1', '2', '3'])
      expect(await picture.transaction(id)).toMatchObject({ e164: null, trunk_key: null });
  });

  test('thousands of numbers are learnt with few statements', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    const e164s = Array.from({ length: 3_000 }, (_, index) => `+3120${1_000_000 + index}`);
    await picture.store(...e164s.map((_, index) => number(`t${index}`, String(index + 1))));
    await picture.number('+3120999', { trunk_key: 'trk_a' });
    const template = await storage.db.selectFrom('numbers').selectAll().executeTakeFirstOrThrow();
    const before = await storage.transaction(async (trx) => {
      for (let start = 0; start < e164s.length; start += 1_000)
        await trx
          .insertInto('numbers')
          .values(
            e164s.slice(start, start + 1_000).map((e164, i) => ({ ...template, e164, did_number_id: start + i + 1 })),
          )
          .execute();
      const queries = storage.queries();
      await attribute(trx, acme, { numbers: e164s });
      return queries;
    });
    expect(storage.queries() - before).toBeLessThan(20);
    expect(await picture.transaction('t2999')).toMatchObject({ e164: '+31201002999', trunk_key: 'trk_a' });
    const days = await storage.db.selectFrom('spending_days').selectAll().where('trunk_key', '=', 'trk_a').execute();
    expect(days).toMatchObject([{ spent_e8: 3_000 * 1e8, count: 3_000 }]);
  });

  test('two trunks that turn out to be one keep what was attributed to either', async () => {
    const storage = await open();
    const picture = createPicture(storage);
    await picture.trunk({ trunk_key: 'id-5', uuid: null, sip_trunk_id: 5, client_name: 'Acme' });
    await picture.trunk({ trunk_key: 'trk_a', client_name: 'Acme' });
    await picture.store(
      listed('1', { referenceType: 'trunk', referenceId: '5' }),
      listed('2', { referenceType: 'trunk', referenceId: 'trk_a' }),
      listed('3', { currency: 'USD', referenceType: 'trunk', referenceId: '5' }),
    );
    await storage.transaction(async (trx) => {
      const [from, to] = await trx.selectFrom('trunks').selectAll().orderBy('trunk_key').execute();
      if (from && to) await mergeTrunks(trx, acme, from, to);
    });
    expect(await picture.transaction('1')).toMatchObject({ trunk_key: 'trk_a', client_key: clientKey('Acme') });
    const days = storage.db.selectFrom('spending_days').selectAll().where('trunk_key', '=', 'trk_a');
    expect(await days.orderBy('currency').execute()).toMatchObject([
      { currency: 'EUR', spent_e8: 2e8, count: 2 },
      { currency: 'USD', spent_e8: 1e8, count: 1 },
    ]);
  });
});
