import { expect, test } from 'vitest';
import { begin, breakOnce, buy, forSale, later, minutes, operation, rest, tell } from '../mutations/evidence/lost.ts';
import type { Gateway } from '../support/gateway.ts';

/** As many more records of the one operation that there is. */
async function copy(gateway: Gateway, copies: number) {
  const { storage } = gateway.app;
  const row = await storage.db.selectFrom('operations').selectAll().executeTakeFirstOrThrow();
  const step = await storage.db.selectFrom('operation_steps').selectAll().executeTakeFirstOrThrow();
  await storage.transaction(async (trx) => {
    for (let copied = 0; copied < copies; copied++) {
      const idempotency_key = `copy ${copied}`;
      await trx
        .insertInto('operations')
        .values({ ...row, idempotency_key })
        .execute();
      await trx
        .insertInto('operation_steps')
        .values({ ...step, idempotency_key })
        .execute();
    }
  });
  // The new ones are looked at once.
  await tell(gateway, 'trunk.offline', { uuid: 'none' });
  await later(gateway, 1_000);
}

/** A checkout that was judged as not done, and as many more records of the same. */
async function judgedNotDone(gateway: Gateway, copies: number) {
  const items = forSale(gateway, 1);
  breakOnce(gateway, 'cut-before', '/wallet/checkout');
  await buy(gateway, items);
  await minutes(gateway, 13);
  expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  await copy(gateway, copies);
  return items[0]?.e164;
}

async function queriesOf(gateway: Gateway, work: () => Promise<unknown>) {
  const before = gateway.app.storage.queries();
  await work();
  await rest(gateway);
  return gateway.app.storage.queries() - before;
}

test('an event is held against the judgements that it may concern, and against no others', async () => {
  const count = async (copies: number) => {
    await using gateway = await begin();
    await judgedNotDone(gateway, copies);
    return queriesOf(gateway, () => tell(gateway, 'trunk.offline', { uuid: 'another' }));
  };
  expect(await count(40)).toBe(await count(0));
});

test('an event of its number is held against each judgement of it', async () => {
  await using gateway = await begin();
  const e164 = await judgedNotDone(gateway, 5);
  const unrelated = await queriesOf(gateway, () => tell(gateway, 'trunk.offline', { uuid: 'another' }));
  const own = await queriesOf(gateway, () => tell(gateway, 'number.activated', { number: e164, trunk_uuid: null }));
  expect(own).toBeGreaterThan(unrelated + 5);
});

test('an event is held against no unknown checkout that it does not concern', async () => {
  const count = async (copies: number) => {
    await using gateway = await begin();
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, method: 'GET', path: '/wallet/balance' });
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, forSale(gateway, 1));
    await minutes(gateway, 20);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
    await copy(gateway, copies);
    return queriesOf(gateway, () => tell(gateway, 'trunk.offline', { uuid: 'another' }));
  };
  // What each of them is looked for in, and when it was lost, is read all the same.
  expect((await count(20)) - (await count(0))).toBe(20);
});
