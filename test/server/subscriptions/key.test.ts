import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { channelKey } from '../../../src/server/subscriptions/key.ts';

const keyOf = (query: string, variableValues?: Record<string, unknown>, operationName?: string) =>
  channelKey('all', { document: parse(query), variableValues, operationName });

const events = 'subscription ($after: String) { events(after: $after) { name } }';

test('is the same whatever a subscription goes on from, and however its variables are ordered', () => {
  expect(keyOf(events, { after: 'one' })).toBe(keyOf(events, { after: 'other' }));
  expect(keyOf(events, { after: 'one' })).toBe(keyOf(events));
  const ordered = 'subscription ($a: Int, $b: In) { ticks(a: $a, b: $b) }';
  expect(keyOf(ordered, { a: 1, b: { c: [{ d: 1, e: 2 }], f: 3 } })).toBe(
    keyOf(ordered, { b: { f: 3, c: [{ e: 2, d: 1 }] }, a: 1 }),
  );
});

test.each([
  [
    'decides what is shown inside',
    'subscription ($x: String) { trunkStatus { trunk { events(after: $x) { name } } } }',
  ],
  ['is used once more', 'subscription ($x: String) { events(after: $x) { name(of: $x) } }'],
  [
    'is used once more in a fragment',
    'subscription ($x: String) { events(after: $x) { ...F } } fragment F on E { name(of: $x) }',
  ],
  ['is another argument', 'subscription ($x: String) { events(filter: $x) { name } }'],
])('differs by a variable that %s', (_, query) => {
  expect(keyOf(query, { x: 'one' })).not.toBe(keyOf(query, { x: 'other' }));
});

test('differs by audience, document, operation and the order of a list', () => {
  const two = 'subscription A { events { name } } subscription B { events { cursor } }';
  const keys = [
    keyOf(events),
    channelKey('own', { document: parse(events) }),
    keyOf(events.replace('name', 'cursor')),
    keyOf(two, {}, 'A'),
    keyOf(two, {}, 'B'),
    keyOf(events, { types: ['A', 'B'] }),
    keyOf(events, { types: ['B', 'A'] }),
  ];

  expect(new Set(keys).size).toBe(keys.length);
});
