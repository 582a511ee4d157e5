import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { examplesAt } from '../../../src/server/examples.ts';
import { countComparisons } from '../../../src/server/limits/comparisons.ts';
import { defaultLimits, useLimits } from '../../../src/server/limits/limits.ts';
import { work } from '../../../src/server/work.ts';
import { createPagedGraph, createProtectedYoga, post } from '../protected-graph.ts';

const { comparisons: most } = defaultLimits;
const repeat = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const count = (text: string) => countComparisons(parse(text), 1_000_000);

test.each<[string, string, number]>([
  ['each field once where all differ', '{ a b { c d } }', 4],
  ['each two fields of one name', '{ a a a }', 3 + 3],
  ['by the name in the answer', '{ x: a x: b a: x }', 3 + 1],
  ['through inline fragments', '{ a ... { a } ... on T { a } }', 5 + 3 + 2],
  ['what several fields give together, for each of them', '{ a { b c } a { b } }', 2 + 1 + 3 * 2 + 1 + 3],
  ['a fragment where it is spread', '{ ...F a } fragment F on T { a }', 3 + 1 + 1],
  ['a fragment once in a place', '{ ...F ...F } fragment F on T { a }', 3 + 1],
  ['each two fragments in a place', '{ ...F ...G } fragment F on T { a } fragment G on T { b }', 4 + 1 + 2],
  ['a fragment that is spread within itself', '{ ...F } fragment F on T { a ...F }', 3 + 4 + 1],
])('counted is %s: %s', (_, text, expected) => {
  expect(count(text)).toBe(expected);
});

test.each([
  [200, 0, 1],
  [400, -1, 0],
])('is answered %s where the limit is what it takes and %s more: %s validations', async (status, more, validations) => {
  const graph = createPagedGraph();
  const query = `{ things { nodes { ${repeat(140, () => 'id')} } } }`;
  const limits = { ...defaultLimits, comparisons: count(query) + more };
  const { yoga } = createProtectedYoga(graph.schema, [useLimits(graph.schema, limits)]);
  let validated = 0;
  const counted = () => {
    validated += 1;
  };
  subscribe(work.validated.name, counted);
  try {
    expect((await post(yoga, { query })).status).toBe(status);
  } finally {
    unsubscribe(work.validated.name, counted);
  }
  expect(validated).toBe(validations);
});

test('a document that would take millions is counted no further than the limit', () => {
  const chain = `{ ...F0 } ${repeat(400, (i) => `fragment F${i} on T { a ...F${i + 1} }`)} fragment F400 on T { a }`;
  for (const text of [chain, `{ ${repeat(50, () => `a { ${repeat(50, () => 'b { c }')} }`)} }`])
    expect(countComparisons(parse(text), most)).toBe(most + 1);
});

const folder = new URL('../../documents/', import.meta.url);
const documents = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));

test("no example and none of a frontend's files of documents comes near the limit", () => {
  for (const text of [...documents, ...examplesAt(0).map(({ query }) => query)])
    expect(count(text)).toBeLessThan(most / 20);
});
