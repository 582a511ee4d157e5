import type { Asking } from '../../support/viewers.ts';
import { viewerOf } from '../../support/viewers.ts';
import type { World } from './world.ts';

export const roles = ['ADMIN', 'OPERATOR', 'READER', 'CLIENT', 'CLIENT with send'] as const;
export type RoleName = (typeof roles)[number];

/** A viewer of each role; the clients' are of `acme`. */
export function everyRole({ gateway, acme }: World): Readonly<Record<RoleName, Asking>> {
  const client = acme.name;
  return {
    ADMIN: gateway.as(viewerOf('ADMIN')),
    OPERATOR: gateway.as(viewerOf('OPERATOR')),
    READER: gateway.as(viewerOf('READER')),
    CLIENT: gateway.as(viewerOf('CLIENT', { name: 'portal', client })),
    'CLIENT with send': gateway.as(viewerOf('CLIENT', { name: 'texting portal', client, send: true })),
  };
}
