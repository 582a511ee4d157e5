import { fc, test as property } from '@fast-check/vitest';
import { afterEach, describe, expect, test } from 'vitest';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { learnTrunks } from '../../src/trunks/learn.ts';
import { eachDatabase } from '../support/databases.ts';
import { acme, createReceiver, moment, number, type Receiver } from './support/receiver.ts';

const hour = 3600;
const trunkEvent = (receiver: Receiver, status: string, second: number) =>
  receiver.sendEvent(`trunk.${status}`, second, { trunk_uuid: acme });
const numberEvent = (receiver: Receiver, status: string, second: number) =>
  receiver.sendEvent(`number.${status}`, second, { number, country: 'NL', type: 'local' });
const at = (second: number) => Date.parse(moment(second));

eachDatabase('events out of their order', (open) => {
  test('a late trunk.offline never undoes a newer trunk.registered, and both stay in the log', async () => {
    const receiver = createReceiver(await open());

    await trunkEvent(receiver, 'registered', 20);
    await trunkEvent(receiver, 'offline', 10);

    expect(await receiver.trunk()).toMatchObject({
      status: 'REGISTERED',
      raw_status: 'registered',
      status_since: at(20),
    });
    expect(await receiver.log()).toMatchObject([
      { type: 'TRUNK_REGISTERED', applied: 1, trunk_key: acme },
      { type: 'TRUNK_OFFLINE', applied: 0, trunk_key: acme },
    ]);
  });

  test('an event between two that said the same moves the beginning of the status, and not the status', async () => {
    const receiver = createReceiver(await open());

    for (const [status, second] of [
      ['registered', 10],
      ['registered', 30],
      ['offline', 20],
    ] as const)
      await trunkEvent(receiver, status, second);
    for (const [status, second] of [
      ['activated', 10],
      ['activated', 30],
      ['suspended', 20],
    ] as const)
      await numberEvent(receiver, status, second);

    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', status_since: at(30) });
    expect(await receiver.number()).toMatchObject({ status: 'ACTIVE', status_since: at(30) });
  });

  test('a late number.activated fills in what is not known and takes nothing back', async () => {
    const receiver = createReceiver(await open());
    const facts = { number, country: 'NL', type: 'local' };

    await receiver.sendEvent('number.activated', 50, { ...facts, order_id: 2, trunk_uuid: 'trk_new' });
    await receiver.sendEvent('number.activated', 10, { ...facts, order_id: 1, trunk_uuid: acme, did_number_id: 42 });

    expect(await receiver.number()).toMatchObject({ order_id: 2, trunk_key: 'trk_new', did_number_id: 42 });
  });

  for (const [when, known, second] of [
    ['of the future, where something newer than its coming in is known,', 60, 6 * 60],
    ['older than any retry', 0, -26 * hour],
  ] as const)
    test(`an event ${when} is recorded and not applied`, async () => {
      const receiver = createReceiver(await open());
      await trunkEvent(receiver, 'registered', known);
      await numberEvent(receiver, 'activated', known);

      const answers = [await trunkEvent(receiver, 'offline', second), await numberEvent(receiver, 'released', second)];

      expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
      expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', status_since: at(known) });
      expect(await receiver.number()).toMatchObject({ status: 'ACTIVE', status_since: at(known) });
      expect((await receiver.log()).map((event) => [event.at, event.applied])).toEqual([
        [at(known), 1],
        [at(known), 1],
        [at(second), 0],
        [at(second), 0],
      ]);
      expect(await receiver.log()).toMatchObject([{}, {}, { trunk_key: acme }, { e164: number }]);
    });

  test('an event of the future counts from when it came in, is logged as one, and the next one counts after it', async () => {
    const receiver = createReceiver(await open());
    await trunkEvent(receiver, 'registered', 0);
    await numberEvent(receiver, 'activated', 0);
    receiver.clock.jump(60_000);

    await trunkEvent(receiver, 'offline', hour);
    await numberEvent(receiver, 'suspended', hour);
    expect(await receiver.trunk()).toMatchObject({ status: 'OFFLINE', status_since: at(60) });
    expect(await receiver.number()).toMatchObject({ status: 'SUSPENDED', status_since: at(60) });
    expect((await receiver.log()).slice(2)).toMatchObject([
      { at: at(hour), received_at: at(60), applied: 1 },
      { at: at(hour), received_at: at(60), applied: 1 },
    ]);
    expect(receiver.warnings).toMatchObject([{ event: 'trunk.offline' }, { event: 'number.suspended' }]);

    await trunkEvent(receiver, 'registered', 59);
    await numberEvent(receiver, 'activated', 59);
    expect(await receiver.trunk()).toMatchObject({ status: 'OFFLINE', status_since: at(60) });
    expect(await receiver.number()).toMatchObject({ status: 'SUSPENDED', status_since: at(60) });

    await trunkEvent(receiver, 'registered', 61);
    await numberEvent(receiver, 'activated', 61);
    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', status_since: at(61) });
    expect(await receiver.number()).toMatchObject({ status: 'ACTIVE', status_since: at(61) });
  });

  test('what was learnt while the clocks were ahead does not stand in the way once they are put back', async () => {
    const receiver = createReceiver(await open());
    receiver.clock.step(24 * hour * 1000);
    await trunkEvent(receiver, 'registered', 24 * hour);
    await numberEvent(receiver, 'activated', 24 * hour);
    await receiver.sendEvent('regulatory.approved', 24 * hour, { number });
    receiver.clock.step(-24 * hour * 1000);

    await trunkEvent(receiver, 'registered', 10);
    await trunkEvent(receiver, 'registered', 5);
    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', status_since: at(5) });
    await trunkEvent(receiver, 'offline', 20);
    await trunkEvent(receiver, 'registered', 15);
    await numberEvent(receiver, 'suspended', 20);
    await receiver.sendEvent('regulatory.rejected', 20, { number });

    expect(await receiver.trunk()).toMatchObject({ status: 'OFFLINE', status_since: at(20) });
    expect(await receiver.number()).toMatchObject({
      status: 'SUSPENDED',
      status_since: at(20),
      regulatory_status: 'REJECTED',
    });
  });

  for (const [when, second] of [
    ['almost five minutes ahead', 5 * 60],
    ['delivered after a day', -24 * hour],
  ] as const)
    test(`an event ${when} is applied`, async () => {
      const receiver = createReceiver(await open());

      await trunkEvent(receiver, 'registered', second);

      expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', status_since: at(second) });
    });

  test('an event older than what a listing showed is not applied, and one of the same second is', async () => {
    const receiver = createReceiver(await open());
    const listed = { uuid: acme, sipTrunkId: 7, name: 'Acme', sipServer: null, username: null, authType: null };
    await trunkEvent(receiver, 'registered', 10);
    const { storage } = receiver.account;
    const list = (asOf: number) =>
      storage.transaction((trx) =>
        learnTrunks(trx, receiver.account, { items: [{ ...listed, status: 'offline' }], complete: true, asOf }),
      );

    await list(at(30) + 500);
    await trunkEvent(receiver, 'registered', 29);
    expect(await receiver.trunk()).toMatchObject({ status: 'OFFLINE', status_since: at(30) + 500 });

    await trunkEvent(receiver, 'registered', 30);
    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', name: 'Acme' });
  });
});

let opened: Storage | undefined;
afterEach(() => opened?.close());

describe('any order of delivery', () => {
  const moments = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean()), {
    selector: ([second]) => second,
    minLength: 1,
    maxLength: 8,
  });
  const delivered = moments.chain((events) =>
    fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }), fc.subarray(events)),
  );

  /** What the events say, by their own time: the last one's status, and when it began. */
  const truth = (events: readonly (readonly [number, boolean])[]) => {
    const inOrder = [...events].sort(([one], [other]) => one - other);
    const up = inOrder.at(-1)?.[1];
    const changed = inOrder.findLastIndex(([, each]) => each !== up);
    return { up, since: at(inOrder[changed + 1]?.[0] ?? 0) };
  };

  property.prop([delivered], { numRuns: 60 })(
    'with any repetition leaves a trunk and a number with the status of their latest event',
    async ([events, shuffled, repeated]) => {
      opened = await openStorage('sqlite::memory:');
      const receiver = createReceiver(opened);

      for (const [second, up] of [...shuffled, ...repeated]) {
        await trunkEvent(receiver, up ? 'registered' : 'offline', second);
        await numberEvent(receiver, up ? 'activated' : 'suspended', second);
      }

      const { up, since } = truth(events);
      expect(await receiver.trunk()).toMatchObject({ status: up ? 'REGISTERED' : 'OFFLINE', status_since: since });
      expect(await receiver.number()).toMatchObject({ status: up ? 'ACTIVE' : 'SUSPENDED', status_since: since });
      expect(await receiver.log()).toHaveLength(2 * events.length);
      await opened.close();
    },
  );
});
