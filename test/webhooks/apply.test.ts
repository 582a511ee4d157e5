import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { learnNumbers } from '../../src/numbers/numbers.ts';
import { eachDatabase } from '../support/databases.ts';
import { acme, createReceiver, moment, noon, number, type Receiver } from './support/receiver.ts';

const at = (second: number) => Date.parse(moment(second));
const sender = '+31687654321';

async function learn(receiver: Receiver, facts: Parameters<typeof learnNumbers>[2][number]): Promise<void> {
  await receiver.account.storage.transaction((trx) => learnNumbers(trx, receiver.account, [facts]));
}

eachDatabase('what an event teaches', (open) => {
  test('an order that is only heard of comes into being at the time of the event, and one that is known stays', async () => {
    const receiver = createReceiver(await open());
    const { db } = receiver.account.storage;
    const known = { account: 'main', order_id: 7, placed_at: 1, total: '1.50', requires_regulatory: 1 } as const;
    await db.insertInto('orders').values(known).execute();

    await receiver.sendEvent('number.activated', 1, { number, order_id: 1042 });
    await receiver.sendEvent('number.activated', 2, { number: '+31201234568', order_id: 7 });

    expect(await db.selectFrom('orders').selectAll().orderBy('order_id').execute()).toEqual([
      known,
      { account: 'main', order_id: 1042, placed_at: at(1), total: null, requires_regulatory: 0 },
    ]);
  });

  test('a trunk_uuid of null says nothing of where the calls go', async () => {
    const receiver = createReceiver(await open());
    await receiver.sendEvent('number.activated', 1, { number, trunk_uuid: acme });

    await receiver.sendEvent('number.suspended', 2, { number, trunk_uuid: null });

    expect(await receiver.number()).toMatchObject({ status: 'SUSPENDED', trunk_key: acme, client_key: acme });
    expect(await receiver.log()).toMatchObject([{}, { trunk_key: acme, client_key: acme }]);
  });

  test('the documents of a number are approved and rejected by the time of the events', async () => {
    const receiver = createReceiver(await open());

    await receiver.sendEvent('regulatory.rejected', 20, { number });
    await receiver.sendEvent('regulatory.approved', 10, { number });
    expect(await receiver.number()).toMatchObject({ regulatory_status: 'REJECTED', status: 'UNKNOWN' });

    await receiver.sendEvent('regulatory.approved', 30, { number });
    expect(await receiver.number()).toMatchObject({ regulatory_status: 'APPROVED', regulatory_since: at(30) });
    expect((await receiver.log()).map((event) => event.applied)).toEqual([1, 0, 1]);
  });

  test('a number that the gateway bought is activated whichever clock is ahead', async () => {
    const receiver = createReceiver(await open());
    await learn(receiver, { e164: number, status: { value: 'PROVISIONING', at: at(90) } });
    await learn(receiver, { e164: number, regulatory: { value: 'SUBMITTED', at: at(90) } });

    await receiver.sendEvent('number.activated', 60, { number });
    await receiver.sendEvent('regulatory.approved', 60, { number });

    expect(await receiver.number()).toMatchObject({ status: 'ACTIVE', regulatory_status: 'APPROVED' });
  });

  test('a number is found by its did_number_id where an event of unpublished shape names it so', async () => {
    const receiver = createReceiver(await open());
    await learn(receiver, { e164: number, didNumberId: 42 });

    await receiver.sendEvent('regulatory.approved', 1, { did_number_id: 42 });

    expect(await receiver.number()).toMatchObject({ regulatory_status: 'APPROVED' });
    expect(await receiver.log()).toMatchObject([{ e164: number, applied: 1 }]);
  });

  test('an event of unpublished shape that names nothing known is recorded as it came', async () => {
    const receiver = createReceiver(await open());
    const events = ['trunk.offline', 'regulatory.approved', 'message.received'];

    for (const event of events) expect((await receiver.sendEvent(event, 1, { what: 'is this' })).status).toBe(200);

    expect(await receiver.log()).toMatchObject(
      events.map((name) => ({ name, applied: 0, data: '{"what":"is this"}' })),
    );
    expect(await receiver.trunk()).toBeUndefined();
  });

  test('a trunk is found by its uuid or its number, and comes into being by its uuid', async () => {
    const receiver = createReceiver(await open());

    await receiver.sendEvent('trunk.registered', 1, { uuid: acme });
    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED', name: acme, first_seen: noon });
    await receiver.account.storage.db.updateTable('trunks').set({ sip_trunk_id: 7 }).execute();
    await receiver.sendEvent('trunk.offline', 2, { sip_trunk_id: '7' });

    expect(await receiver.trunk()).toMatchObject({ status: 'OFFLINE', status_since: at(2) });
  });
});

eachDatabase('a text that arrives', (open) => {
  const shapes: Record<string, object> = {
    'as it is sent by API': { id: 42, from: sender, to: number, body: 'Hello' },
    'with the names of the numbers': { message_id: '42', from_number: sender, to_number: number, text: 'Hello' },
    'with other names': { sms_id: 1, id: '42', sender, recipient: '31201234567', message: 'Hello' },
    'with yet other names': { sms_id: 42, source: sender, destination: number, content: 'Hello' },
    'with the number that it came to': { uuid: '42', from: sender, did_number: number, body: 'Hello' },
    'inside an object of another name': { sms: { id: 42, from: sender, to: number, body: 'Hello' } },
    'inside an object': { message: { id: 42, from: sender, to: '+31 20 123 4567', body: 'Hello' } },
  };
  for (const [shape, data] of Object.entries(shapes))
    test(`is read ${shape}`, async () => {
      const receiver = createReceiver(await open());

      await receiver.sendEvent('message.received', 5, data);

      expect(await receiver.messages()).toMatchObject([
        {
          message_id: '42',
          direction: 'INBOUND',
          status: 'RECEIVED',
          sender,
          recipient: number,
          body: 'Hello',
          at: at(5),
          e164: number,
        },
      ]);
      expect(await receiver.log()).toMatchObject([{ message_id: '42', e164: number, applied: 1 }]);
      expect(await receiver.number()).toMatchObject({ e164: number, status: 'UNKNOWN' });
    });

  test('belongs to the client whose number it was then', async () => {
    const receiver = createReceiver(await open());
    await learn(receiver, { e164: number, trunk: { value: { key: acme, client: 'acme' }, at: at(10) } });
    const text = { from: sender, to: number, body: 'Hi' };

    await receiver.sendEvent('message.received', 5, { id: 1, ...text });
    await receiver.sendEvent('message.received', 15, { id: 2, ...text });
    await receiver.sendEvent('message.received', 20, { id: 3, ...text, trunk_uuid: 'trk_other' });

    expect((await receiver.messages()).map((message) => message.client_key)).toEqual([null, 'acme', 'trk_other']);
    expect((await receiver.log()).map((event) => event.trunk_key)).toEqual([null, acme, 'trk_other']);
  });

  test('without an id, or with that of another text, is a message of its own', async () => {
    const receiver = createReceiver(await open());

    for (const [second, id] of [
      [1, undefined],
      [2, undefined],
      [3, 42],
      [4, 42],
    ] as const)
      await receiver.sendEvent('message.received', second, { id, from: sender, to: number, body: `No ${second}` });

    const messages = await receiver.messages();
    expect(messages.map((message) => message.body)).toEqual(['No 1', 'No 2', 'No 3', 'No 4']);
    expect(messages[2]?.message_id).toBe('42');
    expect((await receiver.log()).map((event) => event.message_id)).toEqual(messages.map((each) => each.message_id));
  });

  test('told of twice in different bytes is one message and two events', async () => {
    const receiver = createReceiver(await open());
    const text = { id: 42, from: sender, to: number, body: 'Hi' };

    await receiver.sendEvent('message.received', 1, text);
    await receiver.sendEvent('message.received', 2, { ...text, attempt: 2 });

    expect(await receiver.messages()).toMatchObject([{ message_id: '42', at: at(1) }]);
    expect(await receiver.log()).toHaveLength(2);
  });

  test('with an id too long to be found by is kept like any other, and again once', async () => {
    const receiver = createReceiver(await open());
    // Nothing that a database could make shorter.
    const id = Array.from({ length: 125 }, (_, part) => createHash('sha256').update(`${part}`).digest('hex')).join('');
    const text = { id, from: sender, to: number, body: 'Hi' };

    await receiver.sendEvent('message.received', 1, text);
    await receiver.sendEvent('message.received', 2, { ...text, attempt: 2 });
    await receiver.sendEvent('message.received', 3, { ...text, id: `${id}0` });

    expect((await receiver.messages()).map((message) => message.at)).toEqual([at(1), at(3)]);
    expect((await receiver.log()).map((event) => (JSON.parse(event.data) as typeof text).id)).toEqual([
      id,
      id,
      `${id}0`,
    ]);
  });

  test('is kept with a timestamp that is none of now', async () => {
    const receiver = createReceiver(await open());

    await receiver.sendEvent('message.received', -48 * 3600, { id: 1, from: sender, to: number, body: 'Old' });
    await receiver.sendEvent('message.received', 3600, { id: 2, from: 'ACME', to: number, body: 'Ahead' });

    expect((await receiver.messages()).map((message) => [message.sender, message.body])).toEqual([
      [sender, 'Old'],
      ['ACME', 'Ahead'],
    ]);
  });
});
