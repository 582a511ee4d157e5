import { describe, expect, test } from 'vitest';
import { AssignNumberDocument, CheckoutDocument, SubmitRegulatoryDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const e164 = '+31201234567';
const day = 86_400_000;
const second = 1_000;
const content = Buffer.from('%PDF-1.7').toString('base64');
const passport = { type: 'passport', filename: 'passport.pdf', contentType: 'application/pdf', content };

async function shown(gateway: Gateway) {
  const { data } = await gateway.askText(`{ number(e164: "${e164}") { status regulatoryStatus trunk { uuid } } }`);
  return data?.['number'];
}

async function told(gateway: Gateway, event: string, data: object = {}) {
  await gateway.clock.advance(second);
  const { status } = await gateway.deliver(event, gateway.clock.now(), { number: e164, ...data });
  expect(status).toBe(200);
}

/** A number that was bought, routed and submitted while the clock was a day ahead. */
async function aheadOfItsTime(gateway: Gateway) {
  const [first, other] = gateway.sandbox.control.world.trunks.all();
  await gateway.ask(CheckoutDocument, { input: { items: [{ e164, country: 'NL', type: 'LOCAL' }] } });
  await gateway.ask(AssignNumberDocument, { input: { number: e164, trunk: first?.uuid ?? '' } });
  await gateway.ask(SubmitRegulatoryDocument, { input: { number: e164, documents: [passport] } });
  await told(gateway, 'number.activated', { trunk_uuid: first?.uuid });
  await told(gateway, 'regulatory.rejected');
  expect(await shown(gateway)).toEqual({
    status: 'ACTIVE',
    regulatoryStatus: 'REJECTED',
    trunk: { uuid: first?.uuid },
  });
  gateway.clock.step(-day);
  return { first, other };
}

describe('what became known at a moment that is still to come, since the clock was put back', () => {
  test('does not hold up a status', async () => {
    await using gateway = await startGateway();
    await aheadOfItsTime(gateway);
    await told(gateway, 'number.suspended');
    expect(await shown(gateway)).toMatchObject({ status: 'SUSPENDED' });
    await told(gateway, 'number.activated');
    expect(await shown(gateway)).toMatchObject({ status: 'ACTIVE' });
  });

  test('does not hold up a review of documents', async () => {
    await using gateway = await startGateway();
    await aheadOfItsTime(gateway);
    await told(gateway, 'regulatory.approved');
    expect(await shown(gateway)).toMatchObject({ regulatoryStatus: 'APPROVED' });
  });

  test('does not hold up a routing, whether an event tells it or the gateway does it', async () => {
    await using gateway = await startGateway();
    const { first, other } = await aheadOfItsTime(gateway);
    await told(gateway, 'number.activated', { trunk_uuid: other?.uuid });
    expect(await shown(gateway)).toMatchObject({ trunk: { uuid: other?.uuid } });
    await gateway.ask(AssignNumberDocument, { input: { number: e164, trunk: first?.uuid ?? '' } });
    expect(await shown(gateway)).toMatchObject({ trunk: { uuid: first?.uuid } });
  });
});

test('a number that was released at a moment to come is bought again', async () => {
  await using gateway = await startGateway();
  await told(gateway, 'number.activated');
  await told(gateway, 'regulatory.rejected');
  await told(gateway, 'number.released');
  gateway.clock.step(-day);
  await gateway.ask(CheckoutDocument, { input: { items: [{ e164, country: 'NL', type: 'LOCAL' }] } });
  expect(await shown(gateway)).toEqual({ status: 'PROVISIONING', regulatoryStatus: 'REQUIRED', trunk: null });
  await told(gateway, 'regulatory.approved');
  await told(gateway, 'number.activated');
  expect(await shown(gateway)).toMatchObject({ status: 'ACTIVE', regulatoryStatus: 'APPROVED' });
});

test('a moment that has passed holds up what is older', async () => {
  await using gateway = await startGateway();
  const [first] = gateway.sandbox.control.world.trunks.all();
  await gateway.ask(CheckoutDocument, { input: { items: [{ e164, country: 'NL', type: 'LOCAL' }] } });
  await told(gateway, 'number.activated');
  await told(gateway, 'number.suspended');
  await gateway.ask(AssignNumberDocument, { input: { number: e164, trunk: first?.uuid ?? '' } });
  await gateway.deliver('number.activated', gateway.clock.now() - 60 * second, { number: e164, trunk_uuid: 'trk_old' });
  expect(await shown(gateway)).toMatchObject({ status: 'SUSPENDED', trunk: { uuid: first?.uuid } });
});
