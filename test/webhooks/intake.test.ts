import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Storage } from '../../src/storage/database.ts';
import { StorageError } from '../../src/storage/storage-error.ts';
import { readDelivery } from '../../src/webhooks/delivery.ts';
import { eachDatabase } from '../support/databases.ts';
import { acme, activated, createReceiver, moment, number, type Receiver } from './support/receiver.ts';

/** A storage whose commits are counted, and held back while they are to be. */
function watched(storage: Storage) {
  const watch = { commits: 0, hold: Promise.resolve(), failWith: null as Error | null };
  const transaction: Storage['transaction'] = (work) => {
    watch.commits += 1;
    if (watch.failWith !== null) return Promise.reject(watch.failWith);
    return storage.transaction(async (trx) => {
      const result = await work(trx);
      await watch.hold;
      return result;
    });
  };
  return { watch, storage: { ...storage, transaction } };
}

const deliveryOf = (body: object) => readDelivery(Buffer.from(JSON.stringify(body)));
const trunkEvent = (status: 'registered' | 'offline', second: number, uuid = acme) => ({
  event: `trunk.${status}`,
  timestamp: moment(second),
  data: { trunk_uuid: uuid },
});
const numberEvent = (place: number) => ({
  ...activated,
  data: { ...activated.data, number: `+3120123${String(place).padStart(4, '0')}` },
});
const many = (length: number) => Array.from({ length }, (_, second) => trunkEvent('registered', second));
const statuses = (answers: readonly PromiseSettledResult<Response>[]) =>
  answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.status : String(answer.reason)));
const sendAll = (receiver: Receiver, bodies: readonly object[]) =>
  Promise.allSettled(bodies.map((body) => receiver.send(body)));

eachDatabase('the intake of webhooks', (open) => {
  test('commits what came in together once, and wakes the readers of the log once', async () => {
    const { watch, storage } = watched(await open());
    const receiver = createReceiver(storage);
    let woken = 0;
    Object.assign(receiver.bus, { wake: () => (woken += 1) });

    expect(statuses(await sendAll(receiver, many(60)))).toEqual(Array(60).fill(200));

    expect({ commits: watch.commits, woken }).toEqual({ commits: 1, woken: 1 });
    expect(await receiver.log()).toHaveLength(60);
  });

  test('gives way to others within a large group', async () => {
    const { watch, storage } = watched(await open());
    const receiver = createReceiver(storage);
    const turnsOf = async (bodies: readonly object[]) => {
      let turns = 0;
      let isDone = false;
      const sent = sendAll(receiver, bodies).finally(() => (isDone = true));
      for (; !isDone; turns += 1) await setImmediate();
      await sent;
      return turns;
    };
    const few = await turnsOf(many(15));
    const lots = await turnsOf(many(95).slice(15));

    expect(watch.commits).toBe(2);
    expect(lots - few).toBeGreaterThanOrEqual(4);
  });

  test('answers nobody before the commit of its own group, and makes what came meanwhile the next', async () => {
    const { watch, storage } = watched(await open());
    const receiver = createReceiver(storage);
    const commit = Promise.withResolvers<void>();
    watch.hold = commit.promise;
    let answered = 0;
    const count = () => (answered += 1);

    const first = many(3).map((body) => receiver.send(body).finally(count));
    await expect.poll(() => watch.commits).toBe(1);
    const second = many(9)
      .slice(3)
      .map((body) => receiver.send(body).finally(count));
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    expect(answered).toBe(0);
    commit.resolve();
    await Promise.all([...first, ...second]);

    expect(watch.commits).toBe(2);
    expect((await receiver.log()).map((event) => event.at)).toEqual(
      many(9).map((event) => Date.parse(event.timestamp)),
    );
  });

  test('bounds a group', async () => {
    const { watch, storage } = watched(await open());
    const { intake, log } = createReceiver(storage);

    await Promise.all(many(250).map((body) => intake.take(deliveryOf(body))));

    expect(watch.commits).toBe(3);
    expect((await log()).map((event) => event.seq)).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  });

  test('takes the same bytes twice in one group as one event, and applies two of one trunk in the order they came', async () => {
    const { watch, storage } = watched(await open());
    const receiver = createReceiver(storage);
    const { intake } = receiver;
    // DIDfarm's timestamps are whole seconds: the order of coming in decides.
    const bodies = [trunkEvent('registered', 1), trunkEvent('offline', 1), trunkEvent('registered', 1)];

    const outcomes = await Promise.all(bodies.map((body) => intake.take(deliveryOf(body))));

    expect(watch.commits).toBe(1);
    expect(outcomes).toEqual([{ seq: 1, applied: true }, { seq: 2, applied: true }, null]);
    expect(await receiver.trunk()).toMatchObject({ status: 'OFFLINE' });
  });

  test('keeps the one that fails from failing the others of its group', async () => {
    const receiver = createReceiver(await open());
    const bodies = Array.from({ length: 5 }, (_, place) => numberEvent(place));
    const failing = bodies[2]?.data.number ?? '';
    const broken = (_trx: unknown, _account: unknown, { numbers = [] }: { readonly numbers?: readonly string[] }) =>
      numbers.includes(failing) ? Promise.reject(new Error('cannot be applied')) : Promise.resolve();
    const { attribute } = receiver.account;
    Object.assign(receiver.account, { attribute: broken });

    expect(statuses(await sendAll(receiver, bodies))).toEqual([200, 200, 'Error: cannot be applied', 200, 200]);
    expect((await receiver.log()).map((event) => event.seq)).toEqual([1, 2, 3, 4]);
    expect(await receiver.number(failing)).toBeUndefined();

    Object.assign(receiver.account, { attribute });
    expect((await receiver.send(numberEvent(2))).status).toBe(200);
    expect(await receiver.number(failing)).toMatchObject({ status: 'ACTIVE' });
  });

  test('tries a group once where the database itself fails', async () => {
    const { watch, storage } = watched(await open());
    const receiver = createReceiver(storage);
    watch.failWith = new StorageError('FULL', 'There is no room left.');

    expect(statuses(await sendAll(receiver, many(4)))).toEqual(Array(4).fill('StorageError: There is no room left.'));
    expect(watch.commits).toBe(1);

    watch.failWith = null;
    expect(statuses(await sendAll(receiver, many(4)))).toEqual(Array(4).fill(200));
    expect(await receiver.log()).toHaveLength(4);
  });

  test('refuses what it could not answer in time, and takes it again afterwards', async () => {
    const { intake } = createReceiver(await open());
    const body = deliveryOf(trunkEvent('registered', 1));

    const crowd = Array.from({ length: 5_000 }, () => intake.take(body));
    await expect(intake.take(body)).rejects.toMatchObject({ name: 'WebhookRefusal', status: 503 });
    await Promise.all(crowd);

    expect(await intake.take(deliveryOf(trunkEvent('offline', 2)))).toMatchObject({ seq: 2 });
  });

  test('has settled when all that it was given is committed', async () => {
    const receiver = createReceiver(await open());
    await receiver.intake.settled();
    const taken = many(150).map((body) => receiver.intake.take(deliveryOf(body)));

    await receiver.intake.settled();

    expect(await receiver.log()).toHaveLength(150);
    await Promise.all(taken);
  });

  test.each([
    ['a trunk whose status changed', 4, trunkEvent('registered', 1), trunkEvent('offline', 2)],
    [
      'a number of a trunk whose status changed',
      6,
      activated,
      { ...activated, event: 'number.suspended', timestamp: moment(2) },
    ],
    [
      'a text',
      4,
      activated,
      { ...activated, event: 'message.received', data: { id: 1, from: '+31687654321', to: number } },
    ],
    ['something unknown', 1, activated, { ...activated, event: 'number.renamed' }],
  ])('runs few statements for %s', async (_what, most, first, second) => {
    const { intake, account } = createReceiver(await open());
    await intake.take(deliveryOf(first));
    await account.snapshots.settled();
    const before = account.storage.queries();

    await intake.take(deliveryOf(second));

    expect(account.storage.queries() - before).toBeLessThanOrEqual(most);
  });
});
