import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
} from 'graphql';
import { encodeId } from '../../../src/graph/identifiers.ts';
import { hash } from '../../../src/sandbox/random.ts';
import { schema } from '../../../src/schema.ts';
import { isComposite } from './composite.ts';
import type { AccountWorld, Belongings } from './world.ts';

/** Draws that a seed repeats. */
export interface Dice {
  /** 0 up to and without `sides`. */
  roll(sides: number): number;
  pick<T>(from: readonly T[]): T;
  /** True once in `odds`. */
  once(odds: number): boolean;
}

export function createDice(seed: number): Dice {
  let count = 0;
  const roll = (sides: number) => hash(seed, 'roll', count++) % sides;
  return {
    roll,
    pick<T>(from: readonly T[]): T {
      const picked = from[roll(from.length)];
      if (picked === undefined) throw new Error('Nothing to pick from');
      return picked;
    },
    once: (odds) => roll(odds) === 0,
  };
}

/** Draws operations out of the whole schema, about anybody's things. */
export interface Operations {
  query(): string;
  subscription(): string;
  /** Cursors that somebody was given are tried by everybody. */
  learn(answer: string): void;
}

const deepest = 4;

/** Less than a document may have. */
const mostAliases = 80;

/** Most of what is tried as a cursor is none of the asker's, and ends the field that it stands in. */
const isCursor = (name: string) => name === 'after' || name === 'before';

export function createOperations(dice: Dice, world: AccountWorld, clients: readonly Belongings[]): Operations {
  const cursors = ['not a cursor'];
  const names = ['Nobody Ltd', ...clients.map(({ name }) => name)];
  const numbers = ['+31201234567', ...clients.flatMap((client) => client.numbers)];
  const trunks = ['trk_000000000000', ...clients.flatMap((client) => client.trunks)];
  const ids = [
    ...clients.map(({ id }) => id),
    ...trunks.map((uuid) => encodeId('Trunk', uuid)),
    ...numbers.flatMap((e164) => [encodeId('Number', e164), encodeId('Message', `msg-${e164.slice(1)}`)]),
    ...Array.from({ length: 90 }, (_, place) => encodeId('Transaction', String(place + 1))),
    ...['NumberEvent', 'TrunkEvent', 'MessageEvent', 'UnknownEvent'].flatMap((type) =>
      Array.from({ length: 50 }, (_, place) => encodeId(type, String(place * 4 + 1))),
    ),
    encodeId('Order', String(world.orderId)),
  ];
  const quoted = (from: readonly string[]) => JSON.stringify(dice.pick(from));
  const searches = [...names, ...numbers.map((number) => number.slice(-6)), ...trunks, 'for', 'SMS', 'renewal'];
  const scalars: Readonly<Record<string, (name: string) => string>> = {
    ID: (name) => (name === 'client' ? quoted(clients.map(({ id }) => id)) : quoted([...ids, ...trunks])),
    PhoneNumber: () => quoted(numbers),
    CountryCode: () => quoted(['NL', 'GB', 'DE']),
    DateTime: () => quoted(['2025-06-01T00:00:00Z', '2026-04-05T11:00:30Z', '2026-05-01T00:00:00Z']),
    Date: () => quoted(['2024-01-01', '2025-12-01', '2026-05-01']),
    Int: (name) => (name === 'orderId' ? String(world.orderId + dice.roll(3) - 1) : String(1 + dice.roll(4))),
    Boolean: () => dice.pick(['true', 'false']),
    String: (name) => quoted(isCursor(name) ? cursors : name === 'name' ? names : searches),
  };

  const value = (type: GraphQLInputType, name: string): string => {
    if (isNonNullType(type)) return value(type.ofType, name);
    if (isListType(type)) return `[${value(type.ofType, name)}, ${value(type.ofType, name)}]`;
    if (isEnumType(type)) return dice.pick(type.getValues()).name;
    if (!isInputObjectType(type)) return scalars[type.name]?.(name) ?? 'null';
    const some = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || dice.once(4));
    return `{ ${some.map((field) => `${field.name}: ${value(field.type, field.name)}`).join(', ')} }`;
  };
  const given = ({ args }: GraphQLField<unknown, unknown>): string => {
    const isTaken = (argument: GraphQLArgument) =>
      isRequiredArgument(argument) ||
      argument.name === 'first' ||
      (argument.name !== 'last' && dice.once(isCursor(argument.name) ? 12 : 3));
    const some = args.filter(isTaken).map(({ name, type }) => `${name}: ${value(type, name)}`);
    return some.length === 0 ? '' : `(${some.join(', ')})`;
  };
  let aliases = 0;
  const selectionOf = (typename: string, depth: number): string => {
    const type = schema.getType(typename);
    if (isAbstractType(type)) {
      const { name } = dice.pick(schema.getPossibleTypes(type));
      return `__typename ... on ${name} { ${fieldsOf(name, depth, 1 + dice.roll(5))} }`;
    }
    return fieldsOf(typename, depth, 1 + dice.roll(5));
  };
  const fieldsOf = (typename: string, depth: number, count: number): string => {
    const type = schema.getType(typename);
    if (!type || !isComposite(type)) return '__typename';
    const open = Object.values(type.getFields()).filter(
      (field) => depth < deepest || !isCompositeType(getNamedType(field.type)),
    );
    if (open.length === 0 || aliases >= mostAliases) return '__typename';
    // By its id a thing is known for whose it is, whatever else of it is asked.
    const id = open.filter((field) => field.name === 'id');
    const some = Array.from({ length: Math.min(count, mostAliases - aliases) }, () => dice.pick(open));
    return [...id, ...some].map((field) => fieldOf(field, depth)).join(' ');
  };
  const fieldOf = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    const result = getNamedType(field.type);
    const inner = isCompositeType(result) ? ` { ${selectionOf(result.name, depth + 1)} }` : '';
    return `a${aliases++}: ${field.name}${given(field)}${inner}`;
  };

  return {
    query() {
      aliases = 0;
      return `{ ${fieldsOf('Query', 0, 2 + dice.roll(4))} }`;
    },
    subscription() {
      aliases = 0;
      return `subscription { ${fieldsOf('Subscription', 1, 1)} }`;
    },
    learn(answer) {
      for (const [, cursor] of answer.matchAll(/"([\w-]{14,80})"/g))
        if (cursor !== undefined && cursors.length < 200) cursors.push(cursor);
    },
  };
}
