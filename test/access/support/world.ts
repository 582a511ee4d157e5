import { type AccountId, clientKey } from '../../../src/access/viewer.ts';
import { encodeId } from '../../../src/graph/identifiers.ts';
import { type Asking, type SharedGateway, startSharedGateway, viewerOf } from '../../support/viewers.ts';

/** What one client has, by the sandbox's own books. */
export interface Belongings {
  /** As its first trunk spells it. */
  readonly name: string;
  readonly id: string;
  readonly trunks: readonly string[];
  /** Those that send texts come first. */
  readonly numbers: readonly string[];
  /** The text that arrived on each number, by the number. */
  readonly bodies: ReadonlyMap<string, string>;
}

/** A gateway with the things of several clients in it, and the books of whose they are. */
export interface AccountWorld {
  readonly gateway: AccountGateway;
  readonly account: AccountId;
  readonly admin: Asking;
  readonly acme: Belongings;
  readonly vanDijk: Belongings;
  readonly bakery: Belongings;
  /** Two numbers, of which `acme` has the first and `vanDijk` the second. */
  readonly orderId: number;
  readonly bought: readonly string[];
  /** A transaction and events of `vanDijk`, by what their global ids are made of. */
  readonly foreignTransaction: string;
  readonly foreignEvents: readonly { readonly typename: string; readonly seq: number }[];
  /** What belongs to anybody but this client, nobody included: names, numbers, uuids, usernames, texts. */
  foreignTo(client: Belongings): readonly string[];
  /** What tells the account's things from any other account's: numbers, uuids, usernames, keys. */
  secrets(): readonly string[];
}

/** One by itself. */
export type World = AccountWorld & AsyncDisposable;

/** A gateway as one of its accounts is asked and told things; its sandbox's control is that account's. */
export type AccountGateway = Pick<SharedGateway, 'app' | 'clock' | 'sandbox' | 'as' | 'deliver'>;

export const start = Date.parse('2026-04-05T11:00:00Z');

/** An account of nine trunks of five clients, with an event and a text for each of their numbers, and an order of two of them. */
export async function startWorld(): Promise<World> {
  const gateway = await startSharedGateway({
    rateLimit: 100_000,
    sandbox: {
      trunks: 9,
      numbers: 40,
      transactions: 90,
      rateLimit: null,
      balance: '500.00',
      variants: { perPage: 100 },
    },
  });
  const world = await fillWorld(gateway, gateway.as(viewerOf('ADMIN')));
  return { ...world, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

/** Has things happen in an account that the sandbox has just made. */
export async function fillWorld(gateway: AccountGateway, admin: Asking): Promise<AccountWorld> {
  await admin.ask('{ trunks { totalCount } transactions { totalCount } }');
  const order = await buyForTwo(gateway, admin);
  await whatHappened(gateway);
  const owned = belongings(gateway);
  const of = (name: string) => {
    const found = owned.find((each) => each.name === name);
    if (found === undefined) throw new Error(`The sandbox has no client ${name}`);
    return found;
  };
  return {
    gateway,
    account: admin.viewer.account,
    admin,
    acme: of('Acme Corp'),
    vanDijk: of('Van Dijk Logistiek'),
    bakery: of('Bakkerij De Zon'),
    ...order,
    ...(await readForeign(gateway, admin.viewer.account, of('Van Dijk Logistiek'))),
    foreignTo: (client) => [
      ...belongings(gateway).flatMap((other) => (other.name === client.name ? [] : stringsOf(gateway, other))),
      ...nobodys(gateway),
    ],
    secrets: () => [
      ...belongings(gateway).flatMap((each) => stringsOf(gateway, each).slice(1)),
      ...nobodys(gateway).filter((each) => !each.startsWith('the wallet')),
    ],
  };
}

/** Strings of the answer, those inside ids and cursors too, that hold something of somebody else. */
export function foundIn(answer: string, foreign: readonly string[]): string[] {
  const decoded = [...answer.matchAll(/[\w-]{12,}/g)].map(([token]) => Buffer.from(token, 'base64url').toString());
  const all = [answer, ...decoded].join('\n').toLowerCase();
  return foreign.filter((each) => all.includes(each.toLowerCase()));
}

async function buyForTwo(gateway: AccountGateway, admin: Asking): Promise<Pick<World, 'orderId' | 'bought'>> {
  const { found } = gateway.sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, 2);
  const bought = found.map(({ e164 }) => e164);
  const items = bought.map((e164) => ({ e164, country: 'GB', type: 'LOCAL' }));
  const { data } = await admin.ask<{ checkout: { order: { orderId: number } } }>(
    'mutation ($items: [CheckoutItemInput!]!) { checkout(input: { items: $items, idempotencyKey: "of ADMIN" }) { ... on CheckoutPayload { order { orderId } } } }',
    { items },
  );
  for (const [place, number] of bought.entries())
    await admin.ask(
      `mutation ($number: PhoneNumber!, $trunk: ID!) {
        assignNumber(input: { number: $number, trunk: $trunk }) { __typename }
      }`,
      { number, trunk: gateway.sandbox.control.world.trunks.all()[place]?.uuid },
    );
  return { orderId: data?.checkout.order.orderId ?? 0, bought };
}

/** An event and a text for every number on a trunk, an event for every trunk, and one that is about nothing known. */
async function whatHappened(gateway: AccountGateway): Promise<void> {
  const { trunks, numbers } = gateway.sandbox.control.world;
  let second = 0;
  const at = () => start + 1_000 * second++;
  for (const { uuid, name, username } of trunks.all())
    for (const event of ['trunk.offline', 'trunk.registered'])
      await gateway.deliver(event, at(), { trunk_uuid: uuid, name, username });
  for (const { e164, country, type, trunkId, orderId } of numbers.all()) {
    const trunk_uuid = trunks.byId(trunkId ?? 0)?.uuid ?? null;
    const order_id = orderId;
    await gateway.deliver('number.activated', at(), { number: e164, country, type, trunk_uuid, order_id });
    const text = {
      id: `msg-${e164.slice(1)}`,
      from: '+31687654321',
      to: e164,
      body: bodyFor(e164),
      segments: 1,
      trunk_uuid,
    };
    await gateway.deliver('message.received', at(), text);
  }
  await gateway.deliver('wallet.low', at(), { balance: 'the wallet holds 12.34' });
}

export function bodyFor(e164: string): string {
  return `for ${e164} alone`;
}

function belongings(gateway: AccountGateway): Belongings[] {
  const { trunks, numbers } = gateway.sandbox.control.world;
  const clients = Map.groupBy(trunks.all(), (trunk) => clientKey(trunk.name));
  return [...clients.values()].map((own) => {
    const ids = new Set(own.map((trunk) => trunk.id));
    const some = [...numbers.all()].filter((number) => number.trunkId !== null && ids.has(number.trunkId));
    const e164s = some.toSorted((a, b) => Number(b.smsEnabled) - Number(a.smsEnabled)).map(({ e164 }) => e164);
    const name = own[0]?.name.trim() ?? '';
    return {
      name,
      id: encodeId('Client', clientKey(name)),
      trunks: own.map((trunk) => trunk.uuid),
      numbers: e164s,
      bodies: new Map(e164s.map((e164) => [e164, bodyFor(e164)])),
    };
  });
}

function stringsOf(gateway: AccountGateway, { name, trunks, numbers }: Belongings): string[] {
  const usernames = trunks.map((uuid) => gateway.sandbox.control.world.trunks.byUuid(uuid)?.username ?? uuid);
  return [name, ...trunks, ...usernames, ...numbers];
}

const typenames = { NUMBER_ACTIVATED: 'NumberEvent', TRUNK_OFFLINE: 'TrunkEvent', MESSAGE_RECEIVED: 'MessageEvent' };

async function readForeign(
  gateway: AccountGateway,
  account: AccountId,
  { name }: Belongings,
): Promise<Pick<World, 'foreignTransaction' | 'foreignEvents'>> {
  const { db } = gateway.app.storage;
  const key = clientKey(name);
  const transaction = await db
    .selectFrom('transactions')
    .select('transaction_id')
    .where('account', '=', account)
    .where('client_key', '=', key)
    .executeTakeFirstOrThrow();
  const log = db.selectFrom('events').select(['type', 'seq']).where('account', '=', account);
  const events = await log.where('client_key', '=', key).execute();
  const foreignEvents = Object.entries(typenames).flatMap(([type, typename]) => {
    const event = events.find((each) => each.type === type);
    return event === undefined ? [] : [{ typename, seq: event.seq }];
  });
  const unknown = await log.where('type', '=', 'UNKNOWN').executeTakeFirstOrThrow();
  return {
    foreignTransaction: transaction.transaction_id,
    foreignEvents: [...foreignEvents, { typename: 'UnknownEvent', seq: unknown.seq }],
  };
}

/** Numbers on no trunk, and what no client is told at all. */
function nobodys(gateway: AccountGateway): string[] {
  const { numbers } = gateway.sandbox.control.world;
  const loose = [...numbers.all()].filter((number) => number.trunkId === null).map(({ e164 }) => e164);
  return [...loose, 'the wallet holds 12.34', gateway.sandbox.apiKey, gateway.sandbox.webhookSecret];
}
