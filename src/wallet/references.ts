/** ReferenceType of the graph: what of the picture a transaction is about. */
export type ReferenceType = 'ORDER' | 'NUMBER' | 'TRUNK' | 'UNKNOWN';

/** One thing that transactions refer to, as DIDfarm names it. */
export interface Reference {
  readonly type: ReferenceType;
  readonly id: string;
}

const words: readonly (readonly [RegExp, ReferenceType])[] = [
  [/^orders?$/, 'ORDER'],
  [/^((did)?numbers?|dids?)$/, 'NUMBER'],
  [/^(sip)?trunks?$/, 'TRUNK'],
];

/**
 * DIDfarm publishes "order, number, or trunk"; a class name (`App\Models\DidNumber`) or `sip_trunk` says the same.
 * Any other word is unknown, also one that ends so: a `payment_order` is a top-up.
 */
export function referenceType(raw: string | null): ReferenceType {
  const word =
    raw
      ?.split('\\')
      .at(-1)
      ?.toLowerCase()
      .replace(/[^a-z]/g, '') ?? '';
  return words.find(([form]) => form.test(word))?.[1] ?? 'UNKNOWN';
}

/** The order that an ORDER reference names; null where it names none that could be. */
export function orderIdIn(reference: Reference): number | null {
  return reference.type === 'ORDER' && /^\d{1,15}$/.test(reference.id) ? Number(reference.id) : null;
}

/** Two references are the same where these are. */
export function referenceKey(reference: Reference): string {
  return `${reference.type} ${reference.id}`;
}

/** What a number may be referred to by: its did_number_id, or its digits with or without the plus. */
export function namesOfNumber(number: { readonly e164: string; readonly did_number_id: number | null }): string[] {
  return [...(number.did_number_id === null ? [] : [String(number.did_number_id)]), number.e164, number.e164.slice(1)];
}

/** What a trunk may be referred to by: its sip_trunk_id or its uuid. */
export function namesOfTrunk(trunk: { readonly sip_trunk_id: number | null; readonly uuid: string | null }): string[] {
  return [...(trunk.sip_trunk_id === null ? [] : [String(trunk.sip_trunk_id)]), ...(trunk.uuid ? [trunk.uuid] : [])];
}
