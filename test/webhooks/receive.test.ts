import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { acme, activated, createReceiver, expectNothingWritten, moment, number } from './support/receiver.ts';

eachDatabase('the webhook route', (open) => {
  test('records and applies an event before it answers 200', async () => {
    const receiver = createReceiver(await open());
    const waiter = receiver.bus.waiter(receiver.account.id);

    const response = await receiver.send(activated);

    expect(response.status).toBe(200);
    expect(await waiter.woken()).toBe(true);
    expect(await receiver.log()).toMatchObject([
      {
        account: 'main',
        seq: 1,
        type: 'NUMBER_ACTIVATED',
        name: 'number.activated',
        source: 'WEBHOOK',
        at: Date.parse(moment(0)),
        received_at: receiver.clock.now(),
        e164: number,
        trunk_key: acme,
        client_key: acme,
        order_id: 1042,
        message_id: null,
        data: JSON.stringify(activated.data),
        applied: 1,
      },
    ]);
    expect(await receiver.number()).toMatchObject({
      status: 'ACTIVE',
      status_since: Date.parse(moment(0)),
      country: 'NL',
      type: 'LOCAL',
      trunk_key: acme,
      order_id: 1042,
    });
  });

  test('takes the same bytes sent again, also at the same time, as one event', async () => {
    const receiver = createReceiver(await open());

    const answers = await Promise.all([1, 2, 3].map(() => receiver.send(activated)));
    answers.push(await receiver.send(activated));

    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(await receiver.log()).toHaveLength(1);
  });

  test('numbers the events of concurrent deliveries without a gap', async () => {
    const receiver = createReceiver(await open());

    await Promise.all(
      Array.from({ length: 30 }, (_, second) => receiver.sendEvent('trunk.registered', second, { trunk_uuid: acme })),
    );

    expect((await receiver.log()).map((event) => event.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED' });
  });

  test('records an event with an unknown name and unknown fields, and answers 200', async () => {
    const receiver = createReceiver(await open());
    const body = { event: 'trunk.renamed', timestamp: moment(1), data: { deep: { list: [1, null] } }, attempt: 3 };

    expect((await receiver.send(body)).status).toBe(200);
    expect((await receiver.send({ event: 'ping', timestamp: moment(1) })).status).toBe(200);

    expect(await receiver.log()).toMatchObject([
      { type: 'UNKNOWN', name: 'trunk.renamed', applied: 0, data: '{"deep":{"list":[1,null]}}' },
      { type: 'UNKNOWN', name: 'ping', applied: 0, data: '{}' },
    ]);
  });

  test('reads a key that is there twice as its last, and keys of every object as data', async () => {
    const receiver = createReceiver(await open());
    const data = `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"trunk_uuid":"a","trunk_uuid":"${acme}"}`;
    const body = `{"event":"trunk.offline","event":"trunk.registered","timestamp":"${moment(0)}","data":${data}}`;

    expect((await receiver.send(body)).status).toBe(200);
    expect((await receiver.send(body.replace('trunk.registered', 'message.received'))).status).toBe(200);

    const kept = data.replace('"trunk_uuid":"a",', '');
    expect(await receiver.log()).toMatchObject([
      { name: 'trunk.registered', trunk_key: acme, data: kept },
      { name: 'message.received', message_id: null, data: kept },
    ]);
    expect(await receiver.trunk('a')).toBeUndefined();
    expect(({} as Readonly<Record<string, unknown>>)['polluted']).toBeUndefined();
  });

  test('keeps nothing of an event whose transaction fails, and takes it when it is sent again', async () => {
    const storage = await open();
    const receiver = createReceiver(storage);
    const { attribute } = receiver.account;
    Object.assign(receiver.account, { attribute: () => Promise.reject(new Error('the disk is full')) });

    await expect(receiver.send(activated)).rejects.toThrow('the disk is full');
    await expectNothingWritten(receiver);

    Object.assign(receiver.account, { attribute });
    expect((await receiver.send(activated)).status).toBe(200);
    expect(await receiver.log()).toHaveLength(1);
  });

  test('stores what a database cannot take as it is', async () => {
    const receiver = createReceiver(await open());
    const data = { id: 'a\0b', from: '+31687654321', to: number, body: 'nul \0 and \ud800', trunk_uuid: 'trk\0' };

    expect((await receiver.sendEvent('message.received', 1, data)).status).toBe(200);

    expect(await receiver.messages()).toMatchObject([{ message_id: 'ab', sender: '+31687654321', recipient: number }]);
    expect(JSON.parse((await receiver.log())[0]?.data ?? '')).toEqual(data);
  });
});
