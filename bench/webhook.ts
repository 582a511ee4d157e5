import { createHmac } from 'node:crypto';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import type { Trunk } from '../src/sandbox/world/trunks.ts';

/** A webhook as DIDfarm sends it. */
export interface Webhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function signed(event: object, secret: string): Webhook {
  const body = JSON.stringify(event);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'x-didfarm-signature': signature } };
}

/** A trunk drops, or returns. What a listing shows is so as well: the gateway would find a difference and tell it. */
export function trunkChange({ control, webhookSecret }: Sandbox, { uuid }: Trunk, timestamp: string): Webhook {
  const isOffline = control.world.trunks.byUuid(uuid)?.status === 'offline';
  const { status, name, username } = control.setTrunkStatus(uuid, isOffline ? 'registered' : 'offline');
  return signed({ event: `trunk.${status}`, timestamp, data: { trunk_uuid: uuid, name, username } }, webhookSecret);
}
