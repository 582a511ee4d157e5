import { encodeId } from '../../../src/graph/identifiers.ts';
import type { Belongings, World } from './world.ts';

/**
 * What is tried of an argument. `names`: it names a thing, so that another client's thing and one that is not there are tried, as
 * GraphQL writes them, and must be answered alike. `values`: it names nothing; what is tried must give nothing of anybody else.
 */
export type Trial =
  | { readonly names: readonly { readonly foreign: string; readonly missing: string }[] }
  | { readonly values: readonly string[] };

const values = (...some: readonly string[]): Trial => ({ values: some });
const text = (value: string) => JSON.stringify(value);

/** Of the same length as what they stand for, so that the answers can be compared byte for byte. */
function missingLike(foreign: string): string {
  return foreign.replace(/.{4}$/, (end) => (end === 'zzzz' ? 'yyyy' : 'zzzz'));
}

/** The decision for each argument and input field that a query or subscription takes; one that is missing here fails the matrix. */
export function trials(world: World): Readonly<Record<string, Trial>> {
  const { vanDijk } = world;
  const [number = ''] = vanDijk.numbers;
  const [trunk = ''] = vanDijk.trunks;
  const searches = values(...[vanDijk.name, number.slice(-8), trunk, 'for +', 'SMS'].map(text));
  const moments = values(text('2020-01-01T00:00:00Z'), text('2030-01-01T00:00:00Z'));
  const numbers: Trial = { names: [{ foreign: text(number), missing: text(missingNumber(number)) }] };
  const trunks: Trial = {
    names: [trunk, encodeId('Trunk', trunk)].map((each, place) => ({
      foreign: text(each),
      missing: text(place === 0 ? missingLike(each) : encodeId('Trunk', missingLike(trunk))),
    })),
  };
  const clients: Trial = {
    names: [{ foreign: text(vanDijk.id), missing: text(encodeId('Client', missingLike(vanDijk.name.toLowerCase()))) }],
  };
  const nodes = nodesOf(world, vanDijk);
  return {
    'Query.node(id)': { names: nodes },
    'Query.nodes(ids)': {
      names: nodes.map(({ foreign, missing }) => ({ foreign: `[${foreign}]`, missing: `[${missing}]` })),
    },
    'Query.number(e164)': numbers,
    'Query.trunk(uuid)': trunks,
    'Query.client(name)': { names: [{ foreign: text(vanDijk.name), missing: text(missingLike(vanDijk.name)) }] },
    'Query.clients(search)': searches,
    'Query.order(orderId)': { names: [{ foreign: String(world.orderId), missing: '9999' }] },
    'Query.operation(idempotencyKey)': { names: [{ foreign: text('of ADMIN'), missing: text('of nobod') }] },
    'Query.availableNumbers(country)': values('"NL"'),
    'Query.availableNumbers(type)': values('LOCAL'),
    'Query.availableNumbers(city)': values('"Amsterdam"'),
    'Trunk.availability(from)': values(text('2026-01-01T00:00:00Z')),
    'Trunk.availability(to)': values(text('2026-12-01T00:00:00Z')),
    'Client.spending(from)': values('"2021-01-01"'),
    'Client.spending(to)': values('"2029-06-01"'),
    'Client.spending(granularity)': values('DAY', 'MONTH'),
    'Wallet.spending(from)': values('"2021-01-01"'),
    'Wallet.spending(to)': values('"2029-06-01"'),
    'Wallet.spending(granularity)': values('DAY'),
    'Money.formatted(locale)': values('"nl-NL"'),
    'Subscription.trunkStatus(trunk)': trunks,
    'Subscription.trunkStatus(client)': clients,
    'Subscription.numberStatus(number)': numbers,
    'Subscription.numberStatus(client)': clients,
    'Subscription.messageReceived(number)': numbers,
    'Subscription.messageReceived(client)': clients,
    'NumberFilter.status': values('[ACTIVE, SUSPENDED, PROVISIONING, RELEASED, UNKNOWN]'),
    'NumberFilter.country': values('"NL"', '"DE"', '"GB"'),
    'NumberFilter.type': values('LOCAL', 'MOBILE'),
    'NumberFilter.smsEnabled': values('true', 'false'),
    'NumberFilter.trunk': trunks,
    'NumberFilter.client': clients,
    'NumberFilter.unassigned': values('true', 'false'),
    'NumberFilter.search': searches,
    'TrunkFilter.status': values('[REGISTERED, OFFLINE]'),
    'TrunkFilter.client': clients,
    'TrunkFilter.search': searches,
    'TransactionFilter.from': moments,
    'TransactionFilter.to': moments,
    'TransactionFilter.referenceType': values('[ORDER, NUMBER, TRUNK, UNKNOWN]'),
    'TransactionFilter.client': clients,
    'TransactionFilter.search': searches,
    'MessageFilter.direction': values('INBOUND', 'OUTBOUND'),
    'MessageFilter.number': numbers,
    'MessageFilter.from': moments,
    'MessageFilter.to': moments,
    'MessageFilter.search': searches,
    'EventFilter.types': values('[NUMBER_ACTIVATED, TRUNK_REGISTERED, TRUNK_OFFLINE, MESSAGE_RECEIVED, UNKNOWN]'),
    'EventFilter.trunk': trunks,
    'EventFilter.number': numbers,
    'EventFilter.client': clients,
  };
}

/** A valid number that nobody has. */
function missingNumber(like: string): string {
  return like.replace(/\d(\d)$/, (_, last: string) => `9${last}`);
}

/** A node of each type that is another client's, and beside it one that is not there. */
function nodesOf(world: World, { id, trunks, numbers }: Belongings) {
  const [trunk = ''] = trunks;
  const [number = ''] = numbers;
  const keys: readonly (readonly [string, string, string])[] = [
    ['Number', number, missingNumber(number)],
    ['Trunk', trunk, missingLike(trunk)],
    ['Order', String(world.orderId), '9999'],
    ['Message', `msg-${number.slice(1)}`, `msg-${missingNumber(number).slice(1)}`],
    ['Transaction', world.foreignTransaction, 'x'.repeat(world.foreignTransaction.length)],
    ...world.foreignEvents.map(({ typename, seq }) => [typename, String(seq), String(seq + 9_000)] as const),
  ];
  return [
    {
      foreign: text(id),
      missing: text(encodeId('Client', missingLike(Buffer.from(id, 'base64url').toString().slice(7)))),
    },
    ...keys.map(([typename, foreign, missing]) => ({
      foreign: text(encodeId(typename, foreign)),
      missing: text(encodeId(typename, missing)),
    })),
  ];
}
