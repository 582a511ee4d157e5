import { type GraphQLField, getNamedType, isCompositeType } from 'graphql';
import { encodeId } from '../../../src/graph/identifiers.ts';
import type { FailureType } from '../../../src/operations/failure.ts';
import type { World } from './world.ts';

const failures: readonly FailureType[] = [
  'InsufficientBalanceError',
  'NumberUnavailableError',
  'ValidationError',
  'NotFoundError',
  'RateLimitedError',
  'UpstreamError',
];

/** Stands where the fields of a type are asked for. */
export const hole = '…';

/** How each type is reached, without what only mutations and subscriptions answer: by things of `acme`, so that every role may be asked the same. */
export function reaches({ acme, orderId }: World): Readonly<Record<string, string>> {
  const [number = ''] = acme.numbers;
  const ofNumber = (rest: string) => `{ number(e164: "${number}") { ${rest} } }`;
  const ofClient = (rest: string) => `{ client(name: "${acme.name}") { ${rest} } }`;
  const event = (type: string, kind: string) =>
    `{ events(first: 1, filter: { client: "${acme.id}", types: [${kind}] }) { nodes { ... on ${type} { … } } } }`;
  const market = (rest: string) => `{ availableNumbers(country: "GB", type: LOCAL, first: 1) { ${rest} } }`;
  const failed = (type: FailureType) => `{ operation(idempotencyKey: "${type}") { error { ... on ${type} { … } } } }`;
  const connected = {
    Number: ofClient('numbers(first: 1) { … }'),
    Trunk: ofClient('trunks(first: 1) { … }'),
    Client: `{ clients(first: 1, search: "${acme.name}") { … } }`,
    Transaction: ofClient('transactions(first: 1) { … }'),
    Message: ofNumber('messages(first: 1) { … }'),
    Event: ofNumber('events(first: 1) { … }'),
    Order: '{ orders(first: 1) { … } }',
    AvailableNumber: market('…'),
  };
  return {
    Query: '{ … }',
    Node: `{ node(id: "${encodeId('Number', number)}") { … } }`,
    Viewer: '{ viewer { … } }',
    Number: ofNumber('…'),
    Trunk: `{ trunk(uuid: "${acme.trunks[0]}") { … } }`,
    Client: ofClient('…'),
    Transaction: ofNumber('transactions(first: 1) { nodes { … } }'),
    Message: ofNumber('messages(first: 1) { nodes { … } }'),
    Event: ofNumber('events(first: 1) { nodes { … } }'),
    NumberEvent: event('NumberEvent', 'NUMBER_ACTIVATED'),
    TrunkEvent: event('TrunkEvent', 'TRUNK_REGISTERED'),
    MessageEvent: event('MessageEvent', 'MESSAGE_RECEIVED'),
    UnknownEvent: '{ events(first: 1, filter: { types: [UNKNOWN] }) { nodes { ... on UnknownEvent { … } } } }',
    Order: `{ order(orderId: ${orderId}) { … } }`,
    OrderItem: `{ order(orderId: ${orderId}) { items { … } } }`,
    AvailableNumber: market('nodes { … }'),
    Wallet: '{ wallet { … } }',
    SpendingPeriod: ofClient('spending(from: "2020-01-01", to: "2029-01-01") { … }'),
    Money: ofNumber('monthlyRate { … }'),
    PageInfo: ofClient('numbers(first: 1) { pageInfo { … } }'),
    ...Object.fromEntries(
      Object.entries(connected).flatMap(([node, query]) => [
        [`${node}Connection`, query],
        [`${node}Edge`, query.replace(hole, 'edges { … }')],
      ]),
    ),
    Operation: '{ operation(idempotencyKey: "ValidationError") { … } }',
    OperationStep: '{ operation(idempotencyKey: "ValidationError") { steps { … } } }',
    Error: '{ operation(idempotencyKey: "ValidationError") { error { … } } }',
    FieldError:
      '{ operation(idempotencyKey: "ValidationError") { error { ... on ValidationError { fields { … } } } } }',
    ...Object.fromEntries(failures.map((type) => [type, failed(type)])),
    Gateway: '{ gateway { … } }',
    UpstreamBudget: '{ gateway { budget { … } } }',
    CacheStats: '{ gateway { cache { … } } }',
    SyncState: '{ gateway { sync { … } } }',
  };
}

/** What the required arguments of a field are given, by the field; nothing of anybody but `acme`. */
export function required({ acme, orderId }: World): Readonly<Record<string, string>> {
  const [number = ''] = acme.numbers;
  const id = encodeId('Number', number);
  const span = '(from: "2020-01-01", to: "2029-01-01")';
  return {
    'Query.node': `(id: "${id}")`,
    'Query.nodes': `(ids: ["${id}"])`,
    'Query.availableNumbers': '(country: "GB")',
    'Query.number': `(e164: "${number}")`,
    'Query.trunk': `(uuid: "${acme.trunks[0]}")`,
    'Query.client': `(name: "${acme.name}")`,
    'Query.order': `(orderId: ${orderId})`,
    'Query.operation': '(idempotencyKey: "ValidationError")',
    'Trunk.availability': '(from: "2026-04-01T00:00:00Z")',
    'Client.spending': span,
    'Wallet.spending': span,
  };
}

/** One field with what it needs, as shallow as it can be asked. */
export function selectionOf(world: World, type: string, field: GraphQLField<unknown, unknown>): string {
  const args = required(world)[`${type}.${field.name}`] ?? '';
  return `${field.name}${args}${isCompositeType(getNamedType(field.type)) ? ' { __typename }' : ''}`;
}

/** The object of the type in an answer, found by its mark; null where the way to it ends before. */
export function reached(data: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof data !== 'object' || data === null) return null;
  if ('reached' in data) return data as Readonly<Record<string, unknown>>;
  for (const value of Object.values(data)) {
    const found = reached(value);
    if (found !== null) return found;
  }
  return null;
}

/** Gives each viewer an operation of its own for each error, all of them alike. */
export async function recordFailures({ gateway }: World, viewers: readonly string[]): Promise<void> {
  const { db } = gateway.app.storage;
  for (const viewer of viewers)
    for (const type of failures) {
      const key = { account: 'sandbox', viewer, idempotency_key: type };
      const error = {
        type,
        code: 'SEEDED',
        message: type === 'InsufficientBalanceError' ? 'The wallet holds 12.34.' : 'It is wrong.',
        fields: [{ path: 'body', message: 'too long' }],
        numbers: ['+31201234567'],
        status: 503,
        retryAfterSeconds: 1,
        retryable: false,
      };
      await db
        .insertInto('operations')
        .values({
          ...key,
          mutation: 'sendMessage',
          fingerprint: 'f',
          input: '{}',
          status: 'FAILED',
          started_at: 1,
          finished_at: 2,
          result: null,
          error: JSON.stringify(error),
          owner: 'a run',
          findings: JSON.stringify(['Seen.']),
          review: 0,
        })
        .execute();
      await db
        .insertInto('operation_steps')
        .values({
          ...key,
          position: 0,
          name: 'send-message',
          status: 'FAILED',
          at: 1,
          sent_at: 1,
          evidence: null,
          result: null,
          looks: 0,
          looked_at: null,
          judged: null,
        })
        .execute();
    }
}
