import { expect } from 'vitest';
import type { Variants } from '../../src/sandbox/variants.ts';
import type { Facts } from './facts.ts';

/** The mutations that reach DIDfarm, in an order in which one builds on the other. */
export const deeds = [
  'checkout',
  'assignNumber',
  'createTrunk',
  'regenerateTrunkCredentials',
  'sendMessage',
  'submitRegulatory',
  'onboardClient',
] as const;

export type Deed = (typeof deeds)[number];

/** The mutations whose answer is cut off once the work is done. */
export type Lost = 'checkout' | 'createTrunk' | 'assignNumber' | 'sendMessage';

/** What DIDfarm refuses: a number that is sold, a wallet that is short, a type that is another, and a call too many. */
export type Refused = 'gone' | 'poor' | 'mismatched' | 'limited';

/** What a variant makes of the mutations where it is not what it usually is. Facts with a `__typename` stand for a whole answer. */
export interface Differences {
  readonly done?: Partial<Readonly<Record<Deed, Facts>>>;
  /** What events have said of the number that was bought. */
  readonly told?: Facts;
  readonly refused?: Partial<Readonly<Record<Refused, Facts>>>;
  /** UNKNOWN: it stays so, since nothing tells for certain. Facts: how it is refused before it is sent. */
  readonly lost?: Partial<Readonly<Record<Lost, 'UNKNOWN' | Facts>>>;
}

/** One value of a switch, tried by itself. */
export interface VariantCase {
  readonly name: string;
  readonly variants: Partial<Variants>;
  readonly differences: Differences;
}

type Tried<Value> = readonly (readonly [Value, Differences?])[];

const unknownOutcome = { __typename: 'OutcomeUnknownError', code: 'OUTCOME_UNKNOWN' };
const numberWithoutId = { __typename: 'ValidationError', code: 'NUMBER_ID_UNKNOWN', 'fields.0.path': 'number' };
const trunkWithoutId = { __typename: 'ValidationError', code: 'TRUNK_ID_UNKNOWN', 'fields.0.path': 'trunk' };
const unreadable = { __typename: 'UpstreamError', retryable: true, status: 200 };
const withoutFields = {
  code: 'VALIDATION_FAILED',
  'fields.0.path': undefined,
  'fields.0.message': undefined,
};
const unsaid = { __typename: 'ValidationError', code: 'VALIDATION_FAILED' };
const unregulated = { 'order.requiresRegulatory': false, 'bought.0.regulatoryStatus': 'UNKNOWN' };
const undescribed = { 'credentials.sipServer': null, 'credentials.username': null, 'trunk.username': null };

/** Fields that no call depends on. */
const optional = [
  'city',
  'currency',
  'sms_enabled',
  'requires_regulatory',
  'sip_server',
  'username',
  'auth_type',
  'status',
  'description',
  'created_at',
  'transaction.type',
  'reference_type',
  'reference_id',
  'cost',
  'segments',
  'carrier',
  'message.id',
  'regulatory.id',
  'routing.did_number_id',
  'routing.sip_trunk_id',
];
/** Its charge cannot be told from another's, or cannot be read at all. */
const obscure = { checkout: 'UNKNOWN', sendMessage: 'UNKNOWN' } as const;
const withoutOptional: Differences = {
  lost: obscure,
  done: {
    checkout: { ...unregulated, 'bought.0.city': null, 'bought.0.smsEnabled': null },
    createTrunk: { ...undescribed, 'trunk.sipServer': null, 'trunk.status': 'UNKNOWN' },
    regenerateTrunkCredentials: undescribed,
    sendMessage: {
      'text.status': 'UNKNOWN',
      'text.rawStatus': null,
      'text.cost': null,
      'text.cost.amount': undefined,
      'text.cost.currency': undefined,
    },
    onboardClient: undescribed,
  },
};

/** The values that are tried of each switch. */
export const tried: { readonly [Switch in keyof Variants]: Tried<Variants[Switch]> } = {
  envelope: [['bare']],
  paging: [['pages'], ['page-number'], ['total-only'], ['top-level'], ['none']],
  beyondLastPage: [['repeat']],
  perPage: [[3]],
  trunkIdentity: [
    [
      'id',
      {
        done: {
          assignNumber: trunkWithoutId,
          // The list of numbers names a trunk by the uuid that no listing carries.
          sendMessage: { 'text.client.name': expect.stringMatching(/^trk_/) },
        },
        lost: { assignNumber: trunkWithoutId },
      },
    ],
    ['uuid', { done: { assignNumber: trunkWithoutId }, lost: { assignNumber: trunkWithoutId } }],
  ],
  createdTrunkIdentity: [['uuid', { done: { createTrunk: { 'trunk.sipTrunkId': null } } }]],
  trunkStatus: [['active'], ['unknown', { done: { createTrunk: { 'trunk.status': 'UNKNOWN' } } }]],
  ratesAs: [['string']],
  balanceAs: [['number']],
  amountsAs: [['number']],
  messageCostAs: [['string']],
  timestamps: [['offset'], ['milliseconds'], ['microseconds'], ['fraction-offset']],
  errors: [
    ['string', { refused: { mismatched: withoutFields } }],
    ['laravel', { refused: { mismatched: { code: 'VALIDATION_FAILED' } } }],
    ['message', { refused: { mismatched: withoutFields } }],
    ['empty', { refused: { gone: unsaid, poor: unsaid, mismatched: withoutFields } }],
  ],
  rateLimitHeaders: [['all'], ['absent']],
  retryAfter: [['date'], ['absent', { refused: { limited: { retryAfterSeconds: 59.8 } } }]],
  rateLimitWindow: [['sliding']],
  signature: [['base64']],
  signaturePrefix: [[true]],
  eventTrunk: [['null', { lost: { assignNumber: 'UNKNOWN' } }]],
  requiresRegulatory: [['top'], ['item'], ['absent', { done: { checkout: unregulated } }]],
  unknownEnums: [
    [
      true,
      {
        done: {
          checkout: { 'bought.0.type': 'UNKNOWN', 'bought.0.rawType': 'shared-cost' },
          createTrunk: { 'trunk.status': 'UNKNOWN' },
          sendMessage: { 'text.status': 'UNKNOWN', 'text.rawStatus': 'rerouted' },
        },
        lost: obscure,
      },
    ],
  ],
  extraFields: [[true]],
  missingFields: [
    [optional, withoutOptional],
    [['item.number']],
    [
      ['item.did_number_id'],
      {
        done: {
          checkout: { 'bought.0.didNumberId': null, 'order.items.0.didNumberId': null },
          assignNumber: numberWithoutId,
          onboardClient: numberWithoutId,
        },
      },
    ],
    [
      ['order.items'],
      {
        done: {
          checkout: {
            'bought.0.city': null,
            'bought.0.didNumberId': null,
            'bought.0.smsEnabled': null,
            'bought.0.monthlyRate': null,
            'bought.0.monthlyRate.amount': undefined,
            'order.total': null,
            'order.total.amount': undefined,
            'order.items.0.didNumberId': null,
            'order.items.0.monthlyRate': null,
            'order.items.0.monthlyRate.amount': undefined,
            'order.items.0.setupFee': null,
            'order.items.0.setupFee.amount': undefined,
          },
          assignNumber: numberWithoutId,
          onboardClient: numberWithoutId,
        },
      },
    ],
    [
      ['order.order_id'],
      {
        done: { checkout: unknownOutcome, assignNumber: numberWithoutId, onboardClient: unknownOutcome },
      },
    ],
    [
      ['created_trunk.password'],
      {
        done: {
          createTrunk: unknownOutcome,
          regenerateTrunkCredentials: unknownOutcome,
          onboardClient: unknownOutcome,
        },
      },
    ],
    [
      ['trunk.name'],
      {
        done: {
          assignNumber: unreadable,
          createTrunk: unreadable,
          sendMessage: { 'text.client': 'UPSTREAM_BAD_RESPONSE', 'text.client.name': undefined },
          onboardClient: unreadable,
        },
        lost: { createTrunk: unreadable, assignNumber: unreadable },
      },
    ],
    // Without its price an order is not recognised.
    [['number.monthly_rate'], { done: { onboardClient: unreadable }, lost: { checkout: 'UNKNOWN' } }],
    [
      ['balance'],
      {
        done: {
          checkout: { wallet: null, 'wallet.balance': 'UPSTREAM_BAD_RESPONSE', 'wallet.balance.amount': undefined },
        },
        refused: {
          poor: { wallet: null, 'wallet.balance': 'UPSTREAM_BAD_RESPONSE', 'wallet.balance.amount': undefined },
        },
      },
    ],
    [['transaction.id'], { lost: obscure }],
    [['transaction.amount'], { lost: obscure }],
    [
      ['event.number'],
      { told: { status: 'PROVISIONING', regulatoryStatus: 'SUBMITTED' }, lost: { assignNumber: 'UNKNOWN' } },
    ],
    [['event.order_id']],
    [['event.trunk_uuid'], { lost: { assignNumber: 'UNKNOWN' } }],
  ],
  nullFields: [[optional, withoutOptional]],
};

/** Values that matter together. */
const together: readonly VariantCase[] = [
  {
    name: 'pages that tell nothing and never end',
    variants: { envelope: 'bare', paging: 'none', beyondLastPage: 'repeat', perPage: 3 },
    differences: {},
  },
  {
    name: 'no word of the limit',
    variants: { rateLimitHeaders: 'absent', retryAfter: 'absent' },
    differences: { refused: { limited: { retryAfterSeconds: 1 } } },
  },
  {
    name: 'trunks without their numbers',
    variants: { trunkIdentity: 'uuid', createdTrunkIdentity: 'uuid' },
    differences: {
      done: {
        assignNumber: trunkWithoutId,
        createTrunk: { 'trunk.sipTrunkId': null },
        onboardClient: trunkWithoutId,
      },
      lost: { assignNumber: trunkWithoutId },
    },
  },
];

/** Every value of every switch by itself, and some together. */
export const variantCases: readonly VariantCase[] = [
  { name: 'as the guide has it', variants: {}, differences: {} },
  ...Object.entries(tried).flatMap(([name, values]) =>
    (values as Tried<unknown>).map(([value, differences = {}]) => ({
      name: `${name}: ${String(value)}`,
      variants: { [name]: value },
      differences,
    })),
  ),
  ...together,
];
