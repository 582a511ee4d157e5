import { expect } from 'vitest';
import { CheckoutDocument, type CheckoutInput } from '../../generated/graphql.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../support/gateway.ts';

/** The guide's own example, the first that is for sale. EUR 1.50 a month, and it wants documents. */
export const amsterdam = { e164: '+31201234567', country: 'NL', type: 'LOCAL' } as const;

/** A gateway whose wallet has EUR 142.50. */
export function startShop(options: GatewayOptions = {}): Promise<Gateway> {
  return startGateway({ ...options, sandbox: { balance: '142.50', ...options.sandbox } });
}

export async function buy(gateway: Gateway, input: CheckoutInput) {
  const answer = await gateway.ask(CheckoutDocument, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data?.checkout;
}

/** The first British local numbers for sale, EUR 1.20 each. */
export function forSale(gateway: Gateway, count: number) {
  const { found } = gateway.sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, count);
  return found.map(({ e164 }) => ({ e164, country: 'GB', type: 'LOCAL' as const }));
}

/** What DIDfarm's own books say, and how often it was asked to sell. */
export function books(gateway: Gateway) {
  const { balance, numbers, liveOrders } = gateway.sandbox.control.state();
  const sent = gateway.sandbox.control.calls().routes['POST /wallet/checkout'] ?? 0;
  return { balance, numbers, liveOrders, sent };
}
