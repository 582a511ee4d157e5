import { z } from 'zod';
import { notFound } from '../api-error.ts';
import type { Route } from '../http/router.ts';
import type { Account } from '../world/account.ts';
import { validate } from './validation.ts';

const file = z.looseObject({
  type: z.enum(['application/pdf', 'image/jpeg', 'image/png']),
  size: z.int().min(1),
});

const schema = z
  .looseObject({
    did_number_id: z.coerce.number().int().optional(),
    number: z.string().optional(),
    order_id: z.coerce.number().int().optional(),
    documents: z.array(z.looseObject({ type: z.string().optional(), file: file.optional() })).min(1),
  })
  .refine((body) => (body.did_number_id ?? body.number ?? body.order_id) !== undefined, {
    path: ['did_number_id'],
    message: 'is required without number and order_id',
  });

/**
 * Connect guide, "How do I handle regulatory requirements via API?". The body is unpublished: here JSON or a form
 * that names a number (by id or E.164) or an order, and at least one document; in a form each with its file. The decision follows a minute later as an event.
 */
export const regulatoryRoute: Route = {
  method: 'POST',
  path: '/api/regulatory/submit',
  handle({ account, wire, body }) {
    const asked = validate(schema, body);
    const named = asked.number === undefined ? asked.did_number_id : account.numbers.byE164(asked.number)?.id;
    const ids = asked.order_id === undefined ? [named ?? 0] : idsOfOrder(account, asked.order_id);
    const submission = account.regulatory.submit(ids, asked.documents);
    const data = wire.resource('regulatory', {
      id: submission.id,
      status: wire.word('submitted', 'escalated'),
      did_number_ids: submission.numberIds,
    });
    return { status: 201, body: wire.one(data) };
  },
};

/** The numbers of an order that wait for documents; all of them where none does, so that the refusal says why. */
function idsOfOrder({ orders, numbers }: Account, orderId: number): readonly number[] {
  const order = orders.live().find(({ id }) => id === orderId);
  if (!order) throw notFound('Order');
  const ids = order.numbers.map(({ id }) => id);
  const waiting = ids.filter((id) => ['required', 'rejected'].includes(numbers.byId(id)?.regulatoryStatus ?? ''));
  return waiting.length > 0 ? waiting : ids;
}
