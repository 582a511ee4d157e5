import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settling } from '../../src/mutations/evidence.ts';
import { createReconciler } from '../../src/operations/reconcile.ts';
import { openStorage } from '../../src/storage/database.ts';
import {
  AssignNumberDocument,
  CheckoutDocument,
  CreateTrunkDocument,
  OnboardClientDocument,
  OperationDocument,
  RegenerateTrunkCredentialsDocument,
  SendMessageDocument,
  SubmitRegulatoryDocument,
} from '../generated/graphql.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts';
import { keyOfSending, makeTrunk, recordOf, startActing } from './support/acting.ts';

const minute = 60_000;
const buying = 'POST /wallet/checkout';

const calls = ({ sandbox }: Gateway, route: string) => sandbox.control.calls().routes[route] ?? 0;

/** What goes on behind the answers has come to rest. */
const rest = ({ app, clock }: Gateway) => clock.through(app.settled());

async function later(gateway: Gateway, milliseconds: number) {
  await gateway.clock.advance(milliseconds);
  await rest(gateway);
}

async function operation(gateway: Gateway, idempotencyKey = 'k') {
  const answer = await gateway.ask(OperationDocument, { idempotencyKey });
  expect(answer.errors).toBeUndefined();
  return answer.data?.operation;
}

/** A gateway that has read all there is to read. */
async function begin(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await startGateway({ ...options, sandbox: { transactions: 20, ...options.sandbox } });
  gateway.app.start();
  await later(gateway, minute);
  gateway.sandbox.control.resetCalls();
  return gateway;
}

/** Texts, numbers and trunks to act on. Two numbers of one price. */
function forSale({ sandbox }: Gateway, count: number) {
  const { found } = sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, count);
  return found.map(({ e164 }) => ({ e164, country: 'GB', type: 'LOCAL' as const }));
}

const buy = (gateway: Gateway, items: ReturnType<typeof forSale>, idempotencyKey = 'k') =>
  gateway.ask(CheckoutDocument, { input: { items, idempotencyKey } }).then(({ data }) => data?.checkout);

function breakOnce({ sandbox }: Gateway, kind: 'cut-before' | 'cut-after', path: string) {
  sandbox.control.faults.add({ kind, path, method: 'POST', times: 1 });
}

/** DIDfarm tells something by a webhook. */
async function tell(gateway: Gateway, event: string, data: object) {
  const timestamp = new Date(gateway.clock.now()).toISOString();
  const body = JSON.stringify({ event, timestamp, data });
  const signature = createHmac('sha256', gateway.sandbox.webhookSecret).update(body).digest('hex');
  const headers = { 'x-didfarm-signature': signature };
  const request = new Request('http://gateway.test/webhooks/didfarm', { method: 'POST', body, headers });
  expect((await gateway.app.fetch(request)).status).toBe(200);
  await rest(gateway);
}

describe('a checkout whose answer was lost', () => {
  test('is found in the transactions at once, with its order and numbers, and is not sent again', async () => {
    await using gateway = await begin();
    const items = forSale(gateway, 2);
    breakOnce(gateway, 'cut-after', '/wallet/checkout');

    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'OutcomeUnknownError',
      operation: { status: 'UNKNOWN', steps: [{ name: 'checkout', status: 'UNKNOWN' }] },
    });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({
      status: 'SUCCEEDED',
      finishedAt: expect.any(String),
      steps: [{ name: 'checkout', status: 'SUCCEEDED' }],
      error: null,
    });
    const [order] = gateway.sandbox.control.world.orders.live();
    const paid = `${-(order?.transaction.amount ?? 0) / 1000}`;
    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'CheckoutPayload',
      order: {
        orderId: order?.id,
        total: { amount: expect.stringContaining(paid) },
        items: items.map(({ e164 }) => ({ e164 })),
      },
      bought: items.map(({ e164 }) => ({ e164, status: 'PROVISIONING' })),
      wallet: { balance: { amount: gateway.sandbox.control.state().balance } },
    });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('that was never done fails, but not before DIDfarm has shown nothing of it for ten minutes', async () => {
    await using gateway = await begin();
    const items = forSale(gateway, 1);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, items);
    await rest(gateway);

    for (let passed = 0; passed < 9; passed++) await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
    for (let passed = 0; passed < 3; passed++) await later(gateway, minute);

    expect(await operation(gateway)).toMatchObject({
      status: 'FAILED',
      error: { code: 'NOT_DONE' },
      steps: [{ status: 'FAILED' }],
    });
    expect(await buy(gateway, items)).toMatchObject({
      __typename: 'UpstreamError',
      code: 'NOT_DONE',
      retryable: false,
    });
    expect(calls(gateway, buying)).toBe(1);
    expect(gateway.sandbox.control.state().liveOrders).toBe(0);
  });

  test('stays unknown for as long as DIDfarm cannot be asked, and is settled when it can', async () => {
    await using gateway = await begin();
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    await buy(gateway, forSale(gateway, 1));
    for (let passed = 0; passed < 20; passed++) await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    down();
    await later(gateway, 2 * minute);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('is settled by number.activated where the transactions do not tell', async () => {
    await using gateway = await begin();
    const [item = { e164: '', country: 'GB', type: 'LOCAL' as const }] = forSale(gateway, 1);
    gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, [item]);
    await rest(gateway);
    const [order] = gateway.sandbox.control.world.orders.live();

    const data = { number: item.e164, country: 'GB', type: 'local', trunk_uuid: null, order_id: order?.id };
    await tell(gateway, 'number.activated', data);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await buy(gateway, [item])).toMatchObject({
      __typename: 'CheckoutPayload',
      order: { orderId: order?.id },
      bought: [{ e164: item.e164, status: 'ACTIVE' }],
    });
  });

  test('is not taken for another one that would have left the same trace', async () => {
    await using gateway = await begin();
    const [one, other] = forSale(gateway, 2).map((item) => [item]);
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, one ?? [], 'not done');
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    await buy(gateway, other ?? [], 'done');
    await later(gateway, minute);
    expect(await operation(gateway, 'not done')).toMatchObject({ status: 'UNKNOWN' });
    expect(await operation(gateway, 'done')).toMatchObject({ status: 'UNKNOWN' });

    const [order] = gateway.sandbox.control.world.orders.live();
    await tell(gateway, 'number.activated', { number: other?.[0]?.e164, trunk_uuid: null, order_id: order?.id });
    expect(await operation(gateway, 'done')).toMatchObject({ status: 'SUCCEEDED' });
    for (let passed = 0; passed < 12; passed++) await later(gateway, minute);

    expect(await operation(gateway, 'not done')).toMatchObject({ status: 'FAILED' });
  });

  test('is not taken for an order that was placed before, or that another operation has made', async () => {
    await using gateway = await begin();
    const [first, second] = forSale(gateway, 2).map((item) => [item]);
    await buy(gateway, first ?? [], 'first');
    breakOnce(gateway, 'cut-before', '/wallet/checkout');
    await buy(gateway, second ?? [], 'second');
    await later(gateway, minute);

    expect(await operation(gateway, 'second')).toMatchObject({ status: 'UNKNOWN' });
  });

  test('is settled after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-reconcile-'));
    const gateway = await begin({ databaseUrl: `sqlite:${join(folder, 'gateway.db')}` });
    breakOnce(gateway, 'cut-after', '/wallet/checkout');
    const down = gateway.sandbox.control.faults.add({ kind: 'status', status: 503, path: '/wallet/transactions' });
    await buy(gateway, forSale(gateway, 1));
    await rest(gateway);
    await gateway.restart();
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
    down();

    gateway.app.start();
    await later(gateway, minute);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(calls(gateway, buying)).toBe(1);
    await gateway[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
});

describe('a trunk whose creation was not answered', () => {
  const create = (gateway: Gateway) =>
    gateway
      .ask(CreateTrunkDocument, { input: { name: 'Nieuwe Klant', idempotencyKey: 'k' } })
      .then(({ data }) => data?.createTrunk);

  test('is found in the listing, without its password', async () => {
    await using gateway = await begin();
    breakOnce(gateway, 'cut-after', '/portal/sip-trunks');
    expect(await create(gateway)).toMatchObject({ __typename: 'OutcomeUnknownError' });
    await rest(gateway);

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    const { uuid } = gateway.sandbox.control.world.trunks.all().at(-1) ?? {};
    expect(await create(gateway)).toMatchObject({
      __typename: 'CreateTrunkPayload',
      trunk: { uuid, name: 'Nieuwe Klant' },
      credentials: null,
    });
    expect(calls(gateway, 'POST /portal/sip-trunks')).toBe(1);
  });

  test('fails where the listing does not show it for ten minutes', async () => {
    await using gateway = await begin();
    breakOnce(gateway, 'cut-before', '/portal/sip-trunks');
    await create(gateway);
    for (let passed = 0; passed < 12; passed++) await later(gateway, minute);

    expect(await operation(gateway)).toMatchObject({ status: 'FAILED', error: { code: 'NOT_DONE' } });
  });
});

describe('what only events tell', () => {
  test('a routing stays unknown until an event of the number names the trunk', async () => {
    await using gateway = await begin();
    const { numbers, trunks } = gateway.sandbox.control.world;
    const [number] = numbers.all();
    const trunk = trunks.all().find(({ id }) => id !== number?.trunkId);
    const input = { number: number?.e164 ?? '', trunk: trunk?.uuid ?? '', idempotencyKey: 'k' };
    breakOnce(gateway, 'cut-after', '/portal/did-routing');
    await gateway.ask(AssignNumberDocument, { input });
    for (let passed = 0; passed < 12; passed++) await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    await tell(gateway, 'number.activated', { number: number?.e164, trunk_uuid: trunk?.uuid });

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    expect(calls(gateway, 'POST /portal/did-routing')).toBe(1);
  });

  test('documents stay unknown until they were reviewed', async () => {
    await using gateway = await begin();
    const [item] = [{ e164: '+31201234567', country: 'NL', type: 'LOCAL' as const }];
    await buy(gateway, [item], 'bought');
    const documents = [
      {
        type: 'ID',
        filename: 'id.pdf',
        contentType: 'application/pdf',
        content: Buffer.from('%PDF-1.4 test').toString('base64'),
      },
    ];
    breakOnce(gateway, 'cut-after', '*regulatory/submit');
    await gateway.ask(SubmitRegulatoryDocument, {
      input: { number: item.e164, documents, idempotencyKey: 'k' },
    });
    await later(gateway, minute);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    await tell(gateway, 'regulatory.approved', { number: item.e164 });

    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    const { data } = await gateway.askText(`{ number(e164: "${item.e164}") { regulatoryStatus } }`);
    expect(data).toEqual({ number: { regulatoryStatus: 'APPROVED' } });
  });
});

test('a text that was charged was sent', async () => {
  await using gateway = await begin();
  const from =
    gateway.sandbox.control.world.numbers.all().find(({ smsEnabled, status }) => smsEnabled && status === 'active')
      ?.e164 ?? '';
  const send = () =>
    gateway.ask(SendMessageDocument, { input: { from, to: '+31687654321', body: 'Tot morgen', idempotencyKey: 'k' } });
  breakOnce(gateway, 'cut-after', '/messages/send');
  expect((await send()).data?.sendMessage).toMatchObject({ __typename: 'OutcomeUnknownError' });
  await rest(gateway);

  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect((await send()).data?.sendMessage).toMatchObject({
    __typename: 'SendMessagePayload',
    text: { from, to: '+31687654321', segments: 1, cost: { amount: '0.008' } },
  });
  expect(gateway.sandbox.control.world.messages.all()).toHaveLength(1);
});

test('new credentials are seen by the username that is listed', async () => {
  await using gateway = await begin();
  const [trunk] = gateway.sandbox.control.world.trunks.all();
  await gateway.askText('{ trunks { nodes { uuid } } }');
  breakOnce(gateway, 'cut-after', '*regenerate-credentials');
  await gateway.ask(RegenerateTrunkCredentialsDocument, { input: { trunk: trunk?.uuid ?? '', idempotencyKey: 'k' } });
  await later(gateway, minute);

  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(calls(gateway, 'POST /portal/sip-trunks/{uuid}/regenerate-credentials')).toBe(1);
});

test('an onboarding that lost the answer of its checkout goes on with the number that was bought', async () => {
  await using gateway = await begin();
  const input = { name: 'Nieuwe Klant', country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  expect((await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient).toMatchObject({
    __typename: 'OutcomeUnknownError',
  });
  await rest(gateway);
  expect(await operation(gateway)).toMatchObject({
    status: 'PENDING',
    steps: expect.arrayContaining([expect.objectContaining({ name: 'checkout', status: 'SUCCEEDED' })]),
  });

  await later(gateway, minute);
  expect(calls(gateway, 'POST /portal/sip-trunks')).toBe(0);
  const goOn = async () => (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
  expect(await goOn()).toMatchObject({ __typename: 'ValidationError', code: 'NUMBER_ID_UNKNOWN' });
  await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');

  const [order] = gateway.sandbox.control.world.orders.live();
  expect(await goOn()).toMatchObject({
    __typename: 'OnboardClientPayload',
    order: { orderId: order?.id },
    number: { e164: order?.numbers[0]?.e164, client: { name: input.name } },
  });
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  for (const route of [buying, 'POST /portal/sip-trunks', 'POST /portal/did-routing'])
    expect(calls(gateway, route)).toBe(1);
});

test('with nothing unsettled a look costs one query and no call, and leaves no timer', async () => {
  await using acting = await startActing();
  const storage = await openStorage('sqlite::memory:');
  const { account, engine, send } = acting.start(storage);
  await send(makeTrunk, 'k', { name: 'Acme' });
  const reconciler = createReconciler(account, engine, settling);
  const [queries, timers] = [storage.queries(), acting.clock.pending()];

  reconciler.wake();
  await reconciler.settled();

  expect(storage.queries() - queries).toBe(1);
  expect(acting.clock.pending()).toBe(timers);
  expect(acting.sandbox.control.calls().total).toBe(1);
  await storage.close();
});

test('what a run that ended was about to send is unknown, and what it had not begun goes on', async () => {
  await using acting = await startActing();
  const storage = await openStorage('sqlite::memory:');
  const dead = acting.start(storage).engine;
  const sending = { viewer: 'anna', input: { name: 'Acme' }, onSent: () => undefined };
  acting.sandbox.control.faults.add({ kind: 'hang', method: 'POST', times: 1 });
  dead.perform(makeTrunk, { ...sending, idempotencyKey: 'sent' }).catch(() => undefined);
  dead.perform(
    { ...makeTrunk, run: () => Promise.withResolvers<never>().promise },
    { ...sending, idempotencyKey: 'not begun' },
  );
  await expect.poll(() => acting.calls('POST /portal/sip-trunks')).toBe(1);

  const { account, engine, send } = acting.start(storage);
  const reconciler = createReconciler(account, engine, settling);
  reconciler.wake();
  await reconciler.settled();

  expect(await recordOf(storage, keyOfSending('sent'))).toMatchObject({
    status: 'UNKNOWN',
    steps: [{ status: 'UNKNOWN' }],
  });
  expect(await recordOf(storage, keyOfSending('not begun'))).toMatchObject({ status: 'PENDING', steps: [] });
  expect(await send(makeTrunk, 'sent', sending.input)).toMatchObject({ status: 'UNKNOWN' });
  expect(await send(makeTrunk, 'not begun', sending.input)).toMatchObject({ status: 'SUCCEEDED' });
  expect(acting.calls('POST /portal/sip-trunks')).toBe(2);
  await reconciler.stop();
  await storage.close();
});
