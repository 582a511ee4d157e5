import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { AccountId } from '../access/viewer.ts';
import type { Clock } from '../clock.ts';
import type { Storage } from '../storage/database.ts';
import type { Touch } from '../storage/touch.ts';
import { type Failure, failedAgain, mayTryAgain, type SnapshotPolicy } from './freshness.ts';
import { createSnapshotRows, type KnownValue, resourceName, type SyncState } from './snapshot-rows.ts';

/** Where a value has its place: in memory by `id`, in the table by account and resource. Made only by {@link placeOf}. */
export interface Place {
  readonly id: string;
  readonly account: AccountId;
  readonly policy: SnapshotPolicy;
  readonly resource: string;
}

export function placeOf(account: AccountId, policy: SnapshotPolicy, key: string): Place {
  const resource = resourceName(policy.resource, key);
  // An account's name holds no space.
  return { id: `${account} ${resource}`, account, policy, resource };
}

/** What whoever reads the value touches, and whoever changes it. Not the table: a row is written when the same is learnt again, too. */
export function valueIn({ account, resource }: Place): Touch {
  return { table: 'snapshot values', account, keys: [resource] };
}

/** The same of when it was learnt, which each time that it is learnt again changes. */
export function timeOf({ account, resource }: Place): Touch {
  return { table: 'snapshot times', account, keys: [resource] };
}

/** A known value, and how its refreshing fares. */
export interface Entry extends KnownValue {
  readonly failure: Failure | null;
}

/** What is known: in memory as far as it was used lately, behind it the table, which outlives the process. */
export interface KnownValues {
  find(place: Place): Promise<Entry | undefined>;
  peek(place: Place): Entry | undefined;
  /** Takes it over unless what is known is newer. Gives what is known then. */
  learn(place: Place, brought: KnownValue): Promise<Entry>;
  fail(place: Place, error: unknown): Promise<void>;
  /** @throws the failure of a value that is not known, while it is too early to ask again. */
  throwRecentFailure(place: Place): void;
  /** From now on the value is out of date whatever its age. */
  expire(place: Place): Promise<void>;
  states(account: AccountId): Promise<SyncState[]>;
  size(): number;
}

interface Options {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: { warn(fields: object, message: string): void };
  /** In memory, and in the table of each resource that has keys. */
  readonly maxEntries?: number;
}

/** A question without any answer yet is asked again soon: somebody waits. After 1 s, 2 s … 20 s. */
const unanswered: SnapshotPolicy = { resource: '', fresh: 1_000, bound: 20_000 };

export function createKnownValues({ storage, clock, log, maxEntries = 2_000 }: Options): KnownValues {
  const rows = createSnapshotRows(storage, clock.now);
  const entries = new LRUCache<string, Entry>({ max: maxEntries });
  const failures = new LRUCache<string, { readonly failure: Failure; readonly error: unknown }>({ max: maxEntries });
  const lookups = new Map<string, { readonly row: Promise<KnownValue | undefined>; due: boolean }>();
  const pruneEvery = Math.max(1, Math.floor(maxEntries / 10));
  let keyed = 0;

  /** What DIDfarm said is served even where it cannot be kept: the failure of the disk is for the log. */
  const keep = async (place: Place, work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      log.warn({ account: place.account, resource: place.policy.resource, err: error }, 'A snapshot was not stored');
    }
  };

  async function lookUp({ id, account, resource }: Place): Promise<Entry | undefined> {
    const lookup = lookups.get(id) ?? { row: rows.find(account, resource), due: false };
    lookups.set(id, lookup);
    try {
      const row = await lookup.row;
      const learnt = entries.get(id);
      if (learnt || !row) return learnt;
      const entry = { ...row, due: row.due || lookup.due, failure: null };
      entries.set(id, entry);
      return entry;
    } finally {
      lookups.delete(id);
    }
  }

  const find = async (place: Place) => entries.get(place.id) ?? (await lookUp(place));

  async function store({ account, policy, resource }: Place, { value, asOf }: KnownValue): Promise<void> {
    await rows.store(account, resource, value, asOf);
    if (resource === policy.resource) return;
    keyed += 1;
    if (keyed % pruneEvery === 0) await rows.prune(account, policy.resource, maxEntries);
  }

  return {
    find,
    peek: (place) => entries.get(place.id),
    async learn(place, brought) {
      const known = await find(place);
      if (known && known.asOf > brought.asOf && known.asOf <= clock.now()) return known;
      const isNew = !known || known.due || known.asOf > brought.asOf || !isDeepStrictEqual(known.value, brought.value);
      const entry = { ...brought, value: isNew ? brought.value : known.value, failure: null };
      entries.set(place.id, entry);
      if (isNew) storage.observer.written(valueIn(place));
      storage.observer.written(timeOf(place));
      failures.delete(place.id);
      await keep(place, store(place, brought));
      return entry;
    },
    async fail(place, error) {
      const known = entries.get(place.id);
      if (known) {
        entries.set(place.id, { ...known, failure: failedAgain(known.failure, place.policy, error, clock.now()) });
      } else {
        const previous = failures.get(place.id)?.failure ?? null;
        failures.set(place.id, { failure: failedAgain(previous, unanswered, error, clock.now()), error });
      }
      await keep(place, rows.fail(place.account, place.resource, messageOf(error)));
    },
    throwRecentFailure(place) {
      const recent = failures.get(place.id);
      if (recent !== undefined && !mayTryAgain(recent.failure, clock.now())) throw recent.error;
    },
    async expire(place) {
      const known = entries.get(place.id);
      if (known) entries.set(place.id, { ...known, due: true, failure: null });
      storage.observer.written(valueIn(place));
      const lookup = lookups.get(place.id);
      if (lookup) lookup.due = true;
      await keep(place, rows.expire(place.account, place.resource));
    },
    states: rows.states,
    size: () => entries.size,
  };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
