import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { eachWithSandbox } from './support/listed.ts';

const statusQuery = `subscription ($trunk: ID, $client: ID) {
  trunkStatus(trunk: $trunk, client: $client) { trunk { uuid status } previous at cursor }
}`;
const eventsQuery = `subscription ($filter: EventFilter, $after: String) {
  events(filter: $filter, after: $after) { type cursor at ... on TrunkEvent { trunk { status name } } }
}`;
const start = eachWithSandbox();

eachDatabase('a subscription that ends', (open) => {
  test('leaves no waiter behind, also where it waits for its next event', async () => {
    const receiver = await start(open);
    const caller = callerOf(receiver);
    const streams = await Promise.all([1, 2, 3].map(() => caller.follow(eventsQuery)));
    const pending = streams.map((stream) => stream.result());
    await setImmediate();
    expect(receiver.waiters()).toBe(3);

    await Promise.all(streams.map((stream) => stream.end()));

    expect(await Promise.all(pending)).toEqual([1, 2, 3].map(() => ({ done: true, value: undefined })));
    expect(receiver.waiters()).toBe(0);
  });

  test('leaves no waiter behind where it was never read', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(eventsQuery);

    await stream.end();

    expect(receiver.waiters()).toBe(0);
  });

  test('ends when its caller is gone', async () => {
    const receiver = await start(open);
    const gone = new AbortController();
    const stream = await callerOf(receiver, {}, gone.signal).follow(statusQuery, { trunk: receiver.uuid(0) });
    await stream.next();
    await receiver.drop(1);
    await stream.next();
    const pending = stream.result();

    gone.abort();

    expect(await pending).toEqual({ done: true, value: undefined });
    expect(receiver.waiters()).toBe(0);
  });

  test('leaves no waiter behind where its storage fails', async () => {
    const receiver = await start(open);
    const stream = await callerOf(receiver).follow(eventsQuery);
    await receiver.account.storage.close();

    await expect(stream.result()).rejects.toThrow();

    expect(receiver.waiters()).toBe(0);
  });
});
