import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { work } from '../../../src/server/work.ts';
import { type AccessGateway, startAccessGateway } from '../../support/access-gateway.ts';
import { askingOf, settledAnswer } from './asking.ts';

const trunks = 'trunks(first: 50) { nodes { name status } }';
const numbers = 'numbers(first: 5) { nodes { e164 } }';
const clients = 'clients(first: 5) { nodes { name } }';

let gateway: AccessGateway<'admin' | 'client'>;
let asking: ReturnType<typeof askingOf>;
beforeAll(async () => {
  gateway = await startAccessGateway({
    holders: { admin: '--role ADMIN', client: '--role CLIENT --client Acme Corp' },
  });
  asking = askingOf(gateway);
  await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');
  await settledAnswer(gateway, () => ask(`{ ${trunks} ${numbers} ${clients} }`));
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ask = (
  query: string,
  variables: object = {},
  headers: Readonly<Record<string, string>> = gateway.bearers.admin,
) => asking.post(headers, { query, variables });
/** Worked out as a whole, of nothing that is kept. */
const whole = (query: string, variables: object = {}) =>
  ask(query, variables, { ...gateway.bearers.admin, 'cache-control': 'no-store' });

/** The uuid of one to which numbers are assigned. */
const firstTrunk = () => {
  const { trunks, numbers } = gateway.sandbox.control.world;
  const used = new Set([...numbers.all()].map((number) => number.trunkId));
  return [...trunks.all()].find(({ id }) => used.has(id))?.uuid;
};

describe('what two queries have in common', () => {
  test('is worked out once, whatever else they ask, in whatever order and by whatever name', async () => {
    await ask(`{ ${trunks} ${numbers} }`);
    const known = await ask(`{ mine: ${numbers} ${trunks} again: ${numbers} __typename }`);
    expect(known.statements).toBe(0);
    expect(Object.keys(known.body.data ?? {})).toEqual(['mine', 'trunks', 'again', '__typename']);
    expect(known.body.data).toEqual(
      (await whole(`{ mine: ${numbers} ${trunks} again: ${numbers} __typename }`)).body.data,
    );

    const partly = await ask(`{ ${trunks} numbers(first: 4) { nodes { e164 } } }`);
    expect(partly.statements).toBe((await whole('{ numbers(first: 4) { nodes { e164 } } }')).statements);
  });

  test('is nobody else’s', async () => {
    await ask(`{ ${trunks} }`);
    const own = await ask(`{ ${trunks} __typename }`, {}, gateway.bearers.client);
    expect(own.statements).toBeGreaterThan(0);
    expect(own.body.data?.['trunks']).not.toEqual((await ask(`{ ${trunks} }`)).body.data?.['trunks']);
  });
});

describe('what is written', () => {
  test('costs an answer what has read it, and nothing else of it', async () => {
    const query = `{ ${trunks} ${numbers} ${clients} }`;
    let { etag } = (await ask(query)).headers;
    expect((await ask(query)).statements).toBe(0);
    const uuid = firstTrunk();
    for (const event of ['trunk.offline', 'trunk.registered'] as const) {
      await gateway.clock.advance(1_000);
      await gateway.deliver(event, { trunk_uuid: uuid }, { at: gateway.clock.now() });
      const after = await ask(query);
      // Statuses are nothing that clients have.
      expect(after.statements).toBe((await whole(`{ ${trunks} }`)).statements);
      expect(after.headers.etag).not.toBe(etag);
      etag = after.headers.etag;
      expect(after.body.data).toEqual((await whole(query)).body.data);
      expect((await ask(query)).statements).toBe(0);
    }
  });
});

describe('a status of a trunk', () => {
  test('is nothing to what only names the trunk, and is seen at once by what shows it', async () => {
    const named = 'named: numbers(first: 50) { nodes { e164 trunk { name client { name } } } }';
    const paid = 'transactions(first: 50) { nodes { client { name } reference { ... on Trunk { name } } } }';
    const showing = 'showing: numbers(first: 50) { nodes { trunk { name status rawStatus statusSince } } }';
    const query = `{ ${named} ${paid} ${showing} }`;
    await settledAnswer(gateway, () => ask(query));
    const uuid = firstTrunk();
    for (const event of ['trunk.offline', 'trunk.registered'] as const) {
      await gateway.clock.advance(1_000);
      await gateway.deliver(event, { trunk_uuid: uuid }, { at: gateway.clock.now() });
      expect((await ask(`{ ${named} ${paid} }`)).statements).toBe(0);
      const shown = await ask(query);
      expect(shown.statements).toBeGreaterThan(0);
      expect(shown.body.data).toEqual((await whole(query)).body.data);
      expect(shown.text).toContain(event === 'trunk.offline' ? 'OFFLINE' : 'REGISTERED');
    }
  });
});

describe('an answer put together of its fields is what it would be as a whole:', () => {
  test.each([
    [
      'what is left out',
      'query ($no: Boolean!) { viewer @include(if: $no) { role } ...F @skip(if: $no) } fragment F on Query { account: viewer { account } }',
    ],
    ['nothing at all', 'query ($no: Boolean!) { viewer @include(if: $no) { role } }'],
    ['what is null', '{ trunk(uuid: "none") { name } client(name: "nobody") { name } }'],
    ['a name that objects have', '{ __proto__: viewer { role } constructor: viewer { account } }'],
    ['one name for what is asked in two places', '{ viewer { role } ... on Query { viewer { account } } }'],
    [
      'errors of some fields',
      `{ viewer { role } trunks(first: 500) { totalCount } bad: numbers(first: -1) { totalCount } }`,
    ],
    [
      'a variable that is missing',
      'query ($first: Int!) { trunks(first: $first) { totalCount } numbers(first: $first) { totalCount } }',
    ],
    ['introspection', '{ __type(name: "Trunk") { name } __schema { queryType { name } } }'],
  ])('%s', async (_, query) => {
    // Errors come in the order of their fields, and not in that in which they happened.
    const byPath = (errors: typeof body.errors) => errors?.toSorted((a, b) => `${a.path}`.localeCompare(`${b.path}`));
    const { body, text } = await whole(query, { no: false });
    for (const round of [1, 2, 3]) {
      const again = await ask(query, { no: false });
      expect([round, again.body.data, byPath(again.body.errors)]).toEqual([round, body.data, byPath(body.errors)]);
      if (!body.errors)
        expect(again.text.slice(0, again.text.indexOf('"extensions"'))).toBe(
          text.slice(0, text.indexOf('"extensions"')),
        );
    }
  });

  test('what has errors keeps what has none', async () => {
    const query = `{ ${clients} trunks(first: 500) { totalCount } }`;
    await ask(`{ ${clients} }`);
    const { body, statements } = await ask(query);
    expect(statements).toBe(0);
    expect(body.errors).toHaveLength(1);
    expect(body.data?.['clients']).toEqual((await ask(`{ ${clients} }`)).body.data?.['clients']);
  });
});

test('with many variables a query is worked out as a whole, which reads them once', async () => {
  let executed = 0;
  const count = () => {
    executed += 1;
  };
  work.executed.subscribe(count);
  const query = `query ($status: [TrunkStatus!]) { ${['a', 'b', 'c'].map((name) => `${name}: trunks(filter: { status: $status }) { totalCount }`).join(' ')} }`;
  const status = Array.from({ length: 3_000 }, () => 'OFFLINE');
  const { body } = await ask(query, { status });
  work.executed.unsubscribe(count);
  expect(executed).toBe(1);
  expect(body.data).toEqual((await ask(query, { status: ['OFFLINE'] })).body.data);
});

test('over a WebSocket a query is given what is kept as well, and leaves what others are given', async () => {
  const query = '{ numbers(first: 3) { nodes { e164 city } } messages(first: 3) { totalCount } }';
  const socket = await gateway.connect(gateway.bearers.admin);
  await socket.next();
  const asked = async (id: string) => {
    const before = gateway.app.storage.queries();
    socket.subscribe(id, query);
    const { payload } = await gateway.clock.through(socket.next());
    await socket.next();
    return { payload, statements: gateway.app.storage.queries() - before };
  };
  const first = await asked('one');
  const again = await asked('two');
  expect(first.statements).toBeGreaterThan(0);
  expect(again.statements).toBe(0);
  expect(again.payload).toEqual(first.payload);
  const posted = await ask(query);
  expect(posted.statements).toBe(0);
  expect(posted.body.data).toEqual((first.payload as { data: unknown }).data);
  socket.socket.close();
});
