import { describe, expect, test } from 'vitest';
import {
  type TransactionFilter,
  TransactionsDocument,
  type TransactionsQuery,
  type TransactionsQueryVariables,
  WalletDocument,
  WalletSpendingDocument,
} from '../generated/graphql.ts';
import { type Answer, type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts';

/** A gateway whose sandbox lists everything on one page, so that the mirror is complete with the first read. */
function whole(sandbox: GatewayOptions['sandbox'] = {}): Promise<Gateway> {
  return startGateway({ sandbox: { transactions: 90, variants: { perPage: 100 }, ...sandbox } });
}

async function read<T>(gateway: Gateway, query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const answer = await gateway.askText(query, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data as T;
}

const codes = (answer: Answer<unknown>) => answer.errors?.map((error) => error.extensions['code']);
const idOf = (typename: string, key: string) => Buffer.from(`${typename}:${key}`).toString('base64url');

interface Node {
  readonly transactionId: string;
  readonly amount: { readonly amount: string };
  readonly createdAt: string;
  readonly client: { readonly name: string } | null;
  readonly reference: { readonly __typename: string } | null;
  readonly referenceType: string;
}
interface Page {
  readonly totalCount: number | null;
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

const fields = `totalCount pageInfo { hasNextPage endCursor }
  nodes { transactionId amount { amount } createdAt referenceType client { name }
    reference { __typename ... on Order { orderId } ... on Number { e164 } ... on Trunk { name } } }`;

/** Euros of the sandbox's rows, in thousandths. */
const mills = (amount: string) => BigInt(Math.round(Number(amount) * 1_000));

type Transactions = NonNullable<TransactionsQuery['transactions']>;
type Listed = Transactions['nodes'][number];

async function pageOf(gateway: Gateway, variables: TransactionsQueryVariables): Promise<Transactions> {
  const { data, errors } = await gateway.ask(TransactionsDocument, variables);
  expect(errors).toBeUndefined();
  return data?.transactions ?? expect.unreachable();
}

async function allPages(gateway: Gateway, filter: TransactionFilter = {}): Promise<Listed[]> {
  const nodes: Listed[] = [];
  for (let after: string | null = null; ; ) {
    const page: Transactions = await pageOf(gateway, { first: 40, after, filter });
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor ?? null;
  }
}

describe('the wallet', () => {
  test('shows the balance as DIDfarm has it, and when it was asked', async () => {
    await using gateway = await whole({ balance: '142.508' });
    const { data } = await gateway.ask(WalletDocument);
    expect(data).toEqual({
      wallet: { balance: { amount: '142.508', currency: 'EUR' }, asOf: '2026-04-05T12:00:00.000Z' },
    });
  });

  test('asks for the balance once an operation, only where it is shown, and again after 20 s, at most a minute old', async () => {
    await using gateway = await whole();
    const balances = () => gateway.sandbox.control.calls().routes['GET /wallet/balance'] ?? 0;
    await read(gateway, '{ wallet { spending(from: "2026-01-01", to: "2026-02-01") { count } } }');
    expect(balances()).toBe(0);
    await read(gateway, '{ a: wallet { balance { amount } asOf } b: wallet { balance { amount } } }');
    expect(balances()).toBe(1);
    gateway.sandbox.control.topUp('10.00');
    await gateway.clock.advance(51_000);
    const data = await read(gateway, '{ wallet { balance { amount } } }');
    expect(data).toEqual({ wallet: { balance: { amount: '152.50' } } });
    expect(balances()).toBe(2);
  });

  test('is null with a coded error where DIDfarm has never answered; the transactions beside it are answered', async () => {
    await using gateway = await whole();
    await read(gateway, '{ transactions { totalCount } }');
    gateway.sandbox.control.faults.add({ kind: 'status', status: 500, path: '/wallet/balance' });
    const answer = await gateway.askText('{ wallet { balance { amount } } transactions { totalCount } }');
    expect(answer.data).toEqual({ wallet: null, transactions: { totalCount: 90 } });
    expect(codes(answer)).toEqual(['UPSTREAM_UNAVAILABLE']);
  });
});

describe('transactions', () => {
  test('link to their orders, numbers and trunks, and to the clients of these', async () => {
    await using gateway = await whole();
    await read(gateway, '{ trunks { nodes { id } } }');
    const nodes = await allPages(gateway);
    expect(nodes).toHaveLength(90);
    const kinds = Map.groupBy(nodes, (node) => node.referenceType);
    expect([...kinds.keys()].sort()).toEqual(['NUMBER', 'ORDER', 'TRUNK', 'UNKNOWN']);
    expect(kinds.get('NUMBER')?.every((node) => node.reference?.__typename === 'Number')).toBe(true);
    expect(kinds.get('ORDER')?.every((node) => node.reference?.__typename === 'Order')).toBe(true);
    expect(kinds.get('TRUNK')?.every((node) => node.reference?.__typename === 'Trunk' && node.client)).toBe(true);
    expect(kinds.get('UNKNOWN')?.every((node) => node.reference === null && node.client === null)).toBe(true);
  });

  test('are found again by their global id, and by no other', async () => {
    await using gateway = await whole();
    const [id, none] = [idOf('Transaction', '90'), idOf('Transaction', '91')];
    const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Transaction { transactionId } } }';
    expect(await read(gateway, query, { ids: [id, none] })).toEqual({
      nodes: [{ __typename: 'Transaction', id, transactionId: '90' }, null],
    });
  });

  test('keep their pages while new ones arrive', async () => {
    await using gateway = await whole({ transactions: 60 });
    const first = await pageOf(gateway, { first: 30 });
    gateway.sandbox.control.topUp('5.00');
    await gateway.clock.advance(61_000);
    const transactions = await pageOf(gateway, { first: 40, after: first.pageInfo.endCursor });
    const seen = [...first.nodes, ...transactions.nodes].map((node) => node.transactionId);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => String(60 - index)));
    expect(transactions).toMatchObject({ totalCount: 61, pageInfo: { hasNextPage: false } });
  });

  test('are not counted while older ones are still to be read', async () => {
    await using gateway = await startGateway({ sandbox: { transactions: 300 } });
    gateway.sandbox.control.faults.add({ kind: 'status', status: 404, path: '/wallet/transactions?page=2' });
    expect(await read(gateway, '{ transactions(first: 1) { totalCount nodes { transactionId } } }')).toEqual({
      transactions: { totalCount: null, nodes: [{ transactionId: '300' }] },
    });
  });

  test('filter by time, kind of reference, client and words, together', async () => {
    await using gateway = await whole();
    await read(gateway, '{ trunks { nodes { id } } }');
    const nodes = await allPages(gateway);
    const at = nodes[40]?.createdAt ?? '';
    const ids = async (filter: TransactionFilter) =>
      (await allPages(gateway, filter)).map((node) => node.transactionId);
    const plain = (accept: (node: Listed) => boolean) => nodes.filter(accept).map((node) => node.transactionId);

    expect(await ids({ from: at })).toEqual(plain((node) => (node.createdAt ?? '') >= at));
    expect(await ids({ to: at })).toEqual(plain((node) => (node.createdAt ?? '') < at));
    expect(await ids({ referenceType: ['ORDER'] })).toEqual(plain((node) => node.referenceType === 'ORDER'));
    expect(await ids({ referenceType: ['ORDER', 'TRUNK', 'TRUNK'] })).toEqual(
      plain((node) => ['ORDER', 'TRUNK'].includes(node.referenceType)),
    );
    expect(await ids({ referenceType: [] })).toEqual([]);
    expect(await ids({ search: 'SMS FROM' })).not.toEqual([]);
    expect(await ids({ search: 'TOP-UP' })).toEqual(
      plain((node) => node.transactionId === '1' || node.referenceType === 'UNKNOWN'),
    );
    expect(await ids({ search: '%' })).toEqual([]);
    const name = nodes.find((node) => node.client)?.client?.name ?? '';
    const client = idOf('Client', name.toLowerCase());
    const own = plain((node) => node.client?.name === name && (node.createdAt ?? '') >= at);
    expect(own).not.toEqual([]);
    expect(await ids({ client, from: at })).toEqual(own);
  });

  test.each([
    ['first: 0', 'BAD_USER_INPUT'],
    ['first: 101', 'BAD_USER_INPUT'],
    ['first: 2, last: 2', 'BAD_USER_INPUT'],
    ['after: "AAAA"', 'BAD_USER_INPUT'],
    ['filter: { client: "nonsense" }', 'BAD_USER_INPUT'],
    [`filter: { client: "${idOf('Trunk', 'trk_1')}" }`, 'BAD_USER_INPUT'],
  ])('refuse (%s) and leave the rest of the answer', async (args, code) => {
    await using gateway = await whole();
    const answer = await gateway.askText(`{ transactions(${args}) { totalCount } clients { totalCount } }`);
    expect(codes(answer)).toEqual([code]);
    expect(answer.data).toMatchObject({ transactions: null, clients: { totalCount: expect.any(Number) } });
  });

  test('refuse a cursor of another connection', async () => {
    await using gateway = await whole();
    const { numbers } = await read<{ numbers: Page }>(gateway, '{ numbers(first: 1) { pageInfo { endCursor } } }');
    const query = 'query($after: String) { transactions(after: $after) { totalCount } }';
    const answer = await gateway.askText(query, { after: numbers.pageInfo.endCursor });
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
  });

  test('of a number are what refers to it; of a trunk its own and its numbers’', async () => {
    await using gateway = await whole({ transactions: 100 });
    const { trunks } = await read<{
      trunks: { nodes: { name: string; transactions: Page; numbers: { nodes: { transactions: Page }[] } }[] };
    }>(
      gateway,
      `{ trunks(first: 8) { nodes { name transactions(first: 100) { ${fields} }
        numbers(first: 15) { nodes { e164 transactions(first: 25) { ${fields} } } } } } }`,
    );
    const busy = trunks.nodes.filter((trunk) => trunk.transactions.nodes.length > 0);
    expect(busy).not.toEqual([]);
    for (const trunk of busy) {
      const ids = new Set(trunk.transactions.nodes.map((node) => node.transactionId));
      for (const number of trunk.numbers.nodes)
        for (const node of number.transactions.nodes) expect(ids).toContain(node.transactionId);
    }
  });
});

describe('spending', () => {
  const span = 'from: "2020-01-01", to: "2030-01-01"';

  test('of the wallet is what DIDfarm took, to the tenth of a cent; of the clients what is theirs of it', async () => {
    await using gateway = await whole({ transactions: 100 });
    interface Bill {
      readonly spending: readonly { readonly total: { readonly amount: string }; readonly count: number }[];
    }
    const { clients, wallet } = await read<{ wallet: Bill; clients: { nodes: (Bill & { transactions: Page })[] } }>(
      gateway,
      `{ clients { nodes { name spending(${span}) { total { amount } count } transactions(first: 100) { ${fields} } } }
        wallet { spending(${span}) { total { amount } count } } }`,
    );
    const rows = gateway.sandbox.control.world.wallet.newest(0, 100);
    const counted = rows.filter((row) => row.amount < 0 || row.referenceType !== null);
    const taken = -counted.reduce((sum, row) => sum + BigInt(row.amount), 0n);
    expect(wallet.spending.map((each) => [mills(each.total.amount), each.count])).toEqual([[taken, counted.length]]);

    for (const client of clients.nodes) {
      const own = client.transactions.nodes;
      const sum = -own.reduce((total, node) => total + mills(node.amount.amount), 0n);
      expect(client.spending.map((each) => [mills(each.total.amount), each.count])).toEqual(
        own.length === 0 ? [] : [[sum, own.length]],
      );
    }
    const theirs = clients.nodes.flatMap((client) => client.spending).reduce((sum, each) => sum + each.count, 0);
    expect(theirs).toBeGreaterThan(30);
    expect(theirs).toBeLessThan(counted.length);
  });

  test('says that it may grow while older transactions are still being read, also where it shows none yet', async () => {
    await using gateway = await startGateway({ sandbox: { transactions: 300 } });
    await read(gateway, '{ trunks { nodes { id } } }');
    const periods = `spending(${span}) { count complete }`;
    interface Data {
      readonly wallet: { readonly spending: readonly { readonly count: number; readonly complete: boolean }[] };
      readonly clients: { readonly nodes: readonly Data['wallet'][] };
    }
    const bills = async () => {
      const answer = await gateway.askText(`{ wallet { ${periods} } clients { nodes { ${periods} } } }`);
      const { wallet, clients } = answer.data as unknown as Data;
      const marks = [wallet, ...clients.nodes].flatMap(({ spending }) => spending.map((each) => each.complete));
      return {
        count: wallet.spending[0]?.count ?? 0,
        marks: [...new Set(marks)],
        stale: answer.extensions?.upstream.stale,
      };
    };
    const first = await bills();
    expect(first).toMatchObject({
      marks: [false],
      stale: [{ resource: 'transactions', asOf: '2026-04-05T12:00:00.000Z' }],
    });
    const none = await gateway.ask(WalletSpendingDocument, { from: '1990-01-01', to: '1990-02-01' });
    expect(none).toMatchObject({ data: { wallet: { spending: [] } } });
    expect(none.extensions?.upstream.stale).toMatchObject([{ resource: 'transactions' }]);

    gateway.app.start();
    await gateway.clock.advance(10 * 60_000);
    const whole = await bills();
    expect(whole).toMatchObject({ marks: [true], stale: [] });
    expect(whole.count).toBeGreaterThan(first.count);
  });

  test('of a page of clients is one query to the storage, whatever their number', async () => {
    await using gateway = await whole({ trunks: 40 });
    const cost = async (first: number) => {
      const before = gateway.app.storage.queries();
      const query = `query($first: Int) { clients(first: $first) { nodes { name spending(${span}, granularity: MONTH) { count } } } }`;
      const { clients } = await read<{ clients: { nodes: unknown[] } }>(gateway, query, { first });
      expect(clients.nodes.length).toBeGreaterThan(first === 1 ? 0 : 15);
      return gateway.app.storage.queries() - before;
    };
    await cost(25);
    await gateway.app.settled();
    // The clients, how far the mirror is, and the sums.
    expect(await cost(24)).toBe(3);
    expect(await cost(1)).toBe(3);
  });

  test.each([
    ['from: "2026-02-01", to: "2026-02-01"'],
    ['from: "2026-02-02", to: "2026-02-01"'],
    ['from: "2000-01-01", to: "2026-01-01", granularity: DAY'],
    ['from: "2026-02-30", to: "2026-03-01"'],
  ])('refuses (%s)', async (args) => {
    await using gateway = await whole();
    const answer = await gateway.askText(`{ wallet { spending(${args}) { count } } viewer { account } }`);
    expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
  });
});
