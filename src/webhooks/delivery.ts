import { createHash } from 'node:crypto';
import { z } from 'zod';
import { optionalTime } from '../didfarm/shapes/fields.ts';
import { type EventType, eventType } from '../events/catalogue.ts';
import { type Data, readNumberPayload } from './payloads.ts';
import { WebhookRefusal } from './refusal.ts';

/** What a webhook says. `at` is its own timestamp in epoch milliseconds. */
export interface Delivery {
  readonly name: string;
  readonly type: EventType;
  readonly at: number;
  readonly data: Data;
  /** SHA-256 of the bytes, hex: a retry carries the same. */
  readonly digest: string;
}

/** Far more than any payload has; what is deeper could not be written out again. */
const deepest = 32;

const envelope = z.object({
  event: z.string().regex(/^[\x21-\x7e]{1,100}$/, 'is no name of an event'),
  timestamp: optionalTime.refine((time) => time !== null, 'is no moment in RFC 3339').transform(Number),
  data: z
    .custom<Data>((data) => typeof data === 'object' && data !== null && !Array.isArray(data), 'is no object')
    .refine((data) => isWithin(data, deepest), 'is nested too deeply')
    .nullish()
    .transform((data) => data ?? {}),
});

/** Reads a body whose signature is right (Connect guide, "Webhooks"). @throws WebhookRefusal 400 or 422 naming the field. */
export function readDelivery(body: Uint8Array): Delivery {
  const parsed = envelope.safeParse(parse(body));
  if (!parsed.success) throw misshapen(parsed.error);
  const { event: name, timestamp: at, data } = parsed.data;
  const type = eventType(name);
  if (type.startsWith('NUMBER_') && readNumberPayload(data).e164 === null)
    throw new WebhookRefusal(422, 'data.number', '"data.number" is no phone number in E.164.');
  return { name, type, at, data, digest: createHash('sha256').update(body).digest('hex') };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new WebhookRefusal(400, null, 'The body is no JSON.', { cause: error });
  }
}

function misshapen(error: z.ZodError): WebhookRefusal {
  const [issue] = error.issues;
  const field = issue?.path.join('.') || null;
  return new WebhookRefusal(422, field, field === null ? 'The body is no object.' : `"${field}" ${issue?.message}.`);
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isWithin(inner, depth - 1));
}
