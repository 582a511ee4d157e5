import { graphql } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientKey, localAdmin, scopeOf, type Viewer } from '../../src/access/viewer.ts';
import type { Context } from '../../src/graph/context.ts';
import { schema } from '../../src/schema.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import { contextOf } from '../support/context.ts';
import { acme } from '../wallet/picture.ts';
import { startUpstream, type Upstream } from '../wallet/upstream.ts';

// What a client's viewer may not see is kept from it twice: by the schema, and by the where-clauses. Here each of them stands alone.

let upstream: Upstream;
let storage: Storage;
beforeAll(async () => {
  upstream = await startUpstream({ trunks: 3, transactions: 20 });
  storage = await openStorage('sqlite::memory:');
  const order = { account: 'acme', order_id: 1042, placed_at: 1, total: '3.00', requires_regulatory: 0 } as const;
  await storage.db.insertInto('orders').values(order).execute();
});
afterAll(async () => {
  await upstream.close();
  await storage.close();
});

const portal: Viewer = { ...localAdmin(acme), role: 'CLIENT', client: clientKey('Acme Corp') };

async function ask(source: string, change: Partial<Context>) {
  const contextValue = { ...contextOf(upstream.start(storage), localAdmin(acme)), ...change };
  return JSON.parse(JSON.stringify(await upstream.clock.through(graphql({ schema, source, contextValue }))));
}

const reserved = `{ wallet { asOf } order(orderId: 1042) { orderId } orders { totalCount nodes { orderId } } gateway { version }
  availableNumbers(country: "NL") { totalCount } }`;

test('the schema alone gives nothing of the account to a CLIENT, whatever the scope lets through', async () => {
  const { data } = await ask(reserved, { viewer: portal });
  expect(data).toEqual({ wallet: null, order: null, orders: null, gateway: null, availableNumbers: null });
});

test('the where-clauses alone give nothing of the account to the scope of a client, whatever the role', async () => {
  const { data } = await ask(reserved, { scope: scopeOf(portal) });
  expect(data).toMatchObject({ wallet: null, order: null, orders: { totalCount: 0, nodes: [] }, gateway: null });
});

test('somebody who sees the whole account is given all of it', async () => {
  const { data } = await ask(reserved, {});
  expect(data).toMatchObject({ order: { orderId: 1042 }, orders: { totalCount: 1 }, gateway: { version: 'test' } });
  expect(data.wallet).not.toBeNull();
  expect(data.availableNumbers.totalCount).toBeGreaterThan(0);
});
