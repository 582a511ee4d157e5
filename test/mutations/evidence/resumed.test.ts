import { expect, test } from 'vitest';
import { OnboardClientDocument } from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { hidePurchases } from './hidden.ts';
import { begin, breakOnce, buying, calls, minutes, operation, rest, tell } from './lost.ts';

const searching = 'GET /numbers/search';
const name = 'Nieuwe Klant';

async function onboard(gateway: Gateway) {
  const input = { name, country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
  return (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
}

/** An onboarding that has bought a number and was judged not to have: what it bought, and how to show it. */
async function judgedNotToHaveBought(gateway: Gateway) {
  const show = hidePurchases(gateway);
  breakOnce(gateway, 'cut-after', '/wallet/checkout');
  expect(await onboard(gateway)).toMatchObject({ __typename: 'OutcomeUnknownError' });
  await minutes(gateway, 12);
  expect(await operation(gateway)).toMatchObject({
    status: 'PENDING',
    steps: [{ name: 'search' }, { name: 'checkout', status: 'FAILED' }],
  });
  const [order] = gateway.sandbox.control.world.orders.live();
  const number = order?.numbers[0];
  return {
    show,
    e164: number?.e164,
    activated: { number: number?.e164, did_number_id: number?.id, trunk_uuid: null },
    orderId: order?.id,
  };
}

/** Sends it again, and does something while its search is on the wire. */
async function onboardWhile(gateway: Gateway, meanwhile: () => Promise<void>) {
  gateway.sandbox.control.resetCalls();
  gateway.sandbox.control.faults.add({
    kind: 'latency',
    latency: 5_000,
    path: '/numbers/search*',
    times: 1,
  });
  const answer = onboard(gateway);
  await expect.poll(() => calls(gateway, searching)).toBe(1);
  await meanwhile();
  await gateway.clock.advance(5_000);
  return answer;
}

test('an onboarding that is sent again buys nothing where its first purchase becomes known while it searches', async () => {
  await using gateway = await begin();
  const { show, e164, orderId } = await judgedNotToHaveBought(gateway);
  const answer = await onboardWhile(gateway, async () => {
    show();
    await gateway.askText('{ transactions(first: 1) { nodes { transactionId } } }');
    await rest(gateway);
  });

  expect(answer).toMatchObject({
    code: 'NUMBER_ID_UNKNOWN',
    message: expect.stringContaining(`order ${orderId} has bought ${e164}`),
  });
  expect(calls(gateway, buying)).toBe(0);
  expect(gateway.sandbox.control.world.orders.live()).toHaveLength(1);
  expect(await operation(gateway)).toMatchObject({
    status: 'FAILED',
    findings: [expect.stringContaining(`Settled from the transaction of order ${orderId}`)],
  });
});

const doubts: [string, boolean][] = [
  ['an event that names no order', false],
  ['an event of an order whose transaction is not known', true],
];

test.each(doubts)(
  'an onboarding that is sent again buys nothing where its first purchase becomes doubtful by %s while it searches',
  async (_event, isNamed) => {
    await using gateway = await begin();
    const { show, e164, activated, orderId } = await judgedNotToHaveBought(gateway);
    const told = isNamed ? { ...activated, order_id: orderId } : activated;
    const answer = await onboardWhile(gateway, () => tell(gateway, 'number.activated', told));

    expect(answer).toMatchObject({ __typename: 'OutcomeUnknownError' });
    expect(calls(gateway, buying)).toBe(0);
    expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });

    show();
    await tell(gateway, 'number.activated', { ...activated, order_id: orderId, again: true });
    await minutes(gateway, 1);
    expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', number: { e164 } });
    expect(calls(gateway, buying)).toBe(0);
  },
);

test('an onboarding that is sent again makes no trunk where the listing that it asks for shows its first', async () => {
  await using gateway = await begin();
  const { trunks } = gateway.sandbox.control.world;
  const { all } = trunks;
  const before = all().length;
  trunks.all = () => all().slice(0, before);
  breakOnce(gateway, 'cut-after', '/portal/sip-trunks');
  await onboard(gateway);
  await minutes(gateway, 13);
  expect(await operation(gateway)).toMatchObject({ status: 'PENDING' });
  trunks.all = all;

  expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', trunk: { name } });
  expect(all().filter((trunk) => trunk.name === name)).toHaveLength(1);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  expect(calls(gateway, 'POST /portal/sip-trunks')).toBe(1);
});

test('an onboarding whose run was killed has its first purchase for its result, and nothing beside it', async () => {
  await using gateway = await begin();
  const { show, e164, activated, orderId } = await judgedNotToHaveBought(gateway);
  show();
  await gateway.app.storage.db.updateTable('operations').set({ owner: 'a run that ended' }).execute();
  await tell(gateway, 'number.activated', { ...activated, order_id: orderId });

  expect(await onboard(gateway)).toMatchObject({ __typename: 'OnboardClientPayload', number: { e164 } });
  expect(await operation(gateway)).toMatchObject({
    findings: [`Events or an import name the order: ${e164} by order ${orderId}.`],
  });
});

test('an onboarding that stops half-way names all that it has bought, though of one that became known late', async () => {
  await using gateway = await begin();
  const { show, e164, activated, orderId } = await judgedNotToHaveBought(gateway);
  gateway.sandbox.control.faults.add({
    kind: 'status',
    status: 422,
    code: 'odd',
    method: 'POST',
    path: '/portal/sip-trunks',
  });
  const [second] = gateway.sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, 1).found;
  expect(await onboard(gateway)).toMatchObject({ message: expect.stringContaining(`has bought ${second?.e164};`) });
  show();
  await gateway.askText('{ transactions(first: 1) { nodes { transactionId } } }');
  await tell(gateway, 'number.activated', { ...activated, order_id: orderId });

  const { orders } = gateway.sandbox.control.world;
  const later = orders.live().find(({ id }) => id !== orderId);
  expect(await onboard(gateway)).toMatchObject({
    message: expect.stringContaining(
      `order ${orderId} has bought ${e164}, order ${later?.id} has bought ${second?.e164}; no trunk was made`,
    ),
  });
  expect(orders.live()).toHaveLength(2);
});
