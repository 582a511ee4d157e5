import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import { eventNames } from '../../../src/sandbox/world/events.ts';
import { run } from '../harness.ts';
import { createReceiver } from './receiver.ts';

async function runWithReceiver(options: SandboxOptions = {}) {
  const receiver = await createReceiver();
  const api = await run({ webhook: { url: receiver.url, secret: 'whsec_test' }, ...options });
  const { control } = api.sandbox;
  return {
    api,
    control,
    receiver,
    async [Symbol.asyncDispose]() {
      await api.sandbox.close();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

const hour = 3_600_000;

test('an activated number is told with the published payload, signed over the raw body in hex', async () => {
  await using world = await runWithReceiver();
  const { json } = await world.api.get('/numbers/search?country=US&type=local');
  const order = await world.api.post('/wallet/checkout', { items: [json.data[0]] });
  await world.api.clock.advance(3000);
  await world.control.webhooks.idle();
  expect(world.receiver.events()).toEqual([
    {
      event: 'number.activated',
      timestamp: '2026-04-05T12:00:03Z',
      data: {
        number: json.data[0]?.number,
        country: 'US',
        type: 'local',
        trunk_uuid: null,
        order_id: order.json.data.order_id,
      },
    },
  ]);
  const [{ body, signature } = { body: Buffer.of(), signature: '' }] = world.receiver.raw;
  expect(signature).toBe(createHmac('sha256', 'whsec_test').update(body).digest('hex'));
});

test('signatures can be base64 or have a prefix', async () => {
  await using world = await runWithReceiver({ variants: { signature: 'base64', signaturePrefix: true } });
  world.control.emit('number.activated', { number: '+31201234567', city: 'Zürich' });
  await world.control.webhooks.idle();
  const [{ body, signature } = { body: Buffer.of(), signature: '' }] = world.receiver.raw;
  expect(signature).toBe(`sha256=${createHmac('sha256', 'whsec_test').update(body).digest('base64')}`);
});

test('each event of the guide is told when it happens', async () => {
  await using world = await runWithReceiver();
  const { control, api } = world;
  const trunk = control.world.trunks.all().find(({ status }) => status === 'registered');
  const item = { number: '+31201234567', country: 'NL', type: 'local' };
  await api.post('/wallet/checkout', { items: [item] });
  const steps: [string, () => unknown][] = [
    ['trunk.offline', () => control.setTrunkStatus(trunk?.uuid ?? '', 'offline')],
    ['trunk.registered', () => control.setTrunkStatus(trunk?.uuid ?? '', 'registered')],
    ['trunk.offline', () => api.post(`/portal/sip-trunks/${trunk?.uuid}/regenerate-credentials`)],
    ['message.received', () => api.post('/__sandbox/text', { did_number_id: 5, from: '+31611111111', body: 'Hello' })],
    ['number.suspended', () => api.post('/__sandbox/number', { did_number_id: 5, action: 'suspend' })],
    ['number.activated', () => api.post('/__sandbox/number', { did_number_id: 5, action: 'activate' })],
    ['number.released', () => api.post('/__sandbox/number', { did_number_id: 5, action: 'release' })],
    ['regulatory.rejected', () => api.post('/__sandbox/regulatory', { did_number_id: 61, decision: 'rejected' })],
    ['regulatory.approved', () => api.post('/__sandbox/regulatory', { did_number_id: 61, decision: 'approved' })],
    ['number.activated', () => api.clock.advance(3000)],
  ];
  for (const [name, step] of steps) {
    await step();
    await control.webhooks.idle();
    expect(world.receiver.events().at(-1)?.event).toBe(name);
  }
  expect(new Set(steps.map(([name]) => name))).toEqual(new Set(eventNames));
  expect(world.receiver.events()).toHaveLength(steps.length);
  expect(world.receiver.events()[0]?.data).toMatchObject({ trunk_uuid: trunk?.uuid, name: trunk?.name });
});

test('an event that is refused is tried again after doubling waits, until it is taken', async () => {
  await using world = await runWithReceiver();
  world.receiver.answer(500);
  world.control.emit('trunk.offline');
  for (const [seconds, attempts] of [
    [0, 1],
    [10, 2],
    [19, 2],
    [1, 3],
    [40, 4],
  ] as const) {
    await world.api.clock.advance(seconds * 1000);
    await world.control.webhooks.idle();
    expect(world.receiver.raw).toHaveLength(attempts);
  }
  world.receiver.answer(204);
  await world.api.clock.advance(80_000);
  await world.control.webhooks.idle();
  expect(world.control.webhooks.list()).toMatchObject([{ state: 'delivered', nextAttemptAt: null }]);
  expect(world.control.webhooks.list()[0]?.attempts.map(({ result }) => result)).toEqual([500, 500, 500, 500, 204]);
  expect(new Set(world.receiver.raw.map(({ body }) => body.toString())).size).toBe(1);
  await world.api.clock.advance(48 * hour);
  expect(world.receiver.raw).toHaveLength(5);
});

test('an event that nobody takes for 24 hours is dropped', async () => {
  await using world = await runWithReceiver();
  world.receiver.answer(503);
  world.control.emit('trunk.offline');
  await world.api.clock.advance(23 * hour);
  await world.control.webhooks.idle();
  const attempts = world.receiver.raw.length;
  expect(world.control.webhooks.list()).toMatchObject([{ state: 'dropped', nextAttemptAt: null }]);
  world.receiver.answer(200);
  await world.api.clock.advance(48 * hour);
  expect(world.receiver.raw).toHaveLength(attempts);
  const { attempts: tried = [], createdAt = 0 } = world.control.webhooks.list()[0] ?? {};
  expect((tried.at(-1)?.at ?? 0) - createdAt).toBeGreaterThan(11 * hour);
  expect((tried.at(-1)?.at ?? 0) - createdAt).toBeLessThanOrEqual(24 * hour);
});

test('a receiver that does not answer within three seconds has failed', async () => {
  await using world = await runWithReceiver();
  world.receiver.answer('silent');
  world.control.emit('trunk.offline');
  while (world.receiver.raw.length === 0) await new Promise(setImmediate);
  await world.api.clock.advance(2999);
  expect(world.control.webhooks.list()[0]?.attempts).toEqual([]);
  await world.api.clock.advance(1);
  await world.control.webhooks.idle();
  expect(world.control.webhooks.list()[0]?.attempts).toMatchObject([{ result: 'no answer in 3000 ms' }]);
});

test('an outage delays events, a loss swallows them', async () => {
  await using world = await runWithReceiver();
  world.control.webhooks.trouble({ outage: true });
  world.control.emit('trunk.offline');
  await world.control.webhooks.idle();
  expect(world.receiver.raw).toHaveLength(0);
  world.control.webhooks.trouble({ outage: false });
  await world.api.clock.advance(10_000);
  await world.control.webhooks.idle();
  expect(world.receiver.events().map(({ event }) => event)).toEqual(['trunk.offline']);
  world.control.webhooks.trouble({ lose: true });
  world.control.emit('trunk.registered');
  await world.api.clock.advance(hour);
  expect(world.receiver.raw).toHaveLength(1);
});

test('an event whose answer is lost is sent again, word for word', async () => {
  await using world = await runWithReceiver();
  await world.api.call('PATCH', '/__sandbox/webhooks', { deaf: true });
  world.control.emit('trunk.offline');
  await world.control.webhooks.idle();
  world.control.webhooks.trouble({ deaf: false });
  await world.api.clock.advance(10_000);
  await world.control.webhooks.idle();
  expect(world.receiver.raw).toHaveLength(2);
  expect(new Set(world.receiver.raw.map(({ body }) => body.toString())).size).toBe(1);
  expect(world.control.webhooks.list()).toMatchObject([
    { state: 'delivered', attempts: [{ result: 'the answer was lost' }, { result: 200 }] },
  ]);
});

test('events come twice, in the wrong order, or from a clock that is wrong, on demand', async () => {
  await using world = await runWithReceiver();
  const names = () => world.receiver.events().map(({ event }) => event);
  await world.api.call('PATCH', '/__sandbox/webhooks', { duplicates: 1 });
  world.control.emit('a');
  await world.control.webhooks.idle();
  expect(names()).toEqual(['a', 'a']);

  await world.api.call('PATCH', '/__sandbox/webhooks', { duplicates: 0, reorder: true });
  world.control.emit('b');
  world.control.emit('c');
  await world.control.webhooks.idle();
  expect(names()).toEqual(['a', 'a', 'c', 'b']);
  world.control.emit('d');
  await world.control.webhooks.idle();
  expect(names()).toHaveLength(4);
  await world.api.clock.advance(5000);
  await world.control.webhooks.idle();
  expect(names().at(-1)).toBe('d');

  await world.api.call('PATCH', '/__sandbox/webhooks', { reorder: false, clockSkew: -60_000 });
  world.control.emit('e');
  await world.control.webhooks.idle();
  expect(world.receiver.events().at(-1)?.timestamp).toBe('2026-04-05T11:59:05Z');
});

test('events can leave the trunk out and spell their time otherwise', async () => {
  await using world = await runWithReceiver({ variants: { eventTrunk: 'null', timestamps: 'fraction-offset' } });
  const [trunk] = world.control.world.trunks.all();
  world.control.setTrunkStatus(trunk?.uuid ?? '', 'offline');
  await world.control.webhooks.idle();
  expect(world.receiver.events()[0]).toMatchObject({
    timestamp: '2026-04-05T12:00:00.000+00:00',
    data: { trunk_uuid: null },
  });
});

test('the receiver and the secret can be set while it runs; without a receiver nothing is kept', async () => {
  await using world = await runWithReceiver();
  await world.api.call('PATCH', '/__sandbox/webhooks', { url: null });
  world.control.emit('lost');
  await world.api.call('PATCH', '/__sandbox/webhooks', { url: world.receiver.url, secret: 'whsec_new' });
  await world.api.post('/__sandbox/emit', { event: 'call.started', data: { anything: [1] } });
  await world.control.webhooks.idle();
  expect(world.receiver.events()).toMatchObject([{ event: 'call.started', data: { anything: [1] } }]);
  const [{ body, signature } = { body: Buffer.of(), signature: '' }] = world.receiver.raw;
  expect(signature).toBe(createHmac('sha256', 'whsec_new').update(body).digest('hex'));
  expect((await world.api.get('/__sandbox/webhooks')).json).toMatchObject([
    { event: 'call.started', state: 'delivered' },
  ]);
});
