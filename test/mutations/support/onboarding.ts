import { expect } from 'vitest';
import { OnboardClientDocument, type OnboardClientInput, OperationDocument } from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';

export const acme = { name: 'Acme New', country: 'NL', type: 'LOCAL', city: 'Amsterdam', idempotencyKey: 'k' } as const;

/** Onboards under one key. */
export async function onboard(gateway: Gateway, input: OnboardClientInput = acme) {
  const answer = await gateway.ask(OnboardClientDocument, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data?.onboardClient;
}

/** The numbers that it takes, in their order. */
export function candidates(gateway: Gateway, count: number): string[] {
  const { inventory } = gateway.sandbox.control.world;
  return inventory.search({ country: 'NL', type: 'local', city: 'Amsterdam' }, 0, count).found.map(({ e164 }) => e164);
}

/** DIDfarm sells them between the search and the checkout. */
export function snatch(gateway: Gateway, count: number): void {
  gateway.sandbox.control.faults.add({
    kind: 'status',
    status: 422,
    code: 'number_unavailable',
    message: 'Gone.',
    method: 'POST',
    path: '/wallet/checkout',
    times: count,
  });
}

/** Has a call refused, or cut off once it is done, until the function that this returns is called. */
export const stop = (gateway: Gateway, path: string, fault: 'cut-after' | 'refused') =>
  gateway.sandbox.control.faults.add(
    fault === 'refused'
      ? { kind: 'status', status: 422, code: 'odd', message: 'Not now.', method: 'POST', path }
      : { kind: fault, method: 'POST', path },
  );

/** The steps on record. */
export async function steps(gateway: Gateway) {
  const { data } = await gateway.ask(OperationDocument, { idempotencyKey: 'k' });
  return data?.operation?.steps.map((step) => `${step.name} ${step.status}`);
}

/** How often it was bought, a trunk made and a number routed. */
export function posts(gateway: Gateway) {
  const { routes } = gateway.sandbox.control.calls();
  return ['wallet/checkout', 'portal/sip-trunks', 'portal/did-routing'].map((path) => routes[`POST /${path}`] ?? 0);
}

/** DIDfarm's own books. */
export function books(gateway: Gateway) {
  const { balance, liveOrders, trunks } = gateway.sandbox.control.state();
  return { balance, liveOrders, trunks };
}
