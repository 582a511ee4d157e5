import { getIntrospectionQuery, parse } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import { schema as gatewaySchema } from '../../../src/schema.ts';
import { examplesAt } from '../../../src/server/examples.ts';
import { countComparisons } from '../../../src/server/limits/comparisons.ts';
import { createCostOf } from '../../../src/server/limits/cost.ts';
import { defaultLimits, type Limits, useLimits } from '../../../src/server/limits/limits.ts';
import { measure } from '../../../src/server/limits/measure.ts';
import { createPagedGraph, createProtectedYoga, envelop, post } from '../protected-graph.ts';

let graph: ReturnType<typeof createPagedGraph>;
beforeEach(() => {
  graph = createPagedGraph();
});

function limited(limits: Partial<Limits>) {
  return createProtectedYoga(graph.schema, [useLimits(graph.schema, { ...defaultLimits, ...limits })]).yoga;
}

const exceeded = (limit: string, allowed: number, found: number) => [
  {
    message: expect.stringContaining(`${found}`),
    extensions: expect.objectContaining({ code: 'LIMIT_EXCEEDED', limit, allowed, found }),
  },
];

describe('an operation over a limit is refused with its name and both numbers, and nothing of it runs:', () => {
  test.each<[string, Partial<Limits>, string, number]>([
    ['characters', { characters: 20 }, '{ hello } # and words', 21],
    ['tokens', { tokens: 5 }, '{ a: hello b: hello }', 8],
    ['depth', { depth: 3 }, '{ things { nodes { owner { id } } } }', 4],
    ['aliases', { aliases: 1 }, '{ a: hello b: hello }', 2],
    ['directives', { directives: 1 }, '{ a: hello @skip(if: false) b: hello @include(if: true) }', 2],
    ['rootFields', { rootFields: 2 }, '{ a: hello b: hello hello }', 3],
    ['comparisons', { comparisons: 13 }, '{ things { totalCount nodes { id } } things { totalCount } }', 14],
    ['cost', { cost: 10 }, '{ things(first: 5) { nodes { id owner { id } } } }', 17],
  ])('%s', async (limit, limits, query, found) => {
    const yoga = limited(limits);
    const { status, body } = await post(yoga, { query });

    expect(status).toBe(400);
    expect(body.data).toBeUndefined();
    expect(body.errors).toMatchObject(exceeded(limit, Object.values(limits)[0] ?? 0, found));
    expect((await envelop(yoga, query)).errors).toMatchObject(exceeded(limit, Object.values(limits)[0] ?? 0, found));
    expect(graph.ran.fields).toBe(0);
  });

  test.each<[string, Partial<Limits>, string]>([
    ['characters', { characters: 21 }, '{ hello } # and words'],
    ['tokens', { tokens: 8 }, '{ a: hello b: hello }'],
    ['depth', { depth: 4 }, '{ things { nodes { owner { id } } } }'],
    ['aliases', { aliases: 2 }, '{ a: hello b: hello }'],
    ['directives', { directives: 2 }, '{ a: hello @skip(if: false) b: hello @include(if: true) }'],
    ['rootFields', { rootFields: 3 }, '{ a: hello b: hello hello }'],
    ['comparisons', { comparisons: 14 }, '{ things { totalCount nodes { id } } things { totalCount } }'],
    ['cost', { cost: 17 }, '{ things(first: 5) { nodes { id owner { id } } } }'],
  ])('and at it, it runs: %s', async (_, limits, query) => {
    const { status, body } = await post(limited(limits), { query });

    expect([status, body.errors]).toEqual([200, undefined]);
    expect(graph.ran.fields).toBeGreaterThan(0);
  });

  test('each limit that is exceeded is named, however often the document is sent', async () => {
    const yoga = limited({ aliases: 1, rootFields: 1 });
    for (let time = 0; time < 3; time++) {
      const { body } = await post(yoga, { query: '{ a: hello b: hello }' });
      expect(body.errors?.map((error) => error.extensions?.['limit'])).toEqual(['aliases', 'rootFields']);
    }
  });

  test('a subscription by its cost, too', async () => {
    const query = 'subscription { changes { parts { parts { id } } } }';

    expect((await envelop(limited({ cost: 50 }), query)).errors).toMatchObject(exceeded('cost', 50, 112));
    expect(graph.ran.fields).toBe(0);
  });
});

describe('fragments', () => {
  test('count for the depth and the root fields as if they were written out', () => {
    const document = parse(/* GraphQL */ `
      query Deep {
        ...Root
        ... on Query { hello }
      }
      fragment Root on Query { things { nodes { ...Part } } hello }
      fragment Part on Thing { owner { owner { id } } }
    `);

    expect(measure(document)).toMatchObject({ depth: 5, rootFields: 3 });
  });

  test('that are spread within themselves are refused by validation, and end the measuring', async () => {
    const query =
      '{ things { nodes { ...A } } } fragment A on Thing { owner { ...B } } fragment B on Thing { owner { ...A } }';
    const { status, body } = await post(limited({}), { query });

    expect(status).toBe(400);
    expect(body.errors?.[0]?.message).toContain('Cannot spread fragment "A" within itself');
  });

  test('that double each other are measured once each, so that their cost is known at once', async () => {
    const fragments = Array.from(
      { length: 15 },
      (_, i) => `fragment F${i} on Thing { ...F${i + 1} o${i}: owner { ...F${i + 1} } p${i}: parts { ...F${i + 1} } }`,
    );
    const query = `{ things { nodes { ...F0 } } } ${fragments.join(' ')} fragment F15 on Thing { id }`;
    const { body } = await post(limited({}), { query });

    expect(body.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'cost' } }]);
    expect(graph.ran.fields).toBe(0);
  });
});

describe('the cost', () => {
  const costOf = () => createCostOf(graph.schema, { usual: 25, largest: 100 });
  const cost = (query: string, variables: Record<string, unknown> = {}, name?: string) =>
    costOf()(parse(query), name, variables);

  test.each<[string, string, Record<string, unknown>, number]>([
    ['a field costs 1', '{ hello }', {}, 1],
    ['a page multiplies its rows and nothing else', '{ things(first: 10) { totalCount nodes { id } } }', {}, 13],
    [
      'pages within pages multiply',
      '{ things(first: 4) { nodes { things(last: 5) { nodes { id } } } } }',
      {},
      2 + 4 * (2 + 5),
    ],
    ['a page without a size has the usual one', '{ things { nodes { id } } }', {}, 27],
    ['a size comes from a variable', 'query ($n: Int) { things(first: $n) { nodes { id } } }', { n: 7 }, 9],
    ['or from its default', 'query ($n: Int = 6) { things(first: $n) { nodes { id } } }', {}, 8],
    [
      'or is the usual one where it is null',
      'query ($n: Int = 6) { things(first: $n) { nodes { id } } }',
      { n: null },
      27,
    ],
    ['is never less than nothing', '{ things(first: -5) { nodes { id } } }', {}, 2],
    ['nor more than a page can have', '{ things(first: 2000000000) { nodes { id } } }', {}, 102],
    [
      'and where it is no number, the usual one',
      'query ($n: Int) { things(first: $n) { nodes { id } } }',
      { n: 'x' },
      27,
    ],
    ['ids multiply', '{ nodes(ids: ["a", "b", "c"]) { id } }', {}, 4],
    ['ids in a variable, too', 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c', 'd'] }, 5],
    ['a list of unknown length has ten', '{ things(first: 1) { nodes { parts { id } } } }', {}, 2 + 11],
    [
      'a fragment costs by the page it is spread on',
      '{ a: things(first: 1) { ...P } b: things(first: 9) { ...P } } fragment P on ThingConnection { nodes { id } }',
      {},
      2 + 2 + 10,
    ],
    ['what is skipped counts', '{ things(first: 3) @skip(if: true) { nodes { id } } }', {}, 5],
  ])('%s', (_, query, variables, expected) => {
    expect(cost(query, variables)).toBe(expected);
  });

  test('is that of the operation that is chosen', () => {
    const query = 'query A { hello } query B { things(first: 3) { nodes { id } } }';

    expect([cost(query, {}, 'A'), cost(query, {}, 'B'), cost(query, {}, 'C'), cost(query)]).toEqual([1, 5, null, null]);
  });

  test('is remembered by what changes it, and not mixed up between page sizes and operations', () => {
    const document = parse(
      'query A($n: Int, $x: ID) { things(first: $n) { nodes { id } } nodes(ids: [$x]) { id } } query B($n: Int) { things(last: $n) { nodes { id id2: id } } }',
    );
    const of = costOf();
    for (let time = 0; time < 2; time++) {
      expect([1, 2, 30].map((n) => of(document, 'A', { n, x: 'a'.repeat(n) }))).toEqual([5, 6, 34]);
      expect([1, 2, 30].map((n) => of(document, 'B', { n }))).toEqual([4, 6, 62]);
    }
  });
});

describe('the limits', () => {
  const costOf = createCostOf(gatewaySchema, { usual: 25, largest: 100 });
  const introspection = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });

  test.each([...examplesAt(0).map(({ query }) => query), introspection])(
    'leave room around the examples and the introspection query: %s',
    (query) => {
      const document = parse(query);
      const found: Limits = {
        ...measure(document),
        characters: query.length,
        tokens: document.tokenCount ?? Number.NaN,
        comparisons: countComparisons(document, defaultLimits.comparisons),
        cost: costOf(document, null, {}) ?? Number.NaN,
      };
      for (const [name, most] of Object.entries(defaultLimits)) {
        expect([name, found[name as keyof Limits] * 1.3 <= most]).toEqual([name, true]);
      }
    },
  );

  test('of graphql itself refuse introspection that goes in circles', async () => {
    const { yoga } = createProtectedYoga(graph.schema, [useLimits(graph.schema)]);
    const circular = (depth: number): string =>
      depth === 0 ? 'name' : `name fields { type { ${circular(depth - 1)} } }`;
    const { status, body } = await post(yoga, { query: `{ __schema { types { ${circular(4)} } } }` });

    expect([status, body.data]).toEqual([400, undefined]);
    expect(body.errors?.[0]?.message).toBe('Maximum introspection depth exceeded');
  });
});
