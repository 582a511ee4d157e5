import {
  defaultFieldResolver,
  type FragmentDefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isIntrospectionType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { type Context, perWholeOperation } from './context.ts';
import { createTurns, type Turn, type Turns } from './turns.ts';

type Resolver = GraphQLFieldResolver<unknown, Context>;
type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/**
 * The schema, with every object of a large operation given to the executor when it is its turn: otherwise it would execute all of
 * a page, and of the pages within it, before anybody else is served. Introspection is not the graph's: its cost bounds it.
 */
export function givingWay(schema: GraphQLSchema, turns: Turns = createTurns()): GraphQLSchema {
  const turnOf = perWholeOperation(() => turns.begin());
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields()))
      if (isCompositeType(getNamedType(field.type))) field.resolve = inTurns(field.resolve, turnOf) as never;
  }
  return schema;
}

function inTurns(resolve: Resolver = defaultFieldResolver, turnOf: (context: Context) => Turn): Resolver {
  return (source, args, context, info) => {
    const turn = turnOf(context);
    const fields = fieldsOf(info);
    const give = <Given>(value: Given, count: number, go: (value: Given) => unknown) => {
      const wait = turn.take(count);
      return wait === null ? go(value) : wait.then(() => go(value));
    };
    const giveObject = (value: unknown) => (value == null ? value : give(value, fields, itself));
    const giveItem = (item: unknown) => (item instanceof Promise ? item.then(giveObject) : giveObject(item));
    // A list's places count as well: to have thousands of them wait takes its time.
    const giveAll = (result: unknown) =>
      Array.isArray(result) ? give(result, result.length, (list) => list.map(giveItem)) : giveObject(result);
    const result = resolve(source, args, context, info);
    return result instanceof Promise ? result.then(giveAll) : giveAll(result);
  };
}

const itself = <Value>(value: Value): Value => value;

/** What is asked of an object, not of what is below it. */
function fieldsOf({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  let count = 0;
  for (const { selectionSet } of fieldNodes) if (selectionSet) count += fieldsIn(selectionSet, fragments);
  return count;
}

/** Documents are remembered, and their parts with them. */
const counted = new WeakMap<SelectionSetNode, number>();

function fieldsIn(set: SelectionSetNode, fragments: Fragments): number {
  const known = counted.get(set);
  if (known !== undefined) return known;
  let count = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) count += 1;
    else {
      const within = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
      if (within) count += fieldsIn(within.selectionSet, fragments);
    }
  }
  counted.set(set, count);
  return count;
}
