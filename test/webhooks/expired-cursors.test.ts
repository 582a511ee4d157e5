import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import { trimStretch } from '../../src/events/trim.ts';
import { createCursors } from '../../src/graph/cursors.ts';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { createReceiver, type Receiver } from './support/receiver.ts';

type Named = { readonly name: string };

/** Ten events, e1 to e10, with the cursor of each. */
async function withEvents(receiver: Receiver): Promise<(seq: number) => string> {
  for (let seq = 1; seq <= 10; seq++) await receiver.sendEvent(`e${seq}`, seq, {});
  const { events } = await callerOf(receiver).ask<{ events: { nodes: { cursor: string }[] } }>(
    '{ events(last: 10) { nodes { cursor } } }',
  );
  const cursors = events.nodes.map(({ cursor }) => cursor).toReversed();
  return (seq) => cursors[seq - 1] ?? '';
}

const trimTo = (receiver: Receiver, count: number) =>
  receiver.account.storage.transaction((trx) =>
    trimStretch(trx, receiver.account.id, { since: 0, count, digestsSince: 0 }),
  );
const subscription = 'subscription ($after: String) { events(after: $after) { name } }';
const refusal = (error: unknown) =>
  (error as { extensions: { code: string; argument: string; oldest: string } }).extensions;

eachDatabase('a cursor older than the log', (open) => {
  test('is told to a subscriber, with one from which everything comes that is still there', async () => {
    const receiver = createReceiver(await open());
    const cursor = await withEvents(receiver);
    await trimTo(receiver, 4);
    const caller = callerOf(receiver);

    const error = refusal(await caller.follow(subscription, { after: cursor(5) }).catch((failure: unknown) => failure));

    expect(error).toEqual({ code: 'CURSOR_EXPIRED', argument: 'after', oldest: cursor(6) });
    expect(receiver.waiters()).toBe(0);
    const stream = await caller.follow(subscription, { after: error.oldest });
    expect((await stream.take(4)).map(({ name }) => name)).toEqual(['e7', 'e8', 'e9', 'e10']);
    await stream.end();
  });

  test('is fine at the edge, where everything after it is there, and within', async () => {
    const receiver = createReceiver(await open());
    const cursor = await withEvents(receiver);
    await trimTo(receiver, 4);

    for (const seq of [6, 7]) {
      const stream = await callerOf(receiver).follow(subscription, { after: cursor(seq) });
      expect(await stream.next()).toEqual({ name: `e${seq + 1}` });
      await stream.end();
    }
  });

  test.each([
    ['events(after: $cursor)', 'after'],
    ['events(last: 3, before: $cursor)', 'before'],
    ['number(e164: "+31201234567") { events(after: $cursor) { totalCount } }', 'after'],
    ['number(e164: "+31201234567") { events(before: $cursor) { totalCount } }', 'before'],
  ])('is told to who pages with it through %s', async (field, argument) => {
    const receiver = createReceiver(await open());
    const cursor = await withEvents(receiver);
    const data = { number: '+31201234567', country: 'NL', type: 'local', trunk_uuid: 'trk_a1b2c3d4' };
    for (const second of [20, 21]) await receiver.sendEvent('number.activated', second, data);
    const query = `query ($cursor: String) { ${field.endsWith('}') ? field : `${field} { totalCount }`} }`;
    const ask = (seq: number) => callerOf(receiver).ask(query, { cursor: cursor(seq) });
    await ask(1);
    await trimTo(receiver, 6);

    expect(refusal(await ask(5).catch((failure: unknown) => failure))).toEqual({
      code: 'CURSOR_EXPIRED',
      argument,
      oldest: cursor(6),
    });
    await ask(6);
  });

  test('is none of this where it is cut off, of another listing or of another account', async () => {
    const receiver = createReceiver(await open());
    const cursor = await withEvents(receiver);
    await trimTo(receiver, 4);
    const { follow } = callerOf(receiver);
    const cursors = createCursors('a secret');

    for (const after of [
      cursor(1).slice(0, -1),
      '',
      cursors.encode(accountId('other'), 'events', [1]),
      cursors.encode(receiver.account.id, 'trunks', [1]),
    ])
      await expect(follow(subscription, { after })).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  test('does not turn up in the list of what happened, and the rest is paged to its end', async () => {
    const receiver = createReceiver(await open());
    await withEvents(receiver);
    await trimTo(receiver, 5);
    const caller = callerOf(receiver);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { events }: { events: { nodes: Named[]; pageInfo: { endCursor: string; hasNextPage: boolean } } } =
        await caller.ask(
          'query ($after: String) { events(first: 2, after: $after) { nodes { name } pageInfo { endCursor hasNextPage } } }',
          { after },
        );
      seen.push(...events.nodes.map(({ name }) => name));
      after = events.pageInfo.hasNextPage ? events.pageInfo.endCursor : null;
    } while (after !== null);

    expect(seen).toEqual(['e10', 'e9', 'e8', 'e7', 'e6']);
  });
});

eachDatabase('a cursor ahead of the log, whose database was put back from a copy', (open) => {
  const ahead = createCursors('a secret').encode(accountId('main'), 'events', [11]);

  test('is told to a subscriber, with one from which everything comes that happens from now on', async () => {
    const receiver = createReceiver(await open());
    const cursor = await withEvents(receiver);
    const caller = callerOf(receiver);

    const error = refusal(await caller.follow(subscription, { after: ahead }).catch((failure: unknown) => failure));

    expect(error).toEqual({ code: 'CURSOR_EXPIRED', argument: 'after', oldest: cursor(10) });
    expect(receiver.waiters()).toBe(0);
    const stream = await caller.follow(subscription, { after: error.oldest });
    const next = stream.next();
    await receiver.sendEvent('e11', 11, {});
    expect(await next).toEqual({ name: 'e11' });
    await stream.end();
  });

  test('is told to who pages with it, also where the log is empty, and is fine once the log has it', async () => {
    const receiver = createReceiver(await open());
    const { ask } = callerOf(receiver);
    const query = 'query ($cursor: String) { events(before: $cursor, last: 1) { totalCount } }';
    const expired = { extensions: { code: 'CURSOR_EXPIRED', argument: 'before' } };

    await expect(ask(query, { cursor: ahead })).rejects.toMatchObject(expired);
    await withEvents(receiver);
    await expect(ask(query, { cursor: ahead })).rejects.toMatchObject(expired);
    await receiver.sendEvent('e11', 11, {});
    await ask(query, { cursor: ahead });
  });
});

test('a cursor fits into the reason that closes a WebSocket, however long the log is', () => {
  const cursors = createCursors('a secret');
  for (const seq of [0, 1, 10 ** 6, 2 ** 53 - 1, 2 ** 53]) {
    const cursor = cursors.encode(accountId('main'), 'events', [seq]);
    expect(Buffer.byteLength(cursor)).toBeLessThan(100);
    expect(cursors.decode(accountId('main'), 'events', cursor, 'after')).toEqual([seq]);
  }
});
