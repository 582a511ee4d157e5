import { buildSchema, getIntrospectionQuery, graphqlSync, parse } from 'graphql';
import { expect, test, vi } from 'vitest';
import { schema } from '../../../src/schema.ts';
import { createCostOf } from '../../../src/server/limits/cost.ts';
import { defaultLimits } from '../../../src/server/limits/limits.ts';

const costOf = createCostOf(schema, { usual: 25, largest: 100 });
const cost = (query: string) => costOf(parse(query), null, {}) ?? Number.NaN;
const fieldsIn = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + fieldsIn(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, each) => sum + 1 + fieldsIn(each), 0);
};
const fields = (query: string) => fieldsIn(graphqlSync({ schema, source: query }).data);

test.each([
  getIntrospectionQuery({ descriptions: true }),
  '{ __schema { types { name fields { name args { name } } enumValues { name } } directives { name } } }',
  '{ __schema { types { ...T } } } fragment T on __Type { name possibleTypes { name } inputFields { type { name } } }',
  '{ __schema { queryType { fields { name args { name } } } } }',
  '{ __type(name: "Query") { fields { name type { name fields { name } } } } }',
])('introspection costs four times the fields that it gives, or more: %s', (query) => {
  expect(cost(query)).toBeGreaterThanOrEqual(4 * fields(query));
});

test('a typename is a field as any', () => {
  expect(cost('{ __typename wallet { __typename } }')).toBe(3);
});

test('the whole schema is read for who looks at it, and not for a typename', () => {
  const small = buildSchema('type Query { hello: String }');
  const readTypes = vi.spyOn(small, 'getTypeMap');
  const costOfSmall = createCostOf(small, { usual: 25, largest: 100 });
  expect(costOfSmall(parse('{ __typename hello }'), null, {})).toBe(2);
  expect(readTypes).toHaveBeenCalledTimes(0);
  costOfSmall(parse('{ __schema { types { name } } }'), null, {});
  expect(readTypes).toHaveBeenCalled();
});

const repeat = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');

test.each([
  `{ __schema { ${repeat(100, (i) => `a${i}: types { name fields { name args { name } } }`)} } }`,
  `{ ${repeat(30, (i) => `a${i}: __schema { ...S }`)} } fragment S on __Schema { types { name fields { name type { name } } } }`,
  `{ ${repeat(30, (i) => `a${i}: __type(name: "Query") { ...T }`)} } fragment T on __Type { fields { ${repeat(60, (i) => `b${i}: name`)} } }`,
])('the same again and again is over the limit: %s', (query) => {
  expect(cost(query)).toBeGreaterThan(defaultLimits.cost);
});
