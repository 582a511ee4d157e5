import { expect, test } from 'vitest';
import type { SandboxOptions } from '../../../src/sandbox/sandbox.ts';
import { startAccessGateway } from '../../support/access-gateway.ts';
import { askingOf, settledAnswer } from './asking.ts';

const questions = {
  trunks: '{ trunks(first: 50) { nodes { name status statusSince numbers(first: 5) { nodes { e164 } } } } }',
  transactions: '{ transactions(first: 20) { nodes { transactionId amount { amount } } } }',
  wallet: '{ wallet { balance { amount } } }',
};

async function start(sandbox: SandboxOptions = {}) {
  const gateway = await startAccessGateway({ sandbox });
  const { post } = askingOf(gateway);
  const ask = (query: string) => post({}, { query });
  return Object.assign(gateway, { ask });
}

test.each(Object.entries(questions))(
  '%s: refreshes that show nothing new leave the answer as it is',
  async (_, query) => {
    await using gateway = await start();
    const ask = () => settledAnswer(gateway, () => gateway.ask(query));
    await ask();
    // What was behind is read by then.
    await gateway.clock.advance(61_000);
    const known = await ask();
    let workedOut = 0;
    for (let minute = 0; minute < 10; minute += 1) {
      await gateway.clock.advance(31_000);
      const first = await gateway.ask(query);
      workedOut += Number(first.statements > 0);
      await gateway.clock.through(gateway.app.settled());
      const second = await gateway.ask(query);
      expect([first.body.data, second.body.data]).toEqual([known.body.data, known.body.data]);
      expect(second.headers['etag']).toBe(known.headers['etag']);
      expect(second.statements).toBe(0);
    }
    expect(workedOut).toBe(10);
  },
);

test('an answer that says as of when it is is another one after each refresh', async () => {
  await using gateway = await start();
  const query = '{ wallet { balance { amount } asOf } }';
  const seen = new Set<unknown>();
  for (let refreshed = 0; refreshed < 3; refreshed += 1) {
    await gateway.clock.advance(21_000);
    const { body, statements } = await settledAnswer(gateway, () => gateway.ask(query));
    seen.add(body.data?.['wallet']);
    expect(statements).toBe(0);
    expect(body.data?.['wallet']).toMatchObject({ asOf: new Date(gateway.clock.now()).toISOString() });
  }
  expect(seen.size).toBe(3);
});

test('what a refresh does change is there in the next answer', async () => {
  await using gateway = await start();
  const before = await settledAnswer(gateway, () => gateway.ask(questions.wallet));
  gateway.sandbox.control.topUp('5.00');
  await gateway.clock.advance(21_000);
  const after = await settledAnswer(gateway, () => gateway.ask(questions.wallet));
  expect(after.body.data).not.toEqual(before.body.data);
});

test('an answer that says what of it is not whole yet says so each time', async () => {
  await using gateway = await start({ transactions: 600 });
  const query = '{ wallet { spending(from: "2020-01-01", to: "2030-01-01") { total { amount } } } }';
  const stale = async () =>
    ((await gateway.ask(query)).body.extensions?.upstream.stale ?? []).map((each) => each.resource);

  await gateway.ask(query);
  // The rest does not come.
  gateway.sandbox.control.faults.add({ kind: 'status', status: 503 });
  await settledAnswer(gateway, () => gateway.ask(query));
  for (const told of [await stale(), await stale(), ...(await Promise.all([stale(), stale()]))])
    expect(told).toEqual(['transactions']);
});
