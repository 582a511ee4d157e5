import { z } from 'zod';
import { optionalText, optionalWhole } from '../didfarm/shapes/fields.ts';

/** A webhook's `data`: published for `number.activated` alone. */
export type Data = Readonly<Record<string, unknown>>;

/** What an event says of a number; null where it says nothing, or nothing that can be read. */
export interface NumberPayload {
  readonly e164: string | null;
  readonly didNumberId: number | null;
  readonly country: string | null;
  readonly rawType: string | null;
  readonly trunkUuid: string | null;
  readonly orderId: number | null;
}

/** Which trunk an event is about. */
export interface TrunkPayload {
  readonly uuid: string | null;
  readonly sipTrunkId: number | null;
}

/** A text that came in. */
export interface MessagePayload {
  readonly messageId: string | null;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly segments: number | null;
  readonly trunkUuid: string | null;
}

/** The graph's Int. */
const largestId = 2_147_483_647;

const e164 = optionalText.transform((text) => (text === null ? null : asE164(text)));
const id = optionalWhole.transform((whole) => (whole !== null && whole > 0 && whole <= largestId ? whole : null));
const uuid = optionalText.transform((text) => (text !== null && /^[\w.:-]{1,100}$/.test(text) ? text : null));
const country = optionalText.transform((text) =>
  text !== null && /^[a-z]{2}$/i.test(text) ? text.toUpperCase() : null,
);
// PostgreSQL holds no NUL in a text.
const plainText = optionalText.transform((text) => text?.replaceAll('\0', '') ?? null);

const numberPayload = z
  .object({
    number: e164,
    e164,
    did_number: e164,
    did_number_id: id,
    country,
    type: plainText,
    trunk_uuid: uuid,
    order_id: id,
  })
  .transform(
    (data): NumberPayload => ({
      e164: data.number ?? data.e164 ?? data.did_number,
      didNumberId: data.did_number_id,
      country: data.country,
      rawType: data.type,
      trunkUuid: data.trunk_uuid,
      orderId: data.order_id,
    }),
  );

const trunkPayload = z
  .object({ trunk_uuid: uuid, uuid, sip_trunk_uuid: uuid, sip_trunk_id: id, trunk_id: id, id })
  .transform(
    (data): TrunkPayload => ({
      uuid: data.trunk_uuid ?? data.uuid ?? data.sip_trunk_uuid,
      sipTrunkId: data.sip_trunk_id ?? data.trunk_id ?? data.id,
    }),
  );

const messagePayload = z.object({
  id: plainText,
  message_id: plainText,
  uuid: plainText,
  sms_id: plainText,
  from: plainText,
  from_number: plainText,
  sender: plainText,
  source: plainText,
  to: plainText,
  to_number: plainText,
  recipient: plainText,
  destination: plainText,
  number: plainText,
  did_number: plainText,
  body: plainText,
  text: plainText,
  message: plainText,
  content: plainText,
  segments: id,
  trunk_uuid: uuid,
});

/** `number.activated` as published (Connect guide, "Webhooks"); the others are read as if they carried the same. */
export const readNumberPayload = (data: Data): NumberPayload => numberPayload.parse(data);

/** Unpublished: the trunk under the names that it has elsewhere. */
export const readTrunkPayload = (data: Data): TrunkPayload => trunkPayload.parse(data);

/** Unpublished: sender, recipient and text under their likely names; null where one of them is not found. */
export function readMessagePayload(data: Data): MessagePayload | null {
  const inner = data['message'] ?? data['sms'];
  const read = messagePayload.parse(typeof inner === 'object' && inner !== null ? { ...data, ...inner } : data);
  const from = read.from ?? read.from_number ?? read.sender ?? read.source;
  const to = read.to ?? read.to_number ?? read.recipient ?? read.destination ?? read.number ?? read.did_number;
  const body = read.body ?? read.text ?? read.message ?? read.content;
  if (from === null || to === null) return null;
  return {
    messageId: read.id ?? read.message_id ?? read.uuid ?? read.sms_id,
    from: asE164(from) ?? from,
    to: asE164(to) ?? to,
    body: body ?? '',
    segments: read.segments,
    trunkUuid: read.trunk_uuid,
  };
}

/** "+31 20 123 4567" and "31201234567" as "+31201234567"; null where it is no number, such as a sender's name. */
export function asE164(text: string): string | null {
  const digits = text.replace(/[\s().-]/g, '');
  return /^\+?[1-9]\d{6,14}$/.test(digits) ? `+${digits.replace('+', '')}` : null;
}
