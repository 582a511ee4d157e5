import type { Transaction } from 'kysely';
import type { AccountId } from './access/viewer.ts';
import type { Snapshots } from './cache/snapshots.ts';
import type { Clock } from './clock.ts';
import type { DidfarmClient } from './didfarm/client.ts';
import type { Storage } from './storage/database.ts';
import type { Tables } from './storage/tables.ts';

/** What the rules need to say about upstream trouble and progress; pino fits it. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What was just learnt of who owns what, so that transactions which refer to it can be attributed. */
export interface Learnt {
  /** E.164, whose trunk, order or did_number_id became known or changed. */
  readonly numbers?: readonly string[];
  /** Keys of trunks that are new or whose sip_trunk_id became known. */
  readonly trunks?: readonly string[];
}

/** Fills in, in the same transaction, what transactions refer to and whose spending they are. */
export type Attribute = (trx: Transaction<Tables>, account: AccountId, learnt: Learnt) => Promise<void>;

/** One DIDfarm account as the rules work on it: its identity, its picture, its way to DIDfarm. Made in `app.ts`. */
export interface Account {
  readonly id: AccountId;
  readonly storage: Storage;
  readonly didfarm: DidfarmClient;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly log: Log;
  /** Called by whatever changes a number's trunk or a trunk's identity: a lower subject, so handed down from `app.ts`. */
  readonly attribute: Attribute;
  /** Has the readers of this account's log look again. To be called after the commit of whatever appended to it. */
  readonly wake: () => void;
  /** How long an idempotency key is kept, in milliseconds. Default: for ever. */
  readonly keysKeptFor?: number;
  /** To be called after an import of numbers (E.164): what it tells may be what became of a call whose answer was lost. */
  readonly imported?: (numbers: readonly string[]) => void;
}
