import { z } from 'zod';
import { notFound } from '../api-error.ts';
import type { Route } from '../http/router.ts';
import type { Wire } from '../http/wire.ts';
import { trunkEvent } from '../world/events.ts';
import type { Credentials, Trunk, TrunkStatus } from '../world/trunks.ts';
import { askedPage } from './paging.ts';
import { validate } from './validation.ts';

const activeWords = { provisioning: 'provisioning', registered: 'active', offline: 'inactive' };

function statusWord(wire: Wire, status: TrunkStatus): string {
  if (wire.variants.trunkStatus === 'unknown') return `tr_${status}`;
  return wire.word(wire.variants.trunkStatus === 'active' ? activeWords[status] : status, 'degraded');
}

function identity(trunk: Trunk, carried: 'both' | 'id' | 'uuid') {
  return {
    ...(carried === 'uuid' ? {} : { id: trunk.id }),
    ...(carried === 'id' ? {} : { uuid: trunk.uuid }),
  };
}

/** Connect guide, "List Trunks": the rows are unpublished, here a created trunk without its password. */
const list: Route = {
  method: 'GET',
  path: '/portal/sip-trunks',
  handle(call) {
    const { account, wire } = call;
    const all = account.trunks.all();
    const page = askedPage(call, all.length);
    const rows = all.slice(page.offset, page.offset + page.perPage).map((trunk) =>
      wire.resource('trunk', {
        ...identity(trunk, wire.variants.trunkIdentity),
        name: trunk.name,
        auth_type: trunk.authType,
        sip_server: trunk.sipServer,
        username: trunk.username,
        status: statusWord(wire, trunk.status),
        created_at: wire.time(trunk.createdAt),
      }),
    );
    return { status: 200, body: wire.list(rows, page) };
  },
};

const schema = z.object({ name: z.string().trim().min(1).max(255), auth_type: z.enum(['digest', 'ip']) });

function credentials(wire: Wire, { trunk, password }: Credentials): unknown {
  const fields = wire.resource('created_trunk', {
    ...identity(trunk, wire.variants.createdTrunkIdentity),
    name: trunk.name,
    sip_server: trunk.sipServer,
    username: trunk.username,
    password,
    status: statusWord(wire, trunk.status),
  });
  return wire.one(fields);
}

/** Connect guide, "Create Client SIP Trunks". The password is in this answer only. */
const create: Route = {
  method: 'POST',
  path: '/portal/sip-trunks',
  handle({ account, wire, body }) {
    const { name, auth_type } = validate(schema, body);
    return { status: 201, body: credentials(wire, account.trunks.create(name, auth_type)) };
  },
};

/** Connect guide, "Regenerate Credentials": the client's PBX is disconnected, which `trunk.offline` tells. */
const regenerate: Route = {
  method: 'POST',
  path: '/portal/sip-trunks/{uuid}/regenerate-credentials',
  handle({ account, wire, params }) {
    const { uuid = '' } = params;
    const before = account.trunks.byUuid(uuid);
    if (!before) throw notFound('Trunk');
    const renewed = account.trunks.regenerate(before);
    if (before.status === 'registered') account.emit('trunk.offline', trunkEvent(renewed.trunk));
    return { status: 200, body: credentials(wire, renewed) };
  },
};

/** Calls about SIP trunks. */
export const trunkRoutes: readonly Route[] = [list, create, regenerate];
