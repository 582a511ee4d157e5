import { setImmediate } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { type Channel, createChannel, type Subscriber } from '../../../src/server/subscriptions/channel.ts';
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
  const channel = createChannel({
    begin: 0,
    left: new AbortController(),
    execute: async () => ({ next, place: () => seq, cursorOf: String, leave: () => over.resolve(null) }),
    failure: (error) => ({ errors: [new GraphQLError(String(error))] }),
    cursorOf: String,
    ended: () => undefined,
  });
  const taken: PlacedPayload[] = [];
  channel.attach(subscriberTo(taken), 0);
  while (taken.length < count) await setImmediate();
  return channel;
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
