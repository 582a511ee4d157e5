import { describe, expect, test } from 'vitest';
import { MoneyAndTextsDocument, OperationDocument, SendMessageDocument, TrunksDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const route = 'POST /messages/send';
const to = '+31687654321';

function ownNumber(gateway: Gateway, smsEnabled: boolean) {
  const own = gateway.sandbox.control.world.numbers
    .all()
    .find((number) => number.smsEnabled === smsEnabled && number.status === 'active' && number.trunkId !== null);
  if (own === undefined) throw new Error('The sandbox has no such number');
  return own;
}

async function text(gateway: Gateway, body: string, idempotencyKey?: string, from = ownNumber(gateway, true).e164) {
  const input = { from, to, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
  const answer = await gateway.ask(SendMessageDocument, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data?.sendMessage;
}

function sent(gateway: Gateway) {
  const { messages, balance } = gateway.sandbox.control.state();
  return { messages, balance, calls: gateway.sandbox.control.calls().routes[route] ?? 0 };
}

describe('sendMessage', () => {
  test('sends a text, shows its segments and cost, and the next query has it beside those received', async () => {
    await using gateway = await startGateway();
    await gateway.ask(TrunksDocument, {});
    const from = ownNumber(gateway, true);
    const trunk = gateway.sandbox.control.world.trunks.byId(Number(from.trunkId));
    const answer = await text(gateway, 'Your appointment is confirmed.', 'text-1');
    expect(answer).toMatchObject({
      __typename: 'SendMessagePayload',
      idempotencyKey: 'text-1',
      text: {
        direction: 'OUTBOUND',
        from: from.e164,
        to,
        body: 'Your appointment is confirmed.',
        status: 'QUEUED',
        rawStatus: 'queued',
        segments: 1,
        cost: { amount: '0.008', currency: 'EUR' },
        at: new Date(gateway.clock.now()).toISOString(),
        number: { e164: from.e164 },
        client: { name: expect.stringMatching(new RegExp(`^${trunk?.name.trim()}$`, 'i')) },
      },
    });
    const shown = (await gateway.ask(MoneyAndTextsDocument, { number: from.e164 })).data;
    expect(shown).toMatchObject({
      wallet: { balance: { amount: '142.492' } },
      transactions: { nodes: [{ amount: { amount: '-0.008' }, referenceType: 'NUMBER' }, {}, {}] },
      messages: { totalCount: 1, nodes: [{ direction: 'OUTBOUND' }] },
    });
    expect(sent(gateway)).toEqual({ messages: 1, balance: '142.492', calls: 1 });
  });

  test('a repeat of the key sends nothing; the same text under another key goes out again', async () => {
    await using gateway = await startGateway();
    await gateway.ask(TrunksDocument, {});
    const first = await text(gateway, 'Hello', 'k');
    gateway.sandbox.control.resetCalls();
    expect(await text(gateway, 'Hello', 'k')).toEqual(first);
    expect(gateway.sandbox.control.calls().total).toBe(0);
    expect(await text(gateway, 'Hello!', 'k')).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    await text(gateway, 'Hello', 'k2');
    expect(sent(gateway)).toMatchObject({ messages: 2, calls: 1 });
  });

  test('the text is kept as a message and in no record of the operation, nor in the log', async () => {
    await using gateway = await startGateway();
    await text(gateway, 'Nobody else reads this', 'k');
    gateway.sandbox.control.faults.add({
      kind: 'status',
      status: 422,
      message: 'Nobody else reads this',
      path: '/messages/*',
    });
    await text(gateway, 'Nobody else reads this', 'k2');
    const { db } = gateway.app.storage;
    const kept = [
      await db.selectFrom('operations').selectAll().execute(),
      await db.selectFrom('operation_steps').selectAll().execute(),
    ];
    expect(JSON.stringify([kept, gateway.log])).not.toContain('Nobody else');
    expect(kept[1]).toMatchObject([{ name: 'send-message', status: 'SUCCEEDED' }, { status: 'FAILED' }]);
    const { e164: from } = ownNumber(gateway, true);
    expect(JSON.parse(String(Object(kept[1]?.[0]).evidence))).toEqual({
      ...{ from, to, segments: 1, debits: [], holes: [] },
      wallet: { balance: expect.any(String), currency: 'EUR', asOf: expect.any(Number), counted: [] },
    });
    expect((await db.selectFrom('messages').select('body').execute()).map((row) => row.body)).toEqual([
      'Nobody else reads this',
    ]);
  });

  test.each([
    ['1,600 characters', 'a'.repeat(1_600), 10],
    ['1,600 with an emoji at the end', `${'a'.repeat(1_599)}😀`, 23],
    ['one', 'a', 1],
  ])('a text of %s is sent', async (_, body, segments) => {
    await using gateway = await startGateway();
    expect(await text(gateway, body)).toMatchObject({ text: { body, segments } });
  });

  test.each([
    ['1,601 characters', 'a'.repeat(1_601)],
    ['1,601 with an emoji at the end', `${'a'.repeat(1_600)}😀`],
    ['none', ''],
  ])('a text of %s is refused before anything is sent', async (_, body) => {
    await using gateway = await startGateway();
    expect(await text(gateway, body)).toMatchObject({ __typename: 'ValidationError', fields: [{ path: 'body' }] });
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test('from a number without texts, or one that is not known as yours, nothing is sent', async () => {
    await using gateway = await startGateway();
    expect(await text(gateway, 'Hello', 'a', ownNumber(gateway, false).e164)).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'from' }],
    });
    expect(await text(gateway, 'Hello', 'b', '+31201234567')).toMatchObject({
      __typename: 'NotFoundError',
      code: 'NOT_FOUND',
    });
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });

  test('a number of which it is not known is tried, and DIDfarm has the last word', async () => {
    await using gateway = await startGateway({ imported: false });
    const { e164 } = ownNumber(gateway, false);
    await gateway.app.importNumbers(`e164\n${e164}`, 'csv');
    expect(await text(gateway, 'Hello', 'a', e164)).toMatchObject({
      __typename: 'ValidationError',
      code: 'SMS_NOT_SUPPORTED',
    });
  });

  test('a wallet that is empty sends nothing, and is shown', async () => {
    await using gateway = await startGateway({ sandbox: { balance: '0.00' } });
    expect(await text(gateway, 'Hello')).toMatchObject({
      __typename: 'InsufficientBalanceError',
      wallet: { balance: { amount: '0.00' } },
    });
  });

  test('where the answer says nothing of the text, its own count and the key stand in', async () => {
    await using gateway = await startGateway();
    const missing = ['id', 'segments', 'cost', 'status', 'created_at'].map((field) => `message.${field}`);
    gateway.sandbox.control.variants.set({ missingFields: missing });
    const answers = [await text(gateway, 'ł'.repeat(71), 'a'), await text(gateway, 'ł'.repeat(71), 'b')];
    expect(answers).toMatchObject([
      { text: { segments: 2, cost: null, status: 'UNKNOWN' } },
      { text: { segments: 2, cost: null, status: 'UNKNOWN' } },
    ]);
    expect((await gateway.ask(MoneyAndTextsDocument, {})).data?.messages?.totalCount).toBe(2);
  });

  test('an id that another text has does not overwrite it', async () => {
    await using gateway = await startGateway();
    await text(gateway, 'First', 'a');
    await gateway.app.storage.db.updateTable('messages').set({ message_id: '2' }).execute();
    await text(gateway, 'Second', 'b');
    const bodies = (await gateway.ask(MoneyAndTextsDocument, {})).data?.messages?.nodes.map((message) => message.body);
    expect(bodies?.sort()).toEqual(['First', 'Second']);
  });

  test('an answer that is lost is not sent again', async () => {
    await using gateway = await startGateway();
    gateway.sandbox.control.faults.add({ kind: 'cut-after', path: '/messages/send' });
    expect((await text(gateway, 'Hello', 'lost'))?.__typename).toBe('OutcomeUnknownError');
    gateway.sandbox.control.faults.clear();
    await text(gateway, 'Hello', 'lost');
    expect(sent(gateway)).toMatchObject({ messages: 1, calls: 1 });
    const operation = (await gateway.ask(OperationDocument, { idempotencyKey: 'lost' })).data?.operation;
    expect(operation).toMatchObject({ mutation: 'sendMessage', steps: [{ name: 'send-message' }] });
  });
});
