import { expect, test } from 'vitest';
import { openStorage } from '../../src/storage/database.ts';
import { createBytes } from './support/bytes.ts';
import { activated, createReceiver, number, sign, webhook } from './support/receiver.ts';

const seed = 20_260_405;

async function open() {
  const storage = await openStorage('sqlite::memory:');
  return { receiver: createReceiver(storage), [Symbol.asyncDispose]: () => storage.close() };
}

function tally(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('of 100,000 bodies that are not signed none is taken, and none stops the gateway', async () => {
  await using world = await open();
  const { receiver } = world;
  const original = JSON.stringify(activated);
  const bytes = createBytes(seed);
  const signatures = [sign(original), sign(original, 'whsec_other'), '0'.repeat(64), ''];

  const statuses: number[] = [];
  for (let place = 0; place < 100_000; place++) {
    const body = bytes.otherThan(original);
    const signature = signatures[place % signatures.length] ?? '';
    statuses.push((await receiver.receive(webhook(body, { 'x-didfarm-signature': signature }))).status);
  }

  expect(tally(statuses)).toEqual({ 401: 100_000 });
  expect(await receiver.log()).toEqual([]);
  expect((await receiver.send(original)).status).toBe(200);
});

test('of 5,000 bodies that are signed each is recorded or refused, and none stops the gateway', async () => {
  await using world = await open();
  const { receiver } = world;
  const bytes = createBytes(seed);
  const originals = ['number.activated', 'trunk.offline', 'message.received', 'call.started'].map((event) =>
    JSON.stringify({ ...activated, event, data: { ...activated.data, id: 1, from: '+31687654321', to: number } }),
  );

  const answers: [status: number, body: string][] = [];
  for (let place = 0; place < 5_000; place++) {
    const body = bytes.otherThan(originals[place % originals.length] ?? '');
    const response = await receiver.receive(webhook(body, { 'x-didfarm-signature': sign(body) }));
    answers.push([response.status, body.toString('latin1')]);
  }

  const counts = tally(answers.map(([status]) => status));
  expect(Object.keys(counts)).toEqual(['200', '400', '422']);
  const taken = new Set(answers.flatMap(([status, body]) => (status === 200 ? [body] : [])));
  expect(await receiver.log()).toHaveLength(taken.size);
  expect((await receiver.send({ ...activated, timestamp: '2026-04-05T12:00:59Z' })).status).toBe(200);
});
