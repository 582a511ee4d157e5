import { expect } from 'vitest';
import { CheckoutDocument, OperationDocument, SendMessageDocument } from '../../generated/graphql.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../support/gateway.ts';

export const minute = 60_000;
/** What is asked of DIDfarm when numbers are bought. */
export const buying = 'POST /wallet/checkout';

export const calls = ({ sandbox }: Gateway, route: string) => sandbox.control.calls().routes[route] ?? 0;

/** What goes on behind the answers has come to rest. */
export const rest = ({ app, clock }: Gateway) => clock.through(app.settled());

/** Time goes on no faster than the database answers: on a server a look would else be over before it was read. */
export async function later(gateway: Gateway, milliseconds: number) {
  await gateway.clock.advance(milliseconds, () => databaseAnswers(gateway));
  await rest(gateway);
}

/** As often as what one timer begins may have to ask it, one question after the other. */
async function databaseAnswers({ app }: Gateway): Promise<void> {
  if (app.storage.engine === 'sqlite') return;
  for (let questions = 0; questions < 12; questions++) await app.storage.ping();
}

export async function operation(gateway: Gateway, idempotencyKey = 'k') {
  const answer = await gateway.ask(OperationDocument, { idempotencyKey });
  expect(answer.errors).toBeUndefined();
  return answer.data?.operation;
}

/** A gateway that has read all there is to read. */
export async function begin(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await startGateway({ ...options, sandbox: { transactions: 20, ...options.sandbox } });
  gateway.app.start();
  await expect.poll(() => hasReadAll(gateway)).toBe(true);
  await later(gateway, minute);
  // As a shop does before it buys: so the price is known.
  await gateway.askText('{ availableNumbers(country: "GB", type: LOCAL, first: 10) { nodes { e164 } } }');
  gateway.sandbox.control.resetCalls();
  return gateway;
}

async function hasReadAll({ app }: Gateway): Promise<boolean> {
  const read = app.storage.db.selectFrom('snapshots').select('as_of').where('resource', '=', 'transactions');
  return (await read.executeTakeFirst())?.as_of != null;
}

/** Numbers of one price. */
export function forSale({ sandbox }: Gateway, count: number) {
  const { found } = sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, count);
  return found.map(({ e164 }) => ({ e164, country: 'GB', type: 'LOCAL' as const }));
}

export const buy = (gateway: Gateway, items: ReturnType<typeof forSale>, idempotencyKey = 'k') =>
  gateway.ask(CheckoutDocument, { input: { items, idempotencyKey } }).then(({ data }) => data?.checkout);

export function breakOnce({ sandbox }: Gateway, kind: 'cut-before' | 'cut-after', path: string) {
  sandbox.control.faults.add({ kind, path, method: 'POST', times: 1 });
}

/** DIDfarm tells something by a webhook. */
export async function tell(gateway: Gateway, event: string, data: object) {
  expect((await gateway.deliver(event, gateway.clock.now(), data)).status).toBe(200);
  await rest(gateway);
}

/** Minutes go by, and each of them is looked at. */
export async function minutes(gateway: Gateway, count: number) {
  for (let passed = 0; passed < count; passed++) await later(gateway, minute);
}

/** The listing of transactions as DIDfarm shows it: rows changed, or left out. Gives back what undoes it. */
export function listTransactionsAs({ sandbox }: Gateway, shown: (row: Row) => readonly Row[]) {
  const { wallet } = sandbox.control.world;
  const { newest } = wallet;
  wallet.newest = (offset, limit) => newest(offset, limit).flatMap(shown);
  return () => {
    wallet.newest = newest;
  };
}

type Row = ReturnType<Gateway['sandbox']['control']['world']['wallet']['newest']>[number];

/** Somebody buys in DIDfarm's own portal. */
export function buyElsewhere({ sandbox }: Gateway, e164: string, country: string, type: string) {
  return sandbox.control.world.orders.checkout([{ number: e164, country, type }]);
}

/** What is for sale, as DIDfarm's books have it. */
export function offered({ sandbox }: Gateway, country: string, type: string, place = 0): string {
  return sandbox.control.world.inventory.search({ country, type }, 0, place + 1).found[place]?.e164 ?? '';
}

/** The first of the account's numbers that can send texts. */
export const texting = ({ sandbox }: Gateway) =>
  sandbox.control.world.numbers.all().find(({ smsEnabled, status }) => smsEnabled && status === 'active')?.e164 ?? '';

export async function text(gateway: Gateway, idempotencyKey = 'k', body = 'Tot morgen') {
  const input = { from: texting(gateway), to: '+31687654321', body, idempotencyKey };
  return (await gateway.ask(SendMessageDocument, { input })).data?.sendMessage;
}

/** Another program sends a text from the same number. */
export function textElsewhere(gateway: Gateway, body: string) {
  return gateway.sandbox.control.world.messages.send(texting(gateway), '+31600000001', body);
}
