import { getNamedType, isCompositeType, isObjectType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';
import type { Asking } from '../support/viewers.ts';
import { deeds } from './support/decisions.ts';
import { inputs, mutationOf } from './support/mutations.ts';
import { everyRole, type RoleName, roles } from './support/roles.ts';
import { foundIn, startWorld, type World } from './support/world.ts';

const mutations = Object.keys(deeds);

let world: World;
let asking: Readonly<Record<RoleName, Asking>>;
let nth = 0;
beforeAll(async () => {
  world = await startWorld();
  asking = everyRole(world);
  // As fresh as it gets: a question that follows costs its own statements alone.
  await world.admin.ask('{ trunks { totalCount } transactions { totalCount } wallet { asOf } }');
});
afterAll(() => world[Symbol.asyncDispose]());

/** Each field of the payload, as shallow as it can be asked. */
function payloadOf(field: string): string {
  const result = schema.getMutationType()?.getFields()[field]?.type;
  const union = result && getNamedType(result);
  const payload = isUnionType(union) ? union.getTypes().find(({ name }) => name.endsWith('Payload')) : undefined;
  const selection = (name: string) =>
    name === 'credentials' ? 'credentials { sipServer username password }' : `${name} { __typename }`;
  return Object.values(isObjectType(payload) ? payload.getFields() : {})
    .map(({ name, type }) => (isCompositeType(getNamedType(type)) ? selection(name) : name))
    .join(' ');
}

/** What is left behind when something is done: calls to DIDfarm, and records. */
async function traces() {
  const { db } = world.gateway.app.storage;
  const operations = await db.selectFrom('operations').select('idempotency_key').execute();
  return { calls: world.gateway.sandbox.control.calls().total, operations: operations.length };
}

async function send(role: RoleName, field: string, input: object) {
  const before = await traces();
  const text = await asking[role].text(mutationOf(field, payloadOf(field)), { input });
  const after = await traces();
  const { data, errors } = JSON.parse(text);
  return {
    text,
    data,
    errors,
    calls: after.calls - before.calls,
    operations: after.operations - before.operations,
  };
}

test('somebody has decided of every mutation who may do it, and has an input for it', () => {
  const there = Object.keys(schema.getMutationType()?.getFields() ?? {}).sort();
  expect([...mutations].sort()).toEqual(there);
  expect(Object.keys(inputs(world, world.acme, 0)).sort()).toEqual(there);
});

describe.each(roles)('%s', (role) => {
  test.each(mutations)('%s: does it or is refused before anything is recorded or sent', async (field) => {
    const input = inputs(world, world.acme, nth++)[field] ?? {};
    const { text, data, errors, calls, operations } = await send(role, field, input);
    if (deeds[field]?.includes(role)) {
      expect(errors, text).toBeUndefined();
      // Whether a number still waits for documents is DIDfarm's to say.
      if (field === 'submitRegulatory') expect(calls).toBe(1);
      else expect(data[field].__typename).toMatch(/Payload$/);
    } else {
      expect(data).toBeNull();
      expect(errors).toMatchObject([{ path: [field], extensions: { code: 'FORBIDDEN' } }]);
      expect({ calls, operations }).toEqual({ calls: 0, operations: 0 });
    }
    if (role !== 'ADMIN') expect(text).not.toContain('password":"');
    if (role.startsWith('CLIENT')) expect(foundIn(text, world.foreignTo(world.acme))).toEqual([]);
  });

  test('is refused in the same words whosever things it is about', async () => {
    for (const field of mutations.filter((each) => deeds[each]?.includes(role) !== true)) {
      const [own, foreign] = [inputs(world, world.acme, nth++), inputs(world, world.vanDijk, nth++)];
      const answers = [await send(role, field, own[field] ?? {}), await send(role, field, foreign[field] ?? {})];
      expect(answers[0]?.text).toBe(answers[1]?.text);
    }
  });
});

test('an operation that asks for something that is not the viewer’s to do is refused whole: nothing of it is done', async () => {
  const [route, buy] = ['assignNumber', 'checkout'].map((field) => inputs(world, world.acme, nth++)[field]);
  const before = await traces();
  const { data, errors } = await asking.OPERATOR.ask(
    `mutation ($route: AssignNumberInput!, $buy: CheckoutInput!) {
      assignNumber(input: $route) { __typename } __typename ... { ...later }
    }
    fragment later on Mutation { checkout(input: $buy) { __typename } }`,
    { route, buy },
  );
  expect(data).toBeNull();
  expect(errors).toMatchObject([{ path: ['assignNumber'], extensions: { code: 'FORBIDDEN' } }]);
  expect(await traces()).toEqual(before);
});

describe('a client’s viewer that may text', () => {
  const text = async (from: string, idempotencyKey: string) => {
    const { storage } = world.gateway.app;
    await world.gateway.app.settled();
    const input = { from, to: '+31687654321', body: 'Hello', idempotencyKey };
    const before = storage.queries();
    const answer = await asking['CLIENT with send'].text(mutationOf('sendMessage', 'message { id }'), { input });
    return { answer: answer.replaceAll(from, 'FROM'), statements: storage.queries() - before };
  };

  test('is told of another client’s number what it is told of one that is not there', async () => {
    const [foreign = ''] = world.vanDijk.numbers;
    const calls = world.gateway.sandbox.control.calls().total;
    const missing = await text('+31687654322', 'missing');
    expect(await text(foreign, 'foreign')).toEqual(missing);
    expect(missing.answer).toContain('"NotFoundError"');
    expect(world.gateway.sandbox.control.calls().total).toBe(calls);
  });

  test('may use a key that another viewer has used: the two never meet', async () => {
    const [own = ''] = world.acme.numbers;
    expect((await text(own, 'of ADMIN')).answer).toContain('SendMessagePayload');
    const operation = '{ operation(idempotencyKey: "of ADMIN") { mutation } }';
    expect((await asking['CLIENT with send'].ask(operation)).data).toEqual({ operation: { mutation: 'sendMessage' } });
    expect((await asking.ADMIN.ask(operation)).data).toEqual({ operation: { mutation: 'checkout' } });
    expect((await asking.CLIENT.ask(operation)).data).toEqual({ operation: null });
  });

  test('is not told what the wallet holds when it holds too little', async () => {
    const { sandbox } = world.gateway;
    const message = 'The wallet holds 12.34.';
    sandbox.control.faults.add({
      kind: 'status',
      status: 422,
      code: 'insufficient_balance',
      message,
      method: 'POST',
      times: 2,
    });
    const [own = ''] = world.acme.numbers;
    const input = { from: own, to: '+31687654321', body: 'Hello' };
    const document = mutationOf('sendMessage', '__typename').replace(
      '... on Error',
      '... on InsufficientBalanceError { wallet { asOf } } ... on Error',
    );
    const told = await asking['CLIENT with send'].text(document, { input });
    expect(told).toContain('"InsufficientBalanceError"');
    expect(told).toContain('"wallet":null');
    expect(told).not.toContain('12.34');
    expect(await asking.OPERATOR.text(document, { input })).toContain('12.34');
  });
});
