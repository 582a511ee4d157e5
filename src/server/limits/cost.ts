import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { createIntrospectionCost, type IntrospectionCost } from './introspection.ts';

/** Rows of a connection where the caller says nothing, and the most that it gives. */
export interface PageSizes {
  readonly usual: number;
  readonly largest: number;
}

/** What an operation costs; null where the document holds no such operation. */
export type CostOf = (
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
) => number | null;

const sizes: ReadonlySet<string> = new Set(['first', 'last', 'ids']);

/** Taken for the length of a list that no argument bounds, such as an order's items. */
const usualList = 10;

/** Combinations of page sizes that are remembered of a document. */
const mostRemembered = 100;

/** A selection set's cost is linear in the size of the page that it is asked on: a fragment does not know which that is. */
interface Cost {
  readonly flat: number;
  readonly aRow: number;
}

const free: Cost = { flat: 0, aRow: 0 };

/**
 * Each field costs 1 for each object that it is asked on: the fields of a page's rows as often as the page has rows, those of a
 * list as often as its `ids`. What is skipped by a directive counts too.
 */
export function createCostOf(schema: GraphQLSchema, pages: PageSizes): CostOf {
  const ofIntrospection = createIntrospectionCost(schema);
  const remembered = new WeakMap<DocumentNode, { names: ReadonlySet<string>; costs: LRUCache<string, number> }>();
  return (document, operationName, variables) => {
    const operation = getOperationAST(document, operationName);
    if (!operation) return null;
    const of = remembered.get(document) ?? {
      names: variablesOfSizes(document),
      costs: new LRUCache<string, number>({ max: mostRemembered }),
    };
    remembered.set(document, of);
    const given = [...of.names].map((name) => sizeIn(variables[name]) ?? null);
    const key = JSON.stringify([operation.name?.value, ...given]);
    const cost = of.costs.get(key) ?? reckon(schema, pages, ofIntrospection, { document, operation, variables });
    of.costs.set(key, cost);
    return cost;
  };
}

interface Asked {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

function reckon(
  schema: GraphQLSchema,
  pages: PageSizes,
  ofIntrospection: IntrospectionCost,
  { document, operation, variables }: Asked,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const known = new Map<string, Cost>();
  const defaults = new Map(operation.variableDefinitions?.map((node) => [node.variable.name.value, node.defaultValue]));

  const sizeOf = (value: ValueNode | undefined): number | undefined => {
    if (value === undefined) return undefined;
    if (value.kind === Kind.LIST) return value.values.length;
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) return undefined;
    const given = variables[value.name.value];
    return given === undefined ? sizeOf(defaults.get(value.name.value)) : sizeIn(given);
  };
  const pageOf = (field: FieldNode, { args }: GraphQLField<unknown, unknown>): number | undefined => {
    const size = sizeOf(argument(field, 'first')) ?? sizeOf(argument(field, 'last'));
    if (!args.some(({ name }) => name === 'first')) return undefined;
    return Math.max(0, Math.min(size ?? pages.usual, pages.largest));
  };
  const ofField = (field: FieldNode, parent: GraphQLNamedType | undefined): Cost => {
    if (field.name.value.startsWith('__')) return { flat: ofIntrospection(field, fragments), aRow: 0 };
    const definition = definitionOf(parent, field.name.value);
    const named = definition && getNamedType(definition.type);
    const within = field.selectionSet ? ofSet(field.selectionSet, named) : free;
    if (definition === undefined) return { flat: 1 + within.flat, aRow: 0 };
    const isList = isListType(getNullableType(definition.type));
    if (!isList) return { flat: 1 + within.flat + within.aRow * (pageOf(field, definition) ?? usualList), aRow: 0 };
    const row = within.flat + within.aRow * usualList;
    const length = sizeOf(argument(field, 'ids'));
    return length === undefined ? { flat: 1, aRow: row } : { flat: 1 + length * row, aRow: 0 };
  };
  const ofFragment = (name: string): Cost => {
    const fragment = fragments.get(name);
    const found = known.get(name) ?? (fragment === undefined ? free : undefined);
    if (found !== undefined || fragment === undefined) return found ?? free;
    known.set(name, free);
    const cost = ofSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    known.set(name, cost);
    return cost;
  };
  const ofSet = (set: SelectionSetNode, parent: GraphQLNamedType | undefined): Cost =>
    set.selections
      .map((selection): Cost => {
        if (selection.kind === Kind.FIELD) return ofField(selection, parent);
        if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
        const condition = selection.typeCondition?.name.value;
        return ofSet(selection.selectionSet, condition === undefined ? parent : schema.getType(condition));
      })
      .reduce(sum, free);

  const { flat, aRow } = ofSet(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  // Fragments within fragments reach numbers that are none in JSON.
  return Math.min(flat + aRow * usualList, Number.MAX_SAFE_INTEGER);
}

/** The variables that say how many rows are asked for: only these change what an operation costs. */
function variablesOfSizes(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Argument({ name, value }) {
      if (sizes.has(name.value) && value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return names;
}

function sum(one: Cost, other: Cost): Cost {
  return { flat: one.flat + other.flat, aRow: one.aRow + other.aRow };
}

function argument(field: FieldNode, name: string): ValueNode | undefined {
  return field.arguments?.find((one) => one.name.value === name)?.value;
}

function definitionOf(parent: GraphQLNamedType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

function sizeIn(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
