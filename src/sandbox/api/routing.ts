import { z } from 'zod';
import { ApiError, notFound } from '../api-error.ts';
import type { Route } from '../http/router.ts';
import { validate } from './validation.ts';

const schema = z.object({ did_number_id: z.int(), sip_trunk_id: z.int() });

/** Connect guide, "Assign to a Trunk". The answer is unpublished: here what was assigned to what. */
export const routingRoute: Route = {
  method: 'POST',
  path: '/portal/did-routing',
  handle({ account, wire, body }) {
    const asked = validate(schema, body);
    const number = account.numbers.byId(asked.did_number_id);
    if (!number) throw notFound('Number');
    const trunk = account.trunks.byId(asked.sip_trunk_id);
    if (!trunk) throw notFound('Trunk');
    if (number.status === 'released') throw new ApiError(422, 'number_released', 'The number was released.');
    account.numbers.change(number.id, { trunkId: trunk.id });
    const data = wire.resource('routing', {
      did_number_id: number.id,
      sip_trunk_id: trunk.id,
      number: number.e164,
      trunk_uuid: trunk.uuid,
    });
    return { status: 200, body: wire.one(data) };
  },
};
