import { expect } from 'vitest';
import { accountId } from '../../../src/access/viewer.ts';
import type { Account, Log } from '../../../src/account.ts';
import { createSnapshots } from '../../../src/cache/snapshots.ts';
import { createDidfarmClient } from '../../../src/didfarm/client.ts';
import { type Bus, createBus, type Waiter } from '../../../src/events/bus.ts';
import type { Storage } from '../../../src/storage/database.ts';
import type { EventRow, MessageRow, NumberRow, TrunkRow } from '../../../src/storage/tables.ts';
import { createBodyReader } from '../../../src/webhooks/body.ts';
import { createIntake, type Intake } from '../../../src/webhooks/intake.ts';
import { createWebhookRoute } from '../../../src/webhooks/receive.ts';
import { createFakeClock, type FakeClock } from '../../support/clock.ts';
import { signatureOf } from '../../support/webhook.ts';

export const secret = 'whsec_test';
export const acme = 'trk_a1b2c3d4';
export const number = '+31201234567';

/** An account with its webhook route, on a real database and a clock that stands at noon. */
export interface Receiver {
  readonly account: Account;
  readonly bus: Bus;
  readonly intake: Intake;
  /** Those of the bus that are not closed. */
  waiters(): number;
  readonly clock: FakeClock;
  /** As DIDfarm sends it: signed over its bytes. */
  send(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** An event so many seconds after noon. */
  sendEvent(event: string, second: number, data: object): Promise<Response>;
  receive(request: Request): Promise<Response>;
  log(): Promise<EventRow[]>;
  trunk(key?: string): Promise<TrunkRow | undefined>;
  number(e164?: string): Promise<NumberRow | undefined>;
  messages(): Promise<MessageRow[]>;
  readonly warnings: readonly object[];
}

export interface ReceiverOptions {
  readonly secrets?: readonly string[];
  /** Where the account's listing is; nothing answers there by default. */
  readonly apiUrl?: string;
  readonly apiKey?: string;
}

export const noon = Date.parse('2026-04-05T12:00:00Z');

/** DIDfarm's timestamps are whole seconds. */
export function moment(second: number): string {
  return `${new Date(noon + second * 1000).toISOString().slice(0, 19)}Z`;
}

export function sign(body: string | Uint8Array, by = secret): string {
  return signatureOf(body, by);
}

export function webhook(body: string | Uint8Array, headers: Readonly<Record<string, string>>): Request {
  return new Request('http://gateway.test/webhooks/didfarm', { method: 'POST', body: Buffer.from(body), headers });
}

export function createReceiver(storage: Storage, options: ReceiverOptions = {}): Receiver {
  const { secrets = [secret], apiUrl = 'http://127.0.0.1:9/api/v1', apiKey = 'df_live_test' } = options;
  const clock = createFakeClock(noon);
  const warnings: object[] = [];
  const log: Log = { debug() {}, info() {}, warn: (fields) => void warnings.push(fields), error() {} };
  const didfarm = createDidfarmClient({
    baseUrl: apiUrl,
    regulatoryUrl: `${apiUrl}/regulatory`,
    apiKey,
    rateLimit: 60,
    clock,
    random: () => 0.5,
  });
  const snapshots = createSnapshots({ storage, clock, log, budget: () => didfarm.state().budget });
  const waiting = new Set<Waiter>();
  const bus = countingBus(waiting);
  const id = accountId('main');
  const account: Account = {
    id,
    storage,
    didfarm,
    snapshots,
    clock,
    log,
    attribute: async () => undefined,
    wake: () => bus.wake(id),
  };
  const intake = createIntake({ account, bus });
  const receive = createWebhookRoute({ readBody: createBodyReader(), account, secrets, intake });
  const send: Receiver['send'] = (body, headers) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return receive(webhook(text, { 'x-didfarm-signature': sign(text), ...headers }));
  };

  return {
    account,
    bus,
    intake,
    waiters: () => waiting.size,
    clock,
    receive,
    send,
    sendEvent: (event, second, data) => send({ event, timestamp: moment(second), data }),
    log: () => storage.db.selectFrom('events').selectAll().orderBy('seq').execute(),
    trunk: (key = acme) => storage.db.selectFrom('trunks').selectAll().where('trunk_key', '=', key).executeTakeFirst(),
    number: (e164 = number) => storage.db.selectFrom('numbers').selectAll().where('e164', '=', e164).executeTakeFirst(),
    messages: () => storage.db.selectFrom('messages').selectAll().orderBy('at').execute(),
    warnings,
  };
}

function countingBus(waiting: Set<Waiter>): Bus {
  const bus = createBus();
  return {
    ...bus,
    waiter(account) {
      const waiter = bus.waiter(account);
      const counted: Waiter = {
        woken: waiter.woken,
        close() {
          waiting.delete(counted);
          waiter.close();
        },
      };
      waiting.add(counted);
      return counted;
    },
  };
}

/** The payload of the guide. */
export const activated = {
  event: 'number.activated',
  timestamp: moment(0),
  data: { number, country: 'NL', type: 'local', trunk_uuid: acme, order_id: 1042 },
};

export async function expectNothingWritten(receiver: Receiver): Promise<void> {
  const { db } = receiver.account.storage;
  for (const table of ['events', 'trunks', 'numbers', 'orders', 'messages'] as const)
    expect(await db.selectFrom(table).selectAll().execute()).toEqual([]);
}
