import { afterEach, beforeEach } from 'vitest';
import { type ClientKey, clientKey } from '../../../src/access/viewer.ts';
import { createSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import type { OpenDatabase } from '../../support/databases.ts';
import { callerOf } from './graph.ts';
import { createReceiver, type Receiver } from './receiver.ts';

/** A receiver whose account has three trunks of three clients, listed by a sandbox. */
export interface ListedReceiver extends Receiver {
  readonly sandbox: Sandbox;
  readonly uuids: readonly string[];
  uuid(index: number): string;
  /** The trunk's listing and a webhook say that it changed, so many seconds after noon. */
  register(second: number, index?: number): Promise<Response>;
  drop(second: number, index?: number): Promise<Response>;
  /** Its listing alone says so: the webhook is lost, or late. */
  list(status: 'registered' | 'offline', index?: number): void;
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
    const tell = (status: 'registered' | 'offline') => (second: number, index?: number) => {
      list(status, index);
      return receiver.sendEvent(`trunk.${status}`, second, { trunk_uuid: uuid(index ?? 0) });
    };
    const list: ListedReceiver['list'] = (status, index = 0) => {
      const { trunks: all } = sandbox.control.world;
      const trunk = all.byUuid(uuid(index));
      if (trunk !== undefined) all.setStatus(trunk, status);
    };
    return {
      ...receiver,
      sandbox,
      uuids,
      uuid,
      register: tell('registered'),
      drop: tell('offline'),
      list,
      clientOf: async (index) => clientKey((await receiver.trunk(uuid(index)))?.client_key ?? ''),
      calls: () => sandbox.control.calls().total,
    };
  };
}
