import { afterEach, beforeEach } from 'vitest';
import { type ClientKey, clientKey } from '../../../src/access/viewer.ts';
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import type { OpenDatabase } from '../../support/databases.ts';
import { callerOf } from './graph.ts';
import { createReceiver, type Receiver } from './receiver.ts';

/** A receiver whose account has three trunks of three clients, listed by a sandbox. */
export interface ListedReceiver extends Receiver {
  readonly uuids: readonly string[];
  uuid(index: number): string;
  register(second: number, index?: number): Promise<Response>;
  drop(second: number, index?: number): Promise<Response>;
  clientOf(index: number): Promise<ClientKey>;
  /** Calls that DIDfarm has seen. */
  calls(): number;
}

/** For the tests of one file: a new sandbox for each of them. */
export function eachWithSandbox(): (open: OpenDatabase) => Promise<ListedReceiver> {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = createSandbox({ trunks: 3, numbers: 2, transactions: 0, rateLimit: null });
    await sandbox.listen();
  });
  afterEach(() => sandbox.close());

  return async (open) => {
    const receiver = createReceiver(await open(), { apiUrl: sandbox.apiUrl, apiKey: sandbox.apiKey });
    const { trunks } = await callerOf(receiver).ask<{ trunks: { nodes: { uuid: string }[] } }>(
      '{ trunks { nodes { uuid } } }',
    );
    const uuids = trunks.nodes.map((trunk) => trunk.uuid);
    const uuid = (index: number) => uuids[index] ?? '';
    return {
      ...receiver,
      uuids,
      uuid,
      register: (second, index = 0) => receiver.sendEvent('trunk.registered', second, { trunk_uuid: uuid(index) }),
      drop: (second, index = 0) => receiver.sendEvent('trunk.offline', second, { trunk_uuid: uuid(index) }),
      clientOf: async (index) => clientKey((await receiver.trunk(uuid(index)))?.client_key ?? ''),
      calls: () => sandbox.control.calls().total,
    };
  };
}
