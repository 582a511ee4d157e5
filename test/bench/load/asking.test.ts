import { expect, test } from 'vitest';
import { askingOf, type Questions } from '../../../bench/load/asking.ts';

const questions: Questions = {
  url: 'http://127.0.0.1:1',
  document: '{ wallet { asOf } }',
  varied: 'everything',
  moments: { oldest: Date.UTC(2026, 0, 1), newest: Date.UTC(2026, 0, 2) },
};
const variablesOf = (request: Buffer) => JSON.parse(request.toString().split('\r\n\r\n')[1] ?? '').variables;
const distinct = (values: readonly unknown[]) => new Set(values.map((value) => JSON.stringify(value))).size;

test('where everything is varied, no query has the arguments of a root field in common with another', () => {
  const { next } = askingOf(questions);
  const asked = Array.from({ length: 20_000 }, () => variablesOf(next()));

  expect(distinct(asked.map(({ to }) => to))).toBe(asked.length);
  expect(distinct(asked.map(({ from }) => from))).toBe(asked.length);
  expect(distinct(asked.map(({ first, status }) => [first, status]))).toBe(asked.length);
});

test('where moments are varied, each lies between the two, and none comes twice', () => {
  const { next } = askingOf({ ...questions, varied: 'moment' });
  const asked = Array.from({ length: 20_000 }, () => variablesOf(next()));

  expect(distinct(asked)).toBe(asked.length);
  const moments = asked.map(({ to }) => Date.parse(to));
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(questions.moments.oldest);
  expect(Math.max(...moments)).toBeLessThanOrEqual(questions.moments.newest);
  expect(Object.keys(asked[0])).toEqual(['to']);
});

test('of a few different queries the same come again', () => {
  const { all = [], next } = askingOf({ ...questions, different: 10 });

  expect(distinct(all.map(variablesOf))).toBe(10);
  for (let asked = 0; asked < 100; asked++) expect(all).toContain(next());
});
