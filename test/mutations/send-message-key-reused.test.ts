import { expect, test } from 'vitest';
import { SendMessageDocument } from '../generated/graphql.ts';
import type { Gateway } from '../support/gateway.ts';
import { begin, breakOnce, calls, later, minute, operation, rest } from './evidence/lost.ts';

const day = 86_400_000;

async function send(gateway: Gateway, body: string) {
  const { numbers } = gateway.sandbox.control.world;
  const from = numbers.all().find(({ smsEnabled, status }) => smsEnabled && status === 'active')?.e164 ?? '';
  const input = { from, to: '+31687654321', body, idempotencyKey: 'k' };
  return (await gateway.ask(SendMessageDocument, { input })).data?.sendMessage;
}

async function untilForgotten(gateway: Gateway) {
  gateway.clock.jump(31 * day);
  await later(gateway, 60 * minute);
  expect(await operation(gateway)).toBeNull();
}

const sent = async (gateway: Gateway) =>
  (await gateway.app.storage.db.selectFrom('messages').select('message_id').execute()).length;

test('a text under a key that was forgotten is another text, though neither answer has an id', async () => {
  await using gateway = await begin({ sandbox: { variants: { missingFields: ['message.id'] } } });
  expect(await send(gateway, 'Tot morgen')).toMatchObject({ __typename: 'SendMessagePayload' });
  await untilForgotten(gateway);
  expect(await send(gateway, 'Tot straks')).toMatchObject({
    __typename: 'SendMessagePayload',
    text: { body: 'Tot straks' },
  });
  expect(await sent(gateway)).toBe(2);
  expect(calls(gateway, 'POST /messages/send')).toBe(2);
});

test('a text under a key that was forgotten is found out about, though both answers were lost', async () => {
  await using gateway = await begin();
  breakOnce(gateway, 'cut-after', '/messages/send');
  await send(gateway, 'Tot morgen');
  await rest(gateway);
  await untilForgotten(gateway);
  breakOnce(gateway, 'cut-after', '/messages/send');
  await send(gateway, 'Tot straks');
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await sent(gateway)).toBe(2);
});
