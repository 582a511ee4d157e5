import { expect, test } from 'vitest';
import { upstreamNeed } from '../../../src/graph/upstream-need.ts';
import { schema as gatewaySchema } from '../../../src/schema.ts';
import { useUpstreamNeed } from '../../../src/server/limits/upstream-need.ts';
import { createPagedGraph, createProtectedYoga, envelop, post } from '../protected-graph.ts';

function yogaNeeding(need: Record<string, number>) {
  const { schema, ran } = createPagedGraph();
  const rule = useUpstreamNeed<{ allowed: number }>(need, ({ allowed }) => allowed);
  return { ran, yoga: createProtectedYoga(schema, [rule], { context: { allowed: 5 } }).yoga };
}

const refused = (found: number) => [
  {
    message: `You may have DIDfarm asked 5 times a minute, and this operation needs ${found}: split it.`,
    extensions: { code: 'LIMIT_EXCEEDED', limit: 'upstreamCalls', allowed: 5, found },
  },
];

test.each<[string, string, number]>([
  ['many by alias', 'mutation { a: change b: change c: change }', 6],
  [
    'many by fragments',
    'mutation { ...A ... on Mutation { b: change } } fragment A on Mutation { a: change ...B } fragment B on Mutation { c: change }',
    6,
  ],
  ['searches', '{ a: hello b: hello }', 6],
])(
  'an operation that needs more calls than its viewer may have sent is refused before the first: %s',
  async (_, query, found) => {
    const { yoga, ran } = yogaNeeding({ 'Mutation.change': 2, 'Query.hello': 3 });
    const { status, body } = await post(yoga, { query });

    expect([status, body.data]).toEqual([400, undefined]);
    expect(body.errors).toMatchObject(refused(found));
    expect((await envelop(yoga, query)).errors).toMatchObject(refused(found));
    expect(ran.fields).toBe(0);
  },
);

test.each([
  ['that needs as many', 'mutation { a: change b: change }'],
  ['that asks twice for the same', 'mutation { change ...A ...A change } fragment A on Mutation { change }'],
  ['that needs none', '{ a: things { totalCount } b: things { totalCount } c: things { totalCount } }'],
])('one is done %s', async (_, query) => {
  const { yoga, ran } = yogaNeeding({ 'Mutation.change': 2 });

  expect((await post(yoga, { query })).body.errors).toBeUndefined();
  expect(ran.fields).toBeGreaterThan(0);
});

test('the need of every mutation is known', () => {
  const mutations = Object.keys(gatewaySchema.getMutationType()?.getFields() ?? {});

  expect(
    Object.keys(upstreamNeed)
      .filter((name) => name.startsWith('Mutation.'))
      .sort(),
  ).toEqual(mutations.map((name) => `Mutation.${name}`).sort());
});
