import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Call, Route } from '../http/router.ts';
import type { Wire } from '../http/wire.ts';
import type { Message } from '../world/messages.ts';
import { askedPage } from './paging.ts';
import { validate } from './validation.ts';

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number');

const sendSchema = z
  .object({
    from: e164.optional(),
    from_number_id: z.int().optional(),
    to: e164,
    // In code points, as Laravel counts.
    body: z
      .string()
      .min(1)
      .refine((body) => [...body].length <= 1600, 'must not be greater than 1600 characters'),
    status_callback_url: z.url().optional(),
  })
  .refine((body) => body.from !== undefined || body.from_number_id !== undefined, {
    path: ['from'],
    message: 'is required without from_number_id',
  });

function present(wire: Wire, message: Message) {
  return wire.resource('message', {
    id: message.id,
    from: message.from,
    to: message.to,
    body: message.body,
    direction: message.direction,
    status: wire.word(message.status, 'rerouted'),
    segments: message.segments,
    cost: wire.euros(message.cost, wire.variants.messageCostAs),
    currency: 'EUR',
    carrier: 'sandbox',
    created_at: wire.time(message.createdAt),
  });
}

function send({ account, wire, body }: Call) {
  const asked = validate(sendSchema, body);
  const from = asked.from ?? account.numbers.byId(asked.from_number_id ?? 0)?.e164;
  if (!from) throw new ApiError(422, 'invalid_sender', `Number ${asked.from_number_id} is not one of your numbers.`);
  return { status: 201, body: wire.one(present(wire, account.messages.send(from, asked.to, asked.body))) };
}

const listSchema = z.object({
  direction: z.enum(['inbound', 'outbound']).optional(),
  status: z.enum(['queued', 'sent', 'delivered', 'failed', 'received']).optional(),
  number_id: z.coerce.number().int().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  since: z.iso.datetime({ offset: true }).optional(),
});

/** SMS API page, "List messages": newest first, with its filters. */
function list(call: Call) {
  const asked = validate(listSchema, Object.fromEntries(call.query));
  const since = asked.since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(asked.since);
  const wanted = call.account.messages
    .all()
    .filter((message) => message.createdAt >= since)
    .filter((message) => asked.number_id === undefined || message.numberId === asked.number_id)
    .filter((message) =>
      (['direction', 'status', 'from', 'to'] as const).every(
        (field) => asked[field] === undefined || message[field] === asked[field],
      ),
    );
  const page = askedPage(call, wanted.length);
  const rows = wanted.slice(page.offset, page.offset + page.perPage).map((message) => present(call.wire, message));
  return { status: 200, body: call.wire.list(rows, page) };
}

/** The account's numbers that can send. The page names this call without its shape. */
function listNumbers(call: Call) {
  const wanted = call.account.numbers
    .all()
    .filter((number) => number.smsEnabled && number.status === 'active')
    .toArray();
  const page = askedPage(call, wanted.length);
  const rows = wanted
    .slice(page.offset, page.offset + page.perPage)
    .map((number) => call.wire.resource('sms_number', { id: number.id, number: number.e164, country: number.country }));
  return { status: 200, body: call.wire.list(rows, page) };
}

/** Connect guide, "Send Messages for Clients", and DIDfarm's SMS API page. */
export const messageRoutes: readonly Route[] = [
  { method: 'POST', path: '/messages/send', handle: send },
  { method: 'POST', path: '/sms/messages', handle: send },
  { method: 'GET', path: '/sms/messages', handle: list },
  { method: 'GET', path: '/sms/numbers', handle: listNumbers },
];
