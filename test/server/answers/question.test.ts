import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { areLarge, questionOf } from '../../../src/server/answers/question.ts';

const query = '{ trunks { totalCount } }';
const of = (variables: unknown, more: object = {}) => questionOf('anna', { query, variables, ...more });

/** The same value with the keys of each object turned round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

describe('a question', () => {
  test.prop([fc.jsonValue({ maxDepth: 4 })])('is the same whatever the order of the keys', (value) => {
    const variables = JSON.parse(JSON.stringify({ value }));
    expect(of(turned(variables))).toBe(of(variables));
  });

  test.prop([fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 })])(
    'is another where the variables are',
    (one, other) => {
      const [a, b] = [one, other].map((value) => JSON.parse(JSON.stringify({ value })));
      // What JSON cannot tell apart neither the operation can.
      if (JSON.stringify(turnedByName(a)) !== JSON.stringify(turnedByName(b))) expect(of(a)).not.toBe(of(b));
    },
  );

  test.each([
    [{ a: '1' }, { a: 1 }],
    [{ a: null }, {}],
    [{ a: null }, JSON.parse('{"a":1e999}')],
    [{ a: 'null' }, { a: null }],
    [{ a: { b: 1 } }, { 'a":{"b': 1 }],
    [{ a: [1, 2] }, { a: [12] }],
    [{ a: [[1], 2] }, { a: [1, [2]] }],
    [{ a: ['1,2'] }, { a: ['1', '2'] }],
    [{ a: [] }, { a: {} }],
    [JSON.parse('{"__proto__":{"a":1}}'), {}],
  ])('is another for %j than for %j', (one, other) => {
    expect(of(one)).not.toBe(of(other));
  });

  test('is another for another viewer, document or operation', () => {
    const all = [
      questionOf('anna', { query }),
      questionOf('bert', { query }),
      questionOf('anna', { query: `${query} ` }),
      questionOf('anna', { query, operationName: 'A' }),
      questionOf('anna', { query, operationName: 'B' }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(questionOf('anna', { query, operationName: null, variables: null })).toBe(questionOf('anna', { query }));
  });

  test.each([
    'mutation { a }',
    'query A { a } mutation B { b }',
    'subscription { a }',
    '\uFEFFmutation{a}',
    '#x\nmutation@skip(if:false){a}',
    '{ a } # no mutation',
  ])('is none where the document may change or follow something: %s', (document) => {
    expect(questionOf('anna', { query: document })).toBeNull();
  });

  test('is none where there is no text, or variables as deep as no input is', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(questionOf('anna', {})).toBeNull();
    expect(questionOf('anna', { query: 1 })).toBeNull();
    expect(of({ deep })).toBeNull();
  });
});

test.each([
  ['none', {}, false],
  ['what a page has', { first: 50, after: 'x'.repeat(500), filter: { status: ['OFFLINE'], search: 'a' } }, false],
  ['a long text', { search: 'x'.repeat(20_000) }, true],
  ['a long name', { ['x'.repeat(20_000)]: 1 }, true],
  ['a long list', { ids: Array.from({ length: 2_100 }, () => 1) }, true],
  ['a list of empty things', { ids: Array.from({ length: 2_100 }, () => ({})) }, true],
  ['what is deep', { deep: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) }, true],
])('variables that are too much for each field: %s', (_, variables, large) => {
  expect(areLarge(variables)).toBe(large);
});

function turnedByName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnedByName);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).toSorted();
  return names.map((name) => ({ name, value: turnedByName((value as Record<string, unknown>)[name]) }));
}
