import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';

/** Each level with its linked field, and the storage queries it may cost beyond the level above. */
const levels = [
  '{ trunks(first: 8) { nodes { name } } }',
  '{ trunks(first: 8) { nodes { name numbers(first: 5) { nodes { e164 } } } } }',
  '{ trunks(first: 8) { nodes { name numbers(first: 5) { nodes { e164 trunk { name } } } } } }',
  '{ trunks(first: 8) { nodes { name numbers(first: 5) { nodes { e164 trunk { name client { name } } } } } } }',
  '{ trunks(first: 8) { nodes { name numbers(first: 5) { nodes { e164 trunk { name client { name trunks { nodes { name } } } } } } } } }',
];

test('a linked field costs one storage query a level, however many rows the level has', async () => {
  await using gateway = await startGateway();
  await gateway.askText('{ trunks { totalCount } }');
  const costs: number[] = [];
  for (const query of levels) {
    const before = gateway.app.storage.queries();
    const answer = await gateway.askText(query);
    expect(answer.errors).toBeUndefined();
    costs.push(gateway.app.storage.queries() - before);
  }
  expect(costs).toEqual([1, 2, 3, 4, 5]);
});

test('an operation costs no more upstream calls than it reads stale resources, and a repeat costs none', async () => {
  await using gateway = await startGateway();
  const query = `{
    a: trunks { nodes { client { name } } } b: clients { nodes { trunks { totalCount } numbers { totalCount } } }
    c: numbers { nodes { trunk { status } client { name } } } d: trunk(uuid: "trk_none") { name }
    e: availableNumbers(country: "NL", first: 5) { nodes { e164 } } f: availableNumbers(country: "NL", first: 9) { totalCount }
  }`;
  const first = await gateway.askText(query);
  expect(first.errors).toBeUndefined();
  expect(first.data?.['d']).toBeNull();
  expect(first.extensions?.upstream.calls).toBe(2);
  expect(gateway.sandbox.control.calls().routes).toEqual({ 'GET /portal/sip-trunks': 1, 'GET /numbers/search': 1 });
  const repeat = await gateway.askText(query);
  expect(repeat.extensions?.upstream).toMatchObject({ calls: 0, stale: [] });
  expect(gateway.sandbox.control.calls().total).toBe(2);
});
