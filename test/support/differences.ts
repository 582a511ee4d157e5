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

/** One of them. */
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

/** Nobody knows whether it was done. */
export const unknownOutcome = { __typename: 'OutcomeUnknownError', code: 'OUTCOME_UNKNOWN' };
/** Routing takes DIDfarm's id of the number alone, and it is not known. */
export const numberWithoutId = { __typename: 'ValidationError', code: 'NUMBER_ID_UNKNOWN', 'fields.0.path': 'number' };
/** Likewise of the trunk. */
export const trunkWithoutId = { __typename: 'ValidationError', code: 'TRUNK_ID_UNKNOWN', 'fields.0.path': 'trunk' };
/** DIDfarm answered, and the answer lacks what it must have. */
export const unreadable = { __typename: 'UpstreamError', retryable: true, status: 200 };
/** A refusal that names no field. */
export const withoutFields = {
  code: 'VALIDATION_FAILED',
  'fields.0.path': undefined,
  'fields.0.message': undefined,
};
/** A refusal without a word. */
export const unsaid = { __typename: 'ValidationError', code: 'VALIDATION_FAILED' };
/** No word of documents: whether the number needs them stays open. */
export const unregulated = { 'order.requiresRegulatory': false, 'bought.0.regulatoryStatus': 'UNKNOWN' };
const undescribed = { 'credentials.sipServer': null, 'credentials.username': null, 'trunk.username': null };

/** Fields that no call depends on. */
export const optional = [
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
export const obscure = { checkout: 'UNKNOWN', sendMessage: 'UNKNOWN' } as const;
/** What is left where they are missing. */
export const withoutOptional: Differences = {
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
