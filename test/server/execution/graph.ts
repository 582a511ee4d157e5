import { buildSchema, type ExecutionArgs, type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { useExecution } from '../../../src/server/execution/execute.ts';

/** Whatever a field can do: be there at once or later, be null, fail, be a list, be of one of several types. */
export const schema: GraphQLSchema = buildSchema(`
  interface Named { name: String }
  union Any = Thing | Other
  type Other implements Named { name: String, thing: Thing }
  type Thing implements Named {
    name: String
    nothing: String
    fails: String
    failsMust: String!
    nullMust: String!
    later: String
    laterFails: String
    laterFailsMust: String!
    muchLater: Int!
    echo(text: String = "said", number: Int): String
    self: Thing
    selfMust: Thing!
    laterSelf: Thing
    laterSelfMust: Thing!
    list: [Thing]
    listMust: [Thing!]!
    laterList: [Thing!]
    laterItems: [Thing!]
    failingItems: [String]
    failingItemsMust: [String!]
    unseenItemsMust: [String!]
    lists: [[Thing]]
    named: Named
    any: [Any]
    laterAny: Any!
  }
  type Query { thing: Thing, thingMust: Thing!, things(count: Int!): [Thing!] }
  type Mutation { add(number: Int!): Int!, addLater(number: Int!): Int, addFails: Int, addThing: Thing }
`);

const fail = (message: string): never => {
  throw new Error(message);
};
/** Graphql itself looks at no promise behind an item that failed. */
const handled = <T>(promise: Promise<T>) => {
  promise.catch(() => undefined);
  return promise;
};
const thing: Record<string, unknown> = {
  __typename: 'Thing',
  name: 'a thing',
  nothing: null,
  fails: () => fail('fails'),
  failsMust: () => fail('failsMust'),
  nullMust: null,
  later: async () => 'later',
  laterFails: async () => fail('laterFails'),
  laterFailsMust: async () => fail('laterFailsMust'),
  muchLater: async () => {
    for (let tick = 0; tick < 20; tick++) await null;
    return 20;
  },
  echo: (args: object) => JSON.stringify(args),
  self: () => thing,
  selfMust: () => thing,
  laterSelf: async () => thing,
  laterSelfMust: async () => thing,
  list: () => [thing, null, thing],
  listMust: () => new Set([thing, other]),
  laterList: async () => [thing, thing],
  laterItems: () => [thing, Promise.resolve(thing)],
  failingItems: () => ['one', new Error('two'), Promise.reject(new Error('three'))],
  failingItemsMust: () => ['one', new Error('two'), handled(Promise.reject(new Error('three')))],
  unseenItemsMust: () => ['one', new Error('two'), Promise.reject(new Error('three'))],
  lists: () => [[thing], null, [null, thing]],
  named: () => other,
  any: async () => [thing, other, Promise.resolve(thing)],
  laterAny: async () => other,
};
const other: Record<string, unknown> = { __typename: 'Other', name: async () => 'another', thing: () => thing };

/** Mutations write down when they begin and end. */
export function rootValue(log: string[] = []) {
  return {
    thing,
    thingMust: async () => thing,
    things: ({ count }: { count: number }) => Array.from({ length: count }, () => thing),
    add({ number }: { number: number }) {
      log.push(`add ${number}`);
      return number;
    },
    async addLater({ number }: { number: number }) {
      log.push(`begin ${number}`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`end ${number}`);
      return number;
    },
    addFails: () => fail('addFails'),
    addThing: () => ({
      ...thing,
      later: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        log.push('field');
        return 'later';
      },
    }),
  };
}

/** The gateway's own execution, with graphql's behind it as Yoga's is in the server. */
export async function executePlanned(args: Omit<ExecutionArgs, 'schema'>): Promise<ExecutionResult> {
  let executeFn = execute as (args: ExecutionArgs) => Promise<ExecutionResult> | ExecutionResult;
  const { onExecute } = useExecution(schema);
  await onExecute?.({
    args: { schema, ...args },
    executeFn,
    setExecuteFn: (given: typeof executeFn) => {
      executeFn = given;
    },
  } as unknown as Parameters<NonNullable<typeof onExecute>>[0]);
  return executeFn({ schema, ...args });
}
