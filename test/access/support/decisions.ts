import type { RoleName } from './roles.ts';

/**
 * Who sees what, field by field, decided here once more and by hand: a type or field that is missing here, or here and not in the
 * schema, fails the matrix. `own`: everybody, a client's viewer of its own things. `account`: whoever sees the whole account.
 * `admin`: ADMIN alone. `mutation`: only in the answers of mutations, tried there.
 */
type Audience = 'own' | 'account' | 'admin' | 'mutation';

export const fieldDecisions: Readonly<Record<string, Partial<Readonly<Record<Audience, string>>>>> = {
  Query: {
    own: 'node nodes viewer number numbers trunk trunks client clients transactions messages events operation',
    account: 'availableNumbers wallet order orders gateway',
  },
  Mutation: {
    mutation:
      'checkout assignNumber createTrunk regenerateTrunkCredentials sendMessage submitRegulatory onboardClient importNumbers assignTrunkToClient',
  },
  Subscription: { mutation: 'trunkStatus numberStatus messageReceived events' },
  Node: { own: 'id' },
  Viewer: { own: 'account role client' },
  Number: {
    own: 'id e164 didNumberId country type rawType city status statusSince regulatoryStatus smsEnabled monthlyRate setupFee trunk client messages transactions events',
    account: 'order',
  },
  Trunk: {
    own: 'id uuid sipTrunkId name sipServer username authType status rawStatus statusSince client numbers transactions events availability',
  },
  Client: { own: 'id name trunks numbers transactions messages spending' },
  Transaction: {
    own: 'id transactionId amount kind description createdAt referenceType rawReferenceType referenceId reference client',
  },
  Message: { own: 'id direction from to body status rawStatus segments cost at number client' },
  Event: { own: 'id type name source at receivedAt timeliness applied cursor', account: 'data' },
  NumberEvent: { own: 'id type name source at receivedAt timeliness applied cursor number', account: 'data' },
  TrunkEvent: { own: 'id type name source at receivedAt timeliness applied cursor trunk', account: 'data' },
  MessageEvent: { own: 'id type name source at receivedAt timeliness applied cursor message', account: 'data' },
  UnknownEvent: { account: 'id type name source at receivedAt timeliness applied cursor data' },
  Order: { account: 'id orderId items total requiresRegulatory placedAt' },
  OrderItem: { account: 'e164 didNumberId number monthlyRate setupFee' },
  AvailableNumber: {
    account: 'e164 country type rawType city monthlyRate setupFee smsEnabled requiresRegulatory',
  },
  Wallet: { account: 'balance asOf transactions spending' },
  SpendingPeriod: { own: 'start end total count complete' },
  Money: { own: 'amount currency formatted' },
  PageInfo: { own: 'hasNextPage hasPreviousPage startCursor endCursor' },
  ...connections('own', ['Number', 'Trunk', 'Client', 'Transaction', 'Message', 'Event']),
  ...connections('account', ['Order', 'AvailableNumber']),
  Operation: { own: 'idempotencyKey mutation status startedAt finishedAt steps error', account: 'findings' },
  OperationStep: { own: 'name status at' },
  Error: { own: 'message code' },
  FieldError: { own: 'path message' },
  InsufficientBalanceError: { own: 'code', account: 'message wallet' },
  NumberUnavailableError: { own: 'message code numbers' },
  ValidationError: { own: 'message code fields' },
  NotFoundError: { own: 'message code' },
  RateLimitedError: { own: 'message code retryAfterSeconds' },
  UpstreamError: { own: 'message code status retryable' },
  OutcomeUnknownError: { mutation: 'message code operation' },
  Gateway: { account: 'version budget cache sync subscribers' },
  UpstreamBudget: { account: 'limitPerMinute remaining queued resetsAt' },
  CacheStats: { account: 'entries hits misses stale' },
  SyncState: { account: 'resource asOf complete rows error' },
  TrunkStatusUpdate: { mutation: 'trunk previous at cursor' },
  CheckoutPayload: { mutation: 'order numbers wallet idempotencyKey' },
  AssignNumberPayload: { mutation: 'number trunk idempotencyKey' },
  CreateTrunkPayload: { mutation: 'trunk credentials idempotencyKey' },
  RegenerateTrunkCredentialsPayload: { mutation: 'trunk credentials idempotencyKey' },
  SendMessagePayload: { mutation: 'message idempotencyKey' },
  SubmitRegulatoryPayload: { mutation: 'number idempotencyKey' },
  OnboardClientPayload: { mutation: 'client number trunk order credentials idempotencyKey' },
  ImportNumbersPayload: { mutation: 'imported updated' },
  AssignTrunkToClientPayload: { mutation: 'trunk client' },
  TrunkCredentials: { mutation: 'sipServer username password' },
};

function connections(audience: Audience, nodes: readonly string[]) {
  return Object.fromEntries(
    nodes.flatMap((node) => [
      [`${node}Connection`, { [audience]: 'edges nodes pageInfo totalCount' }],
      [`${node}Edge`, { [audience]: 'cursor node' }],
    ]),
  );
}

/** Who sees what has this audience. */
export function sees(role: RoleName, audience: Audience): boolean {
  if (audience === 'own' || role === 'ADMIN') return true;
  return audience === 'account' && (role === 'OPERATOR' || role === 'READER');
}

/** The table as coordinates: `Number.order` → `account`. */
export function audiences(): Map<string, Audience> {
  return new Map(
    Object.entries(fieldDecisions).flatMap(([type, decided]) =>
      Object.entries(decided).flatMap(([audience, fields]) =>
        fields.split(' ').map((field): [string, Audience] => [`${type}.${field}`, audience as Audience]),
      ),
    ),
  );
}

/** Who may do what. */
export const deeds: Readonly<Record<string, readonly RoleName[]>> = {
  checkout: ['ADMIN'],
  assignNumber: ['ADMIN', 'OPERATOR'],
  createTrunk: ['ADMIN'],
  regenerateTrunkCredentials: ['ADMIN'],
  sendMessage: ['ADMIN', 'OPERATOR', 'CLIENT with send'],
  submitRegulatory: ['ADMIN', 'OPERATOR'],
  onboardClient: ['ADMIN'],
  importNumbers: ['ADMIN'],
  assignTrunkToClient: ['ADMIN'],
};
