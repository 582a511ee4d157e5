import { expect, test } from 'vitest';
import { useNoSuggestions } from '../../../src/server/limits/suggestions.ts';
import { createPagedGraph, createProtectedYoga, envelop, post } from '../protected-graph.ts';

const { schema } = createPagedGraph();

const guesses: [string, string, Record<string, unknown>][] = [
  ['a field', '{ helo }', {}],
  ['an argument', '{ things(frist: 1) { nodes { id } } }', {}],
  ['a type', '{ things { ... on ThingConection { totalCount } } }', {}],
  ['an enum value', '{ paint(colour: GREN) }', {}],
  ['an enum value in a variable', 'query ($colour: Colour) { paint(colour: $colour) }', { colour: 'GREN' }],
];

test.each(guesses)(
  'a wrong guess at %s is told what was wrong, and nothing that exists',
  async (_, query, variables) => {
    const open = createProtectedYoga(schema, []).yoga;
    const closed = createProtectedYoga(schema, [useNoSuggestions()]).yoga;

    expect((await post(open, { query, variables })).body.errors?.[0]?.message).toContain('Did you mean');
    for (const { errors } of [
      (await post(closed, { query, variables })).body,
      await envelop(closed, query, variables),
    ]) {
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.message).not.toMatch(/mean|hello|first|ThingConnection\b|GREEN/);
      expect(errors?.[0]?.message).toMatch(/helo|frist|ThingConection|GREN/);
    }
  },
);

test('what has no suggestion is as it was', async () => {
  const { yoga } = createProtectedYoga(schema, [useNoSuggestions()]);

  expect((await post(yoga, { query: '{ hello }' })).body).toEqual({ data: { hello: 'hello' } });
});
