import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLNamedType,
  GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';

/** The contract names connections without spelling them out, and leaves Mutation to a later version where there is none yet. */
function readContract(): string {
  const contract = readFileSync('schema/contract.graphql', 'utf8');
  const nodes = new Set([...contract.matchAll(/\b(\w+)Connection\b/g)].map((match) => match[1]));
  const connections = [...nodes].map(
    (node) => `
      type ${node}Edge { cursor: String! node: ${node}! }
      type ${node}Connection { edges: [${node}Edge!]! nodes: [${node}!]! pageInfo: PageInfo! totalCount: Int }`,
  );
  const pageInfo =
    'type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }';
  return [contract, pageInfo, ...connections].join('\n');
}

/** The contract as far as the schema means to have it: without mutations, their results and errors where it has none. */
function contractSchema(sdl: string): GraphQLSchema {
  const whole = buildSchema(sdl);
  if (schema.getMutationType()) return whole;
  const { mutation: _, ...config } = whole.toConfig();
  const node = whole.getType('Node');
  // A schema that is built anew keeps what its roots lead to; what only an interface leads to is named.
  return new GraphQLSchema({ ...config, types: isInterfaceType(node) ? [...whole.getPossibleTypes(node)] : [] });
}

test('the printed schema has everything of the contract, and nothing of it renamed, dropped or narrowed', async () => {
  const changes = await diff(contractSchema(readContract()), schema);
  const broken = changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking);
  expect(broken.map((change) => change.message)).toEqual([]);
});

test('a field that the contract has and the schema has not would be found', async () => {
  const sdl = readContract().replace('viewer: Viewer', 'viewer: Viewer renamed: Int');
  const changes = await diff(contractSchema(sdl), schema);
  expect(changes.map((change) => change.path)).toContain('Query.renamed');
});

interface Described {
  readonly path: string;
  readonly description: string | null | undefined;
}

function describedParts(type: GraphQLNamedType): Described[] {
  const parts: Described[] = [{ path: type.name, description: type.description }];
  if (isEnumType(type))
    parts.push(
      ...type.getValues().map((value) => ({ path: `${type.name}.${value.name}`, description: value.description })),
    );
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return parts;
  for (const field of Object.values(type.getFields())) {
    const path = `${type.name}.${field.name}`;
    parts.push({ path, description: field.description });
    const { args } = { args: [], ...field } as Pick<GraphQLField<unknown, unknown>, 'args'>;
    parts.push(...args.map((argument) => ({ path: `${path}(${argument.name})`, description: argument.description })));
  }
  return parts;
}

test('every type, field, argument and enum value of the graph says what it is', () => {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const silent = types.flatMap(describedParts).filter(({ description }) => !description?.trim());
  expect(silent.map(({ path }) => path)).toEqual([]);
});
