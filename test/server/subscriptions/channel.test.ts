import { setImmediate } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { type Channel, createChannel, type Subscriber } from '../../../src/server/subscriptions/channel.ts';
import type { Execution } from '../../../src/server/subscriptions/execution.ts';
import { createPayload, type PlacedPayload } from '../../../src/server/subscriptions/payload.ts';

/** A channel that begins after 0 and has given so many payloads of that length to one who listens from the first. */
async function channelThatGave(count: number, length: number): Promise<Channel> {
  const over = Promise.withResolvers<null>();
  let seq = 0;
  const next = async (): Promise<PlacedPayload | null> => {
    if (seq === count) return over.promise;
    seq += 1;
    return createPayload({ data: { a: 'x'.repeat(length) } }, { seq });
  };
  const channel = channelOf({ next, place: () => seq, cursorOf: String, leave: () => over.resolve(null) });
  const taken: PlacedPayload[] = [];
  channel.attach(subscriberTo(taken), 0);
  while (taken.length < count) await setImmediate();
  return channel;
}

/** A channel that begins after 0. */
function channelOf(execution: Execution): Channel {
  return createChannel({
    begin: 0,
    left: new AbortController(),
    execute: async () => execution,
    failure: (error) => ({ errors: [new GraphQLError(String(error))] }),
    cursorOf: String,
    ended: () => undefined,
  });
}

/** How many payloads one is given who comes after that place; null where it is sent to the log. */
function missedAfter(channel: Channel, after: number): number | null {
  const missed: PlacedPayload[] = [];
  return channel.attach(subscriberTo(missed), after) ? missed.length : null;
}

function subscriberTo(taken: PlacedPayload[]): Subscriber {
  const take = (payload: PlacedPayload) => taken.push(payload) > 0;
  return { given: null, take, tooSlow: () => undefined, done: () => undefined };
}

test('one who comes a little behind is given what it missed, up to 64 payloads', async () => {
  const channel = await channelThatGave(100, 10);

  expect(missedAfter(channel, 35)).toBeNull();
  expect(missedAfter(channel, 36)).toBe(64);
  expect(missedAfter(channel, 100)).toBe(0);
});

test('whatever the length of its payloads, a channel keeps 64,000 characters at most', async () => {
  const channel = await channelThatGave(20, 29_000);

  expect(missedAfter(channel, 17)).toBeNull();
  expect(missedAfter(channel, 18)).toBe(2);
});

test('thousands are given a payload in stretches, with others’ turns between them, each once and all of one before the next', async () => {
  const gate = Promise.withResolvers<void>();
  const over = Promise.withResolvers<null>();
  let seq = 0;
  const next = async (): Promise<PlacedPayload | null> => {
    await gate.promise;
    if (seq === 2) return over.promise;
    seq += 1;
    return createPayload({ data: { seq } }, { seq });
  };
  const channel = channelOf({ next, place: () => seq, cursorOf: String, leave: () => over.resolve(null) });
  const given: string[] = [];
  const subscriberNamed = (name: string): Subscriber => ({
    ...subscriberTo([]),
    take: ({ result }) => given.push(`${name} ${JSON.stringify(result.data?.['seq'])}`) > 0,
  });
  const all = Array.from({ length: 1_600 }, (_, place) => subscriberNamed(`${place}`));
  for (const each of all) channel.attach(each, 0);

  gate.resolve();
  const lengths: number[] = [];
  for (; given.length < 500; await setImmediate());
  // One leaves, and one comes, while the first is given out.
  const leaving = all.at(-1);
  if (leaving) channel.detach(leaving);
  channel.attach(subscriberNamed('late'), 0);
  for (; given.length < 3_200; await setImmediate()) lengths.push(given.length);

  expect(lengths.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...lengths.map((length, place) => length - (lengths[place - 1] ?? 0)))).toBeLessThanOrEqual(1_001);
  expect(new Set(given).size).toBe(given.length);
  expect(given.filter((each) => each.startsWith('late'))).toEqual(['late 1', 'late 2']);
  expect(given.some((each) => each.startsWith('1599'))).toBe(false);
  expect(given.findIndex((each) => each.endsWith(' 2'))).toBe(1_600);
});
