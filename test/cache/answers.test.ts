import { describe, expect, test } from 'vitest';
import { createAnswers, type Recipe } from '../../src/cache/answers.ts';
import type { KeptField } from '../../src/cache/kept-fields.ts';

function start(maxBytes = 1_000_000) {
  const kept = new Map<string, KeptField>();
  const answers = createAnswers({ fields: { find: (question) => kept.get(question) ?? null }, maxBytes });
  const keep = (question: string, bytes: string) => kept.set(question, { bytes, tag: `tag of ${bytes}` });
  return { answers, kept, keep };
}

const recipe = (question: string, ...names: readonly string[]): Recipe => ({
  question,
  operation: 'Q',
  fields: names.map((name) => ({ name, question: `${name}?` })),
});

describe('an answer', () => {
  test('is put together of what its fields are now, in their order', () => {
    const { answers, keep } = start();
    keep('b?', '[2]');
    keep('a?', '{"x":1}');
    const both = recipe('both', 'b', 'a');
    const first = answers.compose(both);
    expect(first?.bytes).toBe('{"data":{"b":[2],"a":{"x":1}}');
    expect(answers.compose(both)).toEqual(first);

    keep('a?', 'null');
    const second = answers.compose(both);
    expect(second?.bytes).toBe('{"data":{"b":[2],"a":null}');
    expect(second?.etag).not.toBe(first?.etag);

    keep('a?', '{"x":1}');
    expect(answers.compose(both)).toEqual(first);
  });

  test('is none where one of its fields is not kept', () => {
    const { answers, kept, keep } = start();
    keep('a?', '1');
    keep('b?', '2');
    expect(answers.compose(recipe('both', 'a', 'b'))).not.toBeNull();
    kept.delete('b?');
    expect(answers.compose(recipe('both', 'a', 'b'))).toBeNull();
    expect(answers.stats().hits).toBe(1);
  });

  test('leaves out what its directives leave out', () => {
    const { answers, keep } = start();
    keep('a?', '');
    keep('b?', '2');
    keep('c?', '');
    expect(answers.compose(recipe('some', 'a', 'b', 'c'))?.bytes).toBe('{"data":{"b":2}');
    expect(answers.compose(recipe('none', 'a', 'c'))?.bytes).toBe('{"data":{}');
  });

  test('to another question has another tag, though it is the same', () => {
    const { answers, keep } = start();
    keep('a?', '1');
    const tags = ['one', 'other'].map((question) => answers.compose(recipe(question, 'a'))?.etag);
    expect(new Set(tags).size).toBe(2);
    expect(tags[0]).toMatch(/^W\/"[\w-]{22}"$/);
  });
});

test('what answers are put together of is bounded: what was asked longest ago goes first', () => {
  const { answers } = start(20_000);
  for (let count = 0; count < 100; count++) answers.learn(recipe(`question ${count}`, 'a', 'b'));
  expect(answers.stats().bytes).toBeLessThanOrEqual(20_000);
  expect(answers.recipeOf('question 0')).toBeNull();
  expect(answers.recipeOf('question 99')?.fields.map(({ name }) => name)).toEqual(['a', 'b']);
});
