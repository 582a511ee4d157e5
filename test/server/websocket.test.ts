import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { mostOperations } from '../../src/server/websocket/operations.ts';
import { initialisationTime } from '../../src/server/websocket/protocol.ts';
import { longestMessage } from '../../src/server/websocket.ts';
import { openInitialised, openSocket } from './raw-socket.ts';
import { createSmallServer } from './small-graph.ts';

let server: ReturnType<typeof createSmallServer>;
let url = '';
beforeEach(async () => {
  server = createSmallServer();
  url = (await server.listen()).url;
});
afterEach(() => server.close());

const errorsLogged = () => server.stage.lines.filter(({ level }) => level === 'error');

describe('before connection_init', () => {
  test('a caller that sends none is sent away when its time is over, and not before', async () => {
    const caller = await openSocket(url);
    await server.clock.advance(initialisationTime - 1);
    expect(caller.socket.readyState).toBe(caller.socket.OPEN);

    await server.clock.advance(1);
    expect(await caller.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  test('one that sends it in time stays', async () => {
    const caller = await openInitialised(url);
    await server.clock.advance(initialisationTime);

    caller.subscribe('1', '{ hello }');
    expect(await caller.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { hello: 'hello' } } });
  });

  test('nothing is run', async () => {
    const caller = await openSocket(url);
    caller.subscribe('1', 'mutation { change }');

    expect(await caller.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
    expect(server.stage.lines).toEqual([]);
  });

  test.each([
    ['the older subprotocol', 'graphql-ws'],
    ['another one', 'mqtt'],
  ])('%s is not agreed to', async (_, protocol) => {
    await expect(openSocket(url, { protocol })).rejects.toThrow('Server sent no subprotocol');
  });

  test('a caller without a subprotocol is told that there must be one', async () => {
    const caller = await openSocket(url, { protocol: [] });

    expect(await caller.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });
});

describe('what the protocol does not allow closes the socket with its code', () => {
  const invalid = { code: 4400, reason: 'Invalid message received' };

  test.each([
    [
      'a second connection_init',
      { type: 'connection_init' },
      { code: 4429, reason: 'Too many initialisation requests' },
    ],
    ['no JSON', '{"type":', invalid],
    ['no object', '[]', invalid],
    ['a message of no type', { id: '1' }, invalid],
    ['an unknown type', { type: 'start', id: '1', payload: { query: '{ hello }' } }, invalid],
    ['a message that is the server’s to send', { type: 'next', id: '1', payload: {} }, invalid],
    ['an operation without an id', { type: 'subscribe', payload: { query: '{ hello }' } }, invalid],
    ['a query that is no text', { type: 'subscribe', id: '1', payload: { query: 1 } }, invalid],
    ['a binary frame', Buffer.from('{"type":"ping"}'), { code: 4400, reason: 'Binary messages are not understood' }],
    ['a message of 10 MB', 'x'.repeat(10_000_000), { code: 1009, reason: '' }],
    ['a message of one byte too many', 'x'.repeat(longestMessage + 1), { code: 1009, reason: '' }],
  ])('%s', async (_, message, closing) => {
    const printed = vi.spyOn(console, 'error');
    const caller = await openInitialised(url);
    caller.send(message);

    expect(await caller.closed).toEqual(closing);
    expect(errorsLogged()).toEqual([]);
    expect(printed).not.toHaveBeenCalled();
  });

  test('a second operation with the id of one that runs: both end', async () => {
    const caller = await openInitialised(url);
    caller.subscribe('1', 'subscription { silent }');
    await caller.next();
    caller.subscribe('1', '{ hello }');

    expect(await caller.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
    await server.stage.sourceEnded.promise;
    expect(server.subscribers()).toBe(0);
  });
});

describe('the socket goes on after', () => {
  test.each([
    ['a document that is not valid', 'subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['a document that cannot be read', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    [
      'several operations of which none is named',
      'query A { hello } query B { hello }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
  ])('%s', async (_, query, code) => {
    const caller = await openInitialised(url);
    caller.subscribe('1', query);
    expect(await caller.next()).toMatchObject({ id: '1', type: 'error', payload: [{ extensions: { code } }] });

    caller.subscribe('1', '{ hello }');
    expect(await caller.next()).toMatchObject({ id: '1', type: 'next' });
    expect(await caller.next()).toEqual({ id: '1', type: 'complete' });
  });

  test('a completion of what never ran', async () => {
    const caller = await openInitialised(url);
    caller.send({ id: 'unknown', type: 'complete' });
    caller.subscribe('1', 'mutation { change }');

    expect(await caller.next()).toMatchObject({ payload: { data: { change: 'changed' } } });
  });

  test('a ping, which is answered with its payload, and a pong that nobody asked for', async () => {
    const caller = await openSocket(url);
    caller.send({ type: 'ping', payload: { at: 5 } });
    caller.send({ type: 'pong', payload: { at: 6 } });
    caller.send({ type: 'ping' });

    expect(await caller.next()).toEqual({ type: 'pong', payload: { at: 5 } });
    expect(await caller.next()).toEqual({ type: 'pong' });
  });

  test('more operations at once than it may carry, of which the last is refused with the limit', async () => {
    const caller = await openInitialised(url);
    for (let id = 0; id <= mostOperations; id++) caller.subscribe(`${id}`, 'subscription { ticks(first: true) }');
    const answers = await Promise.all(Array.from({ length: 2 * mostOperations + 1 }, () => caller.next()));

    expect(answers.filter(({ type }) => type === 'error')).toMatchObject([
      {
        id: `${mostOperations}`,
        payload: [
          { message: expect.stringContaining('100 operations at once'), extensions: { code: 'TOO_MANY_OPERATIONS' } },
        ],
      },
    ]);
    caller.send({ id: '0', type: 'complete' });
    caller.subscribe('once more', '{ hello }');
    expect(await caller.next()).toMatchObject({ id: 'once more', type: 'next' });
  });
});
