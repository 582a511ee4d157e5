import { type GraphQLArgument, getNamedType, isCompositeType, isInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';
import type { Asking } from '../support/viewers.ts';
import { type Trial, trials } from './support/arguments.ts';
import { isComposite } from './support/composite.ts';
import { hole, reaches, required } from './support/reach.ts';
import { everyRole } from './support/roles.ts';
import { foundIn, startWorld, type World } from './support/world.ts';

const paging = ['first', 'after', 'last', 'before'];

interface Argument {
  /** `NumberFilter.trunk`, `Query.trunk(uuid)`: what is decided about. */
  readonly coordinate: string;
  readonly type: string;
  readonly field: string;
  readonly name: string;
  /** Writes a value of it as GraphQL. */
  readonly written: (value: string) => string;
}

/** Each argument of a field; an input object is as many as it has fields. */
function parts(type: string, field: string, { name, type: given }: GraphQLArgument): Argument[] {
  const input = getNamedType(given);
  const place = { type, field, name };
  if (!isInputObjectType(input))
    return [{ ...place, coordinate: `${type}.${field}(${name})`, written: (value) => `${name}: ${value}` }];
  return Object.keys(input.getFields()).map((key) => ({
    ...place,
    coordinate: `${input.name}.${key}`,
    written: (value) => `${name}: { ${key}: ${value} }`,
  }));
}

const all = Object.values(schema.getTypeMap())
  .filter(isComposite)
  .filter((type) => type !== schema.getMutationType())
  .flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) =>
      field.args.flatMap((argument) => parts(type.name, field.name, argument)),
    ),
  );
const isPaging = ({ name }: Argument) => paging.includes(name);

let world: World;
let portal: Asking;
beforeAll(async () => {
  world = await startWorld();
  portal = everyRole(world).CLIENT;
  // What is read from DIDfarm is fresh from here on: every question costs its own statements alone.
  await portal.ask('{ trunks { totalCount } transactions { totalCount } }');
});
afterAll(() => world[Symbol.asyncDispose]());

test('somebody has decided of every argument what it names, and of none that is not there', () => {
  const there = all.filter((argument) => !isPaging(argument)).map(({ coordinate }) => coordinate);
  expect(Object.keys(trials(world)).sort()).toEqual([...new Set(there)].sort());
});

/** Deep enough to show what a page or thing is made of. */
const shown: Readonly<Record<string, string>> = {
  Number: 'id e164 city trunk { name } client { name } messages { nodes { body } }',
  Trunk: 'id uuid name username client { name } numbers { nodes { e164 } }',
  Client:
    'id name trunks { nodes { uuid } } numbers { nodes { e164 } } transactions { nodes { transactionId description } }',
  Transaction: 'id transactionId description referenceId client { name }',
  Message: 'id from to body client { name }',
  Event: 'id cursor name data ... on NumberEvent { number { e164 } } ... on MessageEvent { message { body } }',
  Order: 'id orderId items { e164 }',
  Operation: 'idempotencyKey mutation',
  SpendingPeriod: 'start total { amount }',
  AvailableNumber: 'e164',
};

function everythingOf(type: string): string {
  const row = shown[type.replace('Connection', '')] ?? '__typename';
  if (!type.endsWith('Connection')) return type === 'Node' ? nodeFields : row;
  return `totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } edges { cursor } nodes { ${row} }`;
}
const nodeFields = `id ${['Number', 'Trunk', 'Client', 'Transaction', 'Message', 'Order']
  .map(
    (type) =>
      `... on ${type} { ${shown[type]?.replaceAll(/\b(id|messages|numbers|transactions|client)\b/g, `$1As${type}: $1`)} }`,
  )
  .join(' ')} ... on Event { ${shown['Event']?.replaceAll(/\bid\b/g, 'idAsEvent: id')} }`;

/** The field with one argument more than it must have, reached through `acme`. */
function query(argument: Argument, value: string): string {
  const { type, field, name, written } = argument;
  const given = (required(world)[`${type}.${field}`] ?? '').slice(1, -1).split(', ');
  const others = given.filter((each) => each !== '' && !each.startsWith(`${name}:`));
  const named = schema.getType(type);
  const output = named && isComposite(named) ? named.getFields()[field]?.type : undefined;
  const result = output && getNamedType(output);
  const selection = result && isCompositeType(result) ? ` { ${everythingOf(result.name)} }` : '';
  return reaches(world)[type]?.replace(hole, `${field}(${[...others, written(value)].join(', ')})${selection}`) ?? '';
}

async function look(text: string): Promise<{ answer: string; statements: number }> {
  const { storage } = world.gateway.app;
  await world.gateway.app.settled();
  const before = storage.queries();
  const answer = await portal.text(text);
  return { answer, statements: storage.queries() - before };
}

const queried = all.filter(({ type }) => type !== 'Subscription');

describe('what another client has', () => {
  test('is to a client’s viewer as if it were not there, byte for byte and statement for statement', async () => {
    let tried = 0;
    for (const argument of queried) {
      const trial: Trial | undefined = trials(world)[argument.coordinate];
      for (const { foreign, missing } of trial && 'names' in trial ? trial.names : []) {
        tried += 1;
        const [theirs, nobodys] = [await look(query(argument, foreign)), await look(query(argument, missing))];
        const place = `${argument.type}.${argument.field} ${argument.written(foreign)}`;
        expect.soft(theirs, place).toEqual(nobodys);
        expect.soft(theirs.answer, place).not.toContain('GRAPHQL_VALIDATION_FAILED');
        expect.soft(foundIn(theirs.answer, world.foreignTo(world.acme)), place).toEqual([]);
      }
    }
    expect(tried).toBeGreaterThan(50);
  });

  test('is in no answer, whatever is searched for and however it is filtered', async () => {
    let nodes = 0;
    for (const argument of queried) {
      const trial: Trial | undefined = trials(world)[argument.coordinate];
      for (const value of trial && 'values' in trial ? trial.values : []) {
        const { answer } = await look(query(argument, value));
        expect.soft(answer).not.toContain('errors');
        expect.soft(foundIn(answer, world.foreignTo(world.acme)), `${argument.coordinate} ${value}`).toEqual([]);
        if (answer.includes(world.acme.numbers[0] ?? '-')) nodes += 1;
      }
    }
    expect(nodes).toBeGreaterThan(10);
  });

  test('is behind no cursor that somebody who sees it was given', async () => {
    const root = 'numbers trunks clients transactions messages events'.split(' ');
    for (const field of root) {
      const cursors = `{ ${field}(first: 100) { edges { cursor } } }`;
      const { data } = await world.admin.ask<Record<string, { edges: { cursor: string }[] }>>(cursors);
      for (const argument of queried.filter((each) => each.name === 'after' || each.name === 'before')) {
        const places = data?.[field]?.edges ?? [];
        for (const { cursor } of places.filter((_, place) => place % 17 === 0)) {
          const { answer } = await look(query(argument, JSON.stringify(cursor)));
          expect.soft(foundIn(answer, world.foreignTo(world.acme))).toEqual([]);
        }
      }
    }
  });
});

test('to who sees the whole account the same questions show it', async () => {
  const shows = async (coordinate: string) => {
    const argument = all.find((each) => each.coordinate === coordinate && each.type === 'Query');
    const trial = trials(world)[coordinate];
    if (argument === undefined || trial === undefined || !('names' in trial)) return [];
    const answer = await world.admin.text(query(argument, trial.names[0]?.foreign ?? ''));
    return foundIn(answer, [world.vanDijk.name]);
  };
  for (const coordinate of ['Query.node(id)', 'Query.number(e164)', 'Query.trunk(uuid)', 'NumberFilter.client'])
    expect(await shows(coordinate)).toEqual([world.vanDijk.name]);
});
