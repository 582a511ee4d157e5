import { describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** Each linked field of the contract below a list of its parents: the list, the field, and the storage queries it may add. */
const links: readonly [list: string, field: string, queries: number][] = [
  ['trunks(first: 8)', 'client { name }', 1],
  ['trunks(first: 8)', 'numbers(first: 5) { nodes { e164 } }', 1],
  ['trunks(first: 8)', 'numbers(first: 5) { totalCount }', 2],
  ['trunks(first: 8)', 'transactions(first: 5) { nodes { transactionId } }', 1],
  ['trunks(first: 8)', 'events(first: 5) { nodes { name } }', 1],
  ['trunks(first: 8)', 'availability(from: "2026-04-01T00:00:00Z")', 1],
  ['clients(first: 8)', 'trunks { nodes { name } }', 1],
  ['clients(first: 8)', 'numbers { nodes { e164 } }', 1],
  ['clients(first: 8)', 'transactions { nodes { transactionId } }', 1],
  ['clients(first: 8)', 'messages { nodes { body } }', 1],
  // The sums of all clients, and once an operation whether the history is whole.
  ['clients(first: 8)', 'spending(from: "2026-01-01", to: "2027-01-01") { count }', 2],
  ['numbers(first: 25)', 'trunk { name }', 1],
  ['numbers(first: 25)', 'client { name }', 1],
  ['numbers(first: 25)', 'order { orderId }', 1],
  ['numbers(first: 25)', 'order { items { e164 } }', 2],
  ['numbers(first: 25)', 'messages { nodes { body } }', 1],
  ['numbers(first: 25)', 'transactions { nodes { transactionId } }', 1],
  ['numbers(first: 25)', 'events { nodes { name } }', 1],
  ['transactions(first: 50)', 'client { name }', 1],
  ['transactions(first: 50)', 'reference { __typename }', 3],
  ['orders(first: 25)', 'items { e164 }', 1],
  ['orders(first: 25)', 'items { number { status } }', 2],
  ['messages(first: 5)', 'number { e164 }', 1],
  ['messages(first: 5)', 'client { name }', 1],
  ['events(first: 5)', '... on TrunkEvent { trunk { name } }', 1],
  ['events(first: 5)', '... on MessageEvent { message { body } }', 1],
];

async function cost(gateway: Gateway, query: string): Promise<number> {
  const before = gateway.app.storage.queries();
  const answer = await gateway.askText(query);
  expect(answer.errors).toBeUndefined();
  return gateway.app.storage.queries() - before;
}

/** A gateway whose snapshots are all fresh, with a few events and texts. */
async function warm(): Promise<Gateway> {
  const gateway = await startGateway();
  await gateway.askText('{ trunks { totalCount } transactions { totalCount } wallet { asOf } }');
  const [trunk] = gateway.sandbox.control.world.trunks.all();
  const now = gateway.clock.now();
  const [number] = gateway.sandbox.control.numbersCsv().split('\n').slice(1);
  await gateway.deliver('trunk.offline', now, { trunk_uuid: trunk?.uuid });
  for (const [index, body] of ['one', 'two'].entries())
    await gateway.deliver('message.received', now + index, { from: '+31612345678', to: number?.split(',')[0], body });
  return gateway;
}

describe('batching', () => {
  test.each(links)('%s: %s', async (list, field, queries) => {
    await using gateway = await warm();
    const bare = await cost(gateway, `{ ${list} { nodes { __typename } } }`);
    expect(await cost(gateway, `{ ${list} { nodes { __typename ${field} } } }`)).toBeLessThanOrEqual(bare + queries);
  });

  test('five levels cost five queries', async () => {
    await using gateway = await warm();
    const query =
      '{ trunks(first: 8) { nodes { name numbers(first: 5) { nodes { e164 trunk { name client { name trunks { nodes { name } } } } } } } } }';
    expect(await cost(gateway, query)).toBe(5);
  });
});

test('an operation costs no more upstream calls than it reads stale resources, and a repeat costs none', async () => {
  await using gateway = await startGateway();
  const query = `{
    a: trunks { nodes { client { name } } } b: clients { nodes { trunks { totalCount } numbers { totalCount } } }
    c: numbers { nodes { trunk { status } client { name } } } d: trunk(uuid: "trk_none") { name }
    e: availableNumbers(country: "NL", first: 5) { nodes { e164 } } f: availableNumbers(country: "NL", first: 9) { totalCount }
    g: wallet { balance { amount } transactions { totalCount } } h: transactions { nodes { client { name } } }
  }`;
  const first = await gateway.askText(query);
  expect(first.errors).toBeUndefined();
  expect(first.data?.['d']).toBeNull();
  expect(first.extensions?.upstream.calls).toBe(4);
  expect(gateway.sandbox.control.calls().routes).toEqual({
    'GET /portal/sip-trunks': 1,
    'GET /numbers/search': 1,
    'GET /wallet/balance': 1,
    'GET /wallet/transactions': 1,
  });
  const repeat = await gateway.askText(query);
  expect(repeat.extensions?.upstream.calls).toBe(0);
  expect(gateway.sandbox.control.calls().total).toBe(4);
});
