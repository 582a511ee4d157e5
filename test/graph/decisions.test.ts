import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { refuseUndecided } from '../../src/graph/decisions.ts';
import { schema } from '../../src/schema.ts';

test('a schema is refused whose types and root fields do not say who may see them, and each of those is named', () => {
  const undecided = buildSchema(
    'type Query { invoice: Invoice } type Invoice implements Paper { total: Int } interface Paper { total: Int }',
  );
  expect(() => refuseUndecided(undecided)).toThrow('Nothing says who may see Invoice, Paper, Query.invoice');
});

test('of the graph itself everything is decided', () => {
  expect(refuseUndecided(schema)).toBe(schema);
});
