import { graphql } from 'graphql';
import { expect, test } from 'vitest';
import { clientKey, localAdmin, type Viewer } from '../../src/access/viewer.ts';
import { schema } from '../../src/schema.ts';
import { openStorage } from '../../src/storage/database.ts';
import { contextOf } from '../support/context.ts';
import { acme } from './picture.ts';
import { startUpstream } from './upstream.ts';

test('a client’s viewer sees its own transactions and spending, no wallet, no order, nothing of another client', async () => {
  const upstream = await startUpstream({ transactions: 90, trunks: 8, variants: { perPage: 100 } });
  const storage = await openStorage('sqlite::memory:');
  const account = upstream.start(storage);
  const ask = async (viewer: Viewer) => {
    const context = contextOf(account, viewer);
    const span = 'from: "2020-01-01", to: "2030-01-01"';
    const source = `{ clients(first: 100) { nodes { name spending(${span}) { count } } }
      wallet { balance { amount } spending(${span}) { count } }
      transactions(first: 100) { totalCount nodes { client { name } reference { __typename } } } }`;
    const { data, errors } = await upstream.clock.through(graphql({ schema, source, contextValue: context }));
    expect(errors).toBeUndefined();
    return JSON.parse(JSON.stringify(data));
  };

  const admin = await ask(localAdmin(acme));
  expect(admin.wallet).toMatchObject({ balance: { amount: '142.50' }, spending: [{ count: expect.any(Number) }] });
  expect(admin.transactions.totalCount).toBe(90);
  const [{ name, spending }] = admin.clients.nodes.filter((client: { spending: [] }) => client.spending.length > 0);

  const own = await ask({ ...localAdmin(acme), role: 'CLIENT', client: clientKey(name) });
  expect(own.wallet).toBeNull();
  expect(own.clients.nodes).toEqual([{ name, spending }]);
  expect(own.transactions.totalCount).toBe(spending[0].count);
  for (const { client } of own.transactions.nodes) expect(client).toEqual({ name });

  const nobody = await ask({ ...localAdmin(acme), role: 'CLIENT', client: null });
  expect(nobody).toMatchObject({ wallet: null, clients: { nodes: [] }, transactions: { totalCount: 0, nodes: [] } });
  await upstream.close();
  await storage.close();
});
