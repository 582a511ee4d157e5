import { describe, expect, test } from 'vitest';
import {
  AssignNumberDocument,
  AssignTrunkToClientDocument,
  CheckoutDocument,
  CreateTrunkDocument,
  OnboardClientDocument,
  OperationDocument,
  RegenerateTrunkCredentialsDocument,
  SendMessageDocument,
  SubmitRegulatoryDocument,
} from '../generated/graphql.ts';
import { changes, factsOf, pass, startVariant } from '../support/deeds.ts';
import type { Facts } from '../support/facts.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { amsterdam } from './support/shop.ts';

const to = '+31687654321';
const nobodys = '+31201234568';
const content = Buffer.from('%PDF-1.7').toString('base64');
const passport = { type: 'passport', filename: 'passport.pdf', contentType: 'application/pdf', content };
const tooLarge = { ...passport, content: Buffer.alloc(11 * 1024 * 1024, '%PDF-').toString('base64') };
const noPdf = { ...passport, content: Buffer.from('<html>').toString('base64') };
const longKey = 'k'.repeat(10_000);
const other = { apiKey: 'df_live_other', seed: 2, trunks: 3, numbers: 3 };

/** What of the account's own, and of another account, an input may name. */
function known({ sandbox }: Gateway) {
  const { world } = sandbox.control;
  const own = world.numbers.all().find((each) => each.smsEnabled && each.status === 'active');
  const theirs = sandbox.control.account(other.apiKey).world;
  const foreign = theirs.numbers.all().find((each) => world.numbers.byE164(each.e164) === undefined);
  const numbers = { own: String(own?.e164), foreign: String(foreign?.e164) };
  return { ...numbers, trunk: String(world.trunks.all()[1]?.uuid), theirTrunk: String(theirs.trunks.all()[0]?.uuid) };
}

type Known = ReturnType<typeof known>;
type Send = (gateway: Gateway, known: Known) => Promise<Facts>;

const send = {
  checkout: (items: readonly object[], idempotencyKey?: string): Send => {
    const input = { items: items.map((item) => ({ ...amsterdam, ...item })), idempotencyKey: idempotencyKey ?? null };
    return (gateway) => factsOf(gateway, CheckoutDocument, { input });
  },
  text: (body: string, from = (all: Known) => all.own, idempotencyKey?: string): Send => {
    const rest = { to, body, idempotencyKey: idempotencyKey ?? null };
    return (gateway, all) => factsOf(gateway, SendMessageDocument, { input: { from: from(all), ...rest } });
  },
  route: (name: (all: Known) => { number: string; trunk: string }, idempotencyKey?: string): Send => {
    const key = { idempotencyKey: idempotencyKey ?? null };
    return (gateway, all) => factsOf(gateway, AssignNumberDocument, { input: { ...name(all), ...key } });
  },
  renew: (trunk: (all: Known) => string, idempotencyKey?: string): Send => {
    const key = { idempotencyKey: idempotencyKey ?? null };
    const document = RegenerateTrunkCredentialsDocument;
    return (gateway, all) => factsOf(gateway, document, { input: { trunk: trunk(all), ...key } });
  },
  papers: (documents: (typeof passport)[], number = (all: Known) => all.own, idempotencyKey?: string): Send => {
    const rest = { documents, idempotencyKey: idempotencyKey ?? null };
    return (gateway, all) => factsOf(gateway, SubmitRegulatoryDocument, { input: { number: number(all), ...rest } });
  },
};
const group =
  (trunk: (all: Known) => string): Send =>
  (gateway, all) =>
    factsOf(gateway, AssignTrunkToClientDocument, { input: { trunk: trunk(all), client: 'Holding' } });
const make: Send = (gateway) =>
  factsOf(gateway, CreateTrunkDocument, { input: { name: 'New Client', idempotencyKey: longKey } });
const onboard: Send = (gateway) => {
  const client = { name: 'New Client', country: 'GB', type: 'LOCAL' } as const;
  return factsOf(gateway, OnboardClientDocument, { input: { ...client, idempotencyKey: longKey } });
};

const at = (path: string) => ({ __typename: 'ValidationError', code: 'VALIDATION_FAILED', 'fields.0.path': path });
const nothing = { __typename: 'NotFoundError', code: 'NOT_FOUND' };
const manyItems = Array.from({ length: 101 }, (_, index) => ({ e164: `+3120123${4000 + index}` }));

describe('nothing is sent, and what is wrong is said with its place', () => {
  test.each<[string, Send, Facts]>([
    ['an order of nothing', send.checkout([]), at('items')],
    ['101 numbers', send.checkout(manyItems), at('items')],
    ['the same number twice', send.checkout([{}, {}]), at('items.1.e164')],
    ['a number of another country', send.checkout([{ country: 'BE' }]), at('items.0.country')],
    ['a text of nothing', send.text(''), at('body')],
    ['1,601 characters', send.text('a'.repeat(1_601)), at('body')],
    ['1,601 characters, an emoji the last', send.text(`${'a'.repeat(1_600)}😀`), at('body')],
    ['1,601 emoji', send.text('😀'.repeat(1_601)), at('body')],
    ['11 MB of documents', send.papers([tooLarge]), at('documents')],
    ['a PDF that is none', send.papers([noPdf]), at('documents.0.content')],
    ['a checkout’s key of 10,000 characters', send.checkout([{}], longKey), at('idempotencyKey')],
    ['a text’s', send.text('Hello', undefined, longKey), at('idempotencyKey')],
    ['a routing’s', send.route(({ own, trunk }) => ({ number: own, trunk }), longKey), at('idempotencyKey')],
    ['a regeneration’s', send.renew(({ trunk }) => trunk, longKey), at('idempotencyKey')],
    ['a submission’s', send.papers([passport], undefined, longKey), at('idempotencyKey')],
    ['a trunk’s', make, at('idempotencyKey')],
    ['an onboarding’s', onboard, at('idempotencyKey')],
    ['a trunk of another account', send.route(({ own, theirTrunk }) => ({ number: own, trunk: theirTrunk })), nothing],
    ['its credentials', send.renew(({ theirTrunk }) => theirTrunk), nothing],
    ['its client', group(({ theirTrunk }) => theirTrunk), nothing],
    ['a number of another account', send.route(({ foreign, trunk }) => ({ number: foreign, trunk })), nothing],
    ['a text from it', send.text('Hello', ({ foreign }) => foreign), nothing],
    ['documents for it', send.papers([passport], ({ foreign }) => foreign), nothing],
    ['a trunk that is not there', send.route(({ own }) => ({ number: own, trunk: 'trk_nothing' })), nothing],
    ['the credentials of none', send.renew(() => 'trk_nothing'), nothing],
    ['the client of none', group(() => 'trk_nothing'), nothing],
    ['a number that is not there', send.route(({ trunk }) => ({ number: nobodys, trunk })), nothing],
    ['a text from none', send.text('Hello', () => nobodys), nothing],
    ['documents for none', send.papers([passport], () => nobodys), nothing],
  ])('%s', async (_, ask, refusal) => {
    await using gateway = await startGateway({ sandbox: { accounts: [other] } });
    const before = gateway.sandbox.control.accounts().map((each) => each.state());
    const { message, 'fields.0.message': reason, ...refused } = await ask(gateway, known(gateway));
    expect(refused).toEqual(refusal);
    expect(message).toEqual(expect.stringMatching(/./));
    if (refusal['fields.0.path'] !== undefined) expect(reason).toEqual(expect.stringMatching(/./));
    const { routes } = gateway.sandbox.control.calls();
    expect(Object.keys(routes).filter((route) => route !== 'GET /portal/sip-trunks')).toEqual([]);
    expect(gateway.sandbox.control.accounts().map((each) => each.state())).toEqual(before);
  });
});

describe('what looks odd and is right', () => {
  test('a lower-case country is the same input as an upper-case one', async () => {
    await using gateway = await startGateway({ sandbox: { accounts: [other] } });
    const small = await send.checkout([{ country: 'nl' }], 'k')(gateway, known(gateway));
    expect(small).toMatchObject({ __typename: 'CheckoutPayload', 'bought.0.country': 'NL' });
    expect(await send.checkout([{}], 'k')(gateway, known(gateway))).toEqual(small);
    expect(changes(gateway)).toEqual({ 'POST /wallet/checkout': 1 });
  });

  test.each([
    ['1,600 characters, an emoji the last', `${'a'.repeat(1_599)}😀`],
    ['1,600 emoji', '😀'.repeat(1_600)],
  ])('%s are sent once, whole', async (_, body) => {
    await using gateway = await startGateway({ sandbox: { accounts: [other] } });
    expect(await send.text(body)(gateway, known(gateway))).toMatchObject({ 'text.body': body });
    expect(gateway.sandbox.control.world.messages.all().map((message) => message.body)).toEqual([body]);
    expect(changes(gateway)).toEqual({ 'POST /messages/send': 1 });
  });
});

describe('a wallet', () => {
  const poor = { __typename: 'InsufficientBalanceError', code: 'INSUFFICIENT_BALANCE' };
  test.each<[string, string, Send, Facts, string]>([
    ['with exactly enough buys', '1.50', send.checkout([{}]), { __typename: 'CheckoutPayload' }, '0.00'],
    ['a cent short does not', '1.49', send.checkout([{}]), { ...poor, 'wallet.balance.amount': '1.49' }, '1.49'],
    ['with exactly enough texts', '0.008', send.text('Hi'), { __typename: 'SendMessagePayload' }, '0.00'],
    ['a tenth short does not', '0.007', send.text('Hi'), { ...poor, 'wallet.balance.amount': '0.007' }, '0.007'],
  ])('%s', async (_, balance, ask, expected, left) => {
    await using gateway = await startGateway({ sandbox: { balance, accounts: [other] } });
    expect(await ask(gateway, known(gateway))).toMatchObject(expected);
    expect(gateway.sandbox.control.state().balance).toBe(left);
    const done = Object.values(changes(gateway));
    expect(done).toEqual(expected['__typename'] === poor.__typename ? [] : [1]);
  });
});

describe('an answer that says nothing', () => {
  const statusOf = async (gateway: Gateway, idempotencyKey: string) =>
    (await gateway.ask(OperationDocument, { idempotencyKey })).data?.operation?.status;
  const empty = ({ sandbox }: Gateway, path: string) =>
    sandbox.control.faults.add({ kind: 'empty', processed: true, method: 'POST', path, times: 1 });

  test('200 and an empty body: a text was taken, and its own count stands in', async () => {
    await using gateway = await startGateway({ sandbox: { accounts: [other] } });
    empty(gateway, '/messages/send');
    expect(await send.text('Hello', undefined, 'k')(gateway, known(gateway))).toMatchObject({
      __typename: 'SendMessagePayload',
      'text.segments': 1,
      'text.cost': null,
    });
    expect(await statusOf(gateway, 'k')).toBe('SUCCEEDED');
    expect(changes(gateway)).toEqual({ 'POST /messages/send': 1 });
  });

  test('200 and an empty body: documents are under review', async () => {
    await using gateway = await startGateway({ sandbox: { accounts: [other] } });
    await send.checkout([{}])(gateway, known(gateway));
    empty(gateway, '/api/regulatory/submit');
    const submitted = await send.papers([passport], () => amsterdam.e164)(gateway, known(gateway));
    expect(submitted).toMatchObject({ 'number.regulatoryStatus': 'SUBMITTED' });
    expect(gateway.sandbox.control.world.regulatory.submissions()).toHaveLength(1);
  });

  test('201 without the ids of a trunk: it is looked for in the listing, and never made again', async () => {
    await using gateway = await startVariant({
      variants: { missingFields: ['created_trunk.id', 'created_trunk.uuid'] },
    });
    const input = { name: 'New Client', idempotencyKey: 'k' };
    expect(await factsOf(gateway, CreateTrunkDocument, { input })).toMatchObject({
      __typename: 'OutcomeUnknownError',
      code: 'OUTCOME_UNKNOWN',
    });
    await pass(gateway, 60_000);
    const made = gateway.sandbox.control.world.trunks.all().at(-1);
    expect(await factsOf(gateway, CreateTrunkDocument, { input })).toMatchObject({
      __typename: 'CreateTrunkPayload',
      'trunk.uuid': made?.uuid,
      credentials: null,
    });
    expect(changes(gateway)).toEqual({ 'POST /portal/sip-trunks': 1 });
  });
});
