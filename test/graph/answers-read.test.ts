import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localAdmin } from '../../src/access/viewer.ts';
import { noteTouch, type Reading, recordReading } from '../../src/cache/reading.ts';
import { schema } from '../../src/schema.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { contextOf } from '../support/context.ts';
import { acme } from '../wallet/picture.ts';
import { startUpstream, type Upstream } from '../wallet/upstream.ts';

let upstream: Upstream;
let storage: Storage;
let account: ReturnType<Upstream['start']>;
beforeAll(async () => {
  upstream = await startUpstream({ trunks: 3, transactions: 20 });
  storage = await openStorage('sqlite::memory:', { observe: { read: noteTouch, written: () => undefined } });
  account = upstream.start(storage);
  // What DIDfarm has is known before.
  await record(
    '{ trunks { nodes { uuid } } wallet { asOf transactions { totalCount } } availableNumbers(country: "NL") { totalCount } }',
  );
});
afterAll(async () => {
  await upstream.close();
  await storage.close();
});

async function record(source: string): Promise<Reading> {
  const contextValue = contextOf(account, localAdmin(acme));
  const { value, reading } = await recordReading(() =>
    upstream.clock.through(graphql({ schema, source, contextValue })),
  );
  expect(value.errors).toBeUndefined();
  return reading;
}

const keysOf = (reading: Reading, table: string) =>
  reading.touches().find((touch) => touch.table === table && touch.account === acme)?.keys;

describe('an answer', () => {
  test.each([
    ['{ number(e164: "+31201234567") { id } }', { numbers: ['+31201234567'] }],
    ['{ numbers { nodes { id } } }', { numbers: null }],
    ['{ trunk(uuid: "none") { id } }', { trunks: null, 'snapshot values': ['trunks'] }],
    ['{ client(name: "Acme") { id } }', { trunks: null, 'snapshot values': ['trunks'] }],
    ['{ wallet { balance { amount } } }', { 'snapshot values': ['wallet'] }],
    ['{ transactions { nodes { amount { amount } } } }', { transactions: null, 'snapshot values': ['transactions'] }],
    [
      '{ transactions { totalCount } }',
      { transactions: null, 'snapshot values': ['transactions'], snapshots: ['transactions?mirror'] },
    ],
    ['{ order(orderId: 7) { orderId } }', { orders: ['7'] }],
    ['{ messages { nodes { id } } }', { messages: null }],
    ['{ events { nodes { id } } }', { events: null }],
    ['{ operation(idempotencyKey: "k") { status } }', { operations: ['k'] }],
    ['{ gateway { version sync { resource } } }', { snapshots: null }],
    ['{ viewer { role } }', {}],
  ])('to %s is based on what it reads and nothing else', async (source, expected) => {
    const reading = await record(source);
    const tables = Object.fromEntries(reading.touches().map(({ table }) => [table, keysOf(reading, table)]));
    expect(tables).toEqual(expected);
    expect(reading.unkeepable).toBeNull();
    expect(Number.isFinite(reading.bounds().expires)).toBe('snapshot values' in expected);
  });

  test('to a search is based on its pages, and on which of the numbers for sale were bought since', async () => {
    const reading = await record('{ availableNumbers(country: "NL", first: 1) { nodes { e164 } } }');
    expect(keysOf(reading, 'snapshot values')).toEqual(['search?country=NL&page=1']);
    expect(keysOf(reading, 'numbers')).toContain('+31201234567');
    expect(reading.unkeepable).toBeNull();
    expect(reading.bounds().expires).toBe(upstream.clock.now() + 300_000);
  });

  test.each(['{ gateway { budget { remaining } } }', '{ gateway { cache { hits } } }', '{ gateway { subscribers } }'])(
    'to %s is true for the moment',
    async (source) => {
      expect((await record(source)).unkeepable).toBe('in memory');
    },
  );

  test('that says how available a trunk was stands where the time it is about has passed', async () => {
    const availability = (to: string) =>
      record(`{ trunks { nodes { availability(from: "2020-01-01T00:00:00Z", ${to}) } } }`);
    expect((await availability('to: "2020-01-02T00:00:00Z"')).unkeepable).toBeNull();
    expect((await availability('to: "2999-01-02T00:00:00Z"')).unkeepable).toBe('as of now');
    expect((await availability('')).unkeepable).toBe('as of now');
  });
});
