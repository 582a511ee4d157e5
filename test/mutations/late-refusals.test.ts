import { describe, expect, test } from 'vitest';
import { MoneyAndTextsDocument, SendMessageDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { acme, onboard } from './support/onboarding.ts';
import { amsterdam, books, buy, startShop } from './support/shop.ts';

/** Somebody spends in DIDfarm's portal, which no event tells. */
function spendElsewhere({ sandbox }: Gateway, euros: number) {
  const { wallet } = sandbox.control.world;
  const row = { type: 'call', description: 'Outbound calls', referenceType: null, referenceId: null };
  wallet.book({ ...row, amount: -1_000 * euros });
}

describe('a wallet that holds less than was thought is shown as it is', () => {
  const lessThanThought = async () => {
    const gateway = await startGateway({ sandbox: { balance: '142.50' } });
    expect((await gateway.ask(MoneyAndTextsDocument, {})).data?.wallet?.balance.amount).toBe('142.50');
    spendElsewhere(gateway, 142.5);
    gateway.sandbox.control.resetCalls();
    return gateway;
  };
  const empty = { __typename: 'InsufficientBalanceError', wallet: { balance: { amount: '0.00' } } };
  const balanceReads = ({ sandbox }: Gateway) => sandbox.control.calls().routes['GET /wallet/balance'];

  test('by a checkout', async () => {
    await using gateway = await lessThanThought();
    expect(await buy(gateway, { items: [amsterdam] })).toMatchObject(empty);
    expect(books(gateway)).toMatchObject({ liveOrders: 0, sent: 1 });
    expect(balanceReads(gateway)).toBe(1);
  });

  test('by a text', async () => {
    await using gateway = await lessThanThought();
    const { numbers } = gateway.sandbox.control.world;
    const from = numbers.all().find((each) => each.smsEnabled && each.status === 'active')?.e164 ?? '';
    const { data } = await gateway.ask(SendMessageDocument, { input: { from, to: '+31687654321', body: 'Hello' } });
    expect(data?.sendMessage).toMatchObject(empty);
    expect(gateway.sandbox.control.state().messages).toBe(0);
    expect(balanceReads(gateway)).toBe(1);
  });

  test('by an onboarding', async () => {
    await using gateway = await lessThanThought();
    expect(await onboard(gateway, acme)).toMatchObject(empty);
    expect(balanceReads(gateway)).toBe(1);
  });
});

describe('what DIDfarm says is not available', () => {
  const refusedWith = async (code: string, message = 'No.') => {
    await using gateway = await startShop();
    gateway.sandbox.control.faults.add({ kind: 'status', status: 409, code, message, path: '/wallet/checkout' });
    const refused = await buy(gateway, { items: [amsterdam] });
    expect(books(gateway)).toMatchObject({ balance: '142.50', liveOrders: 0, sent: 1 });
    return refused;
  };

  test.each(['service_unavailable', 'Service_Unavailable', 'service_not_available'])(
    'as %s is not the number',
    async (code) => {
      expect(await refusedWith(code)).toMatchObject({ __typename: 'ValidationError', code: code.toUpperCase() });
    },
  );

  test.each(['number_unavailable', 'number_not_available', 'NUMBER-NOT-AVAILABLE', 'numbers not available'])(
    'as %s is the number',
    async (code) => {
      const gone = { __typename: 'NumberUnavailableError', code: 'NUMBER_UNAVAILABLE', gone: [amsterdam.e164] };
      expect(await refusedWith(code)).toMatchObject(gone);
    },
  );
});
