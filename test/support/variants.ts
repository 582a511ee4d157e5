import { expect } from 'vitest';
import type { Variants } from '../../src/sandbox/variants.ts';
import {
  type Differences,
  numberWithoutId,
  obscure,
  optional,
  trunkWithoutId,
  unknownOutcome,
  unreadable,
  unregulated,
  unsaid,
  withoutFields,
  withoutOptional,
} from './differences.ts';

/** One value of a switch, tried by itself. */
export interface VariantCase {
  readonly name: string;
  readonly variants: Partial<Variants>;
  readonly differences: Differences;
}

type Tried<Value> = readonly (readonly [Value, Differences?])[];

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
