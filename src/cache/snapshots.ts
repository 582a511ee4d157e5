import type { AccountId } from '../access/viewer.ts';
import type { Clock } from '../clock.ts';
import { isOwnRation } from '../didfarm/errors.ts';
import type { Storage } from '../storage/database.ts';
import { bring, type LoadOptions } from './bring.ts';
import { type Flight, type Waiting, waitFor } from './flight.ts';
import { type BudgetState, freshnessOf, mayTryAgain, type SnapshotPolicy, widenedFresh } from './freshness.ts';
import { createKnownValues, type Entry, type Place, placeOf, timeOf } from './known-values.ts';
import { noteTouch, unrecorded } from './reading.ts';
import { noteServed } from './served.ts';
import type { KnownValue, SyncState } from './snapshot-rows.ts';

/** `stale`: older than the policy's bound, or known to be out of date, and served only because DIDfarm did not answer. */
export interface SnapshotRead<T> {
  readonly value: T;
  readonly asOf: number;
  readonly stale: boolean;
}

export interface SnapshotReader extends Waiting {
  /** A call that this reader caused and waits for went out. */
  readonly onSent?: (() => void) | undefined;
  readonly onServed?: ((served: { resource: string; asOf: number; stale: boolean }) => void) | undefined;
}

export interface SnapshotStats {
  readonly entries: number;
  /** Reads that were answered from what is known; those that waited for DIDfarm; those among both that were stale. */
  readonly hits: number;
  readonly misses: number;
  readonly stale: number;
}

/** What DIDfarm said when, one value an account, resource and key. Values are JSON and must not be changed by who reads them. */
export interface Snapshots {
  /** At once where what is known may be served; otherwise a promise. It rejects with what `load` throws, only where nothing is known. */
  read<T>(
    account: AccountId,
    policy: SnapshotPolicy,
    key: string,
    load: (options: LoadOptions) => Promise<T>,
    reader: SnapshotReader,
  ): SnapshotRead<T> | Promise<SnapshotRead<T>>;
  /** For whatever else teaches the same fact. An older one never replaces a newer. Not inside a transaction: after it. */
  write(account: AccountId, policy: SnapshotPolicy, key: string, value: unknown, asOf: number): Promise<void>;
  /** The next reader waits for a refresh that starts after this. Not inside a transaction: after it. */
  expire(account: AccountId, policy: SnapshotPolicy, key: string): Promise<void>;
  stats(): SnapshotStats;
  states(account: AccountId): Promise<SyncState[]>;
  /** Nothing is being refreshed or stored any more. */
  settled(): Promise<void>;
}

export interface SnapshotsOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly budget: (account: AccountId) => BudgetState;
  readonly log: { warn(fields: object, message: string): void };
  /** Called when a refresh has brought something. */
  readonly onRefreshed?: (resource: string) => void;
  /** Kept in memory, and kept on disk of each resource that has keys. Default 2,000. */
  readonly maxEntries?: number;
  /** How long a refresh that nobody waits for may take, in ms. Default 30,000. */
  readonly refreshTimeout?: number;
}

interface Refresh extends Flight<KnownValue> {
  readonly controller: AbortController;
  /** Nobody asked for it, so nobody's leaving ends it. */
  readonly background: boolean;
  /** What it brings must be of a later time than what was learnt meanwhile. Infinity: it started before it was out of date. */
  newerThan: number;
}

/** How often a reader tries whose refresh another one pays for, and cannot. */
const mostTries = 3;

/** Freshness a resource, one refresh at a time a value, and what is known where DIDfarm fails. */
export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { clock, budget, log, onRefreshed, refreshTimeout = 30_000 } = options;
  const known = createKnownValues(options);
  const refreshes = new Map<string, Refresh>();
  const running = new Set<Promise<unknown>>();
  const counts = { hits: 0, misses: 0, stale: 0 };

  const track = <T>(work: Promise<T>): Promise<T> => {
    running.add(work);
    const done = () => running.delete(work);
    work.then(done, done);
    return work;
  };

  const freshFor = ({ policy, account }: Place) => widenedFresh(policy, budget(account));
  const judge = (place: Place, entry: KnownValue) =>
    freshnessOf(entry, { fresh: freshFor(place), bound: place.policy.bound }, clock.now());

  function refresh<T>(
    place: Place,
    load: (options: LoadOptions) => Promise<T>,
    how: Omit<LoadOptions, 'signal' | 'onSent'> & Pick<SnapshotReader, 'onSent'>,
  ): Refresh {
    const controller = new AbortController();
    const background = how.priority === 'refresh';
    const { promise, resolve } = Promise.withResolvers<KnownValue>();
    const flight: Refresh = { done: promise, waiters: 0, controller, background, newerThan: -Infinity };
    refreshes.set(place.id, flight);
    const speaks = (error: unknown) => !controller.signal.aborted && !isOwnRation(error);
    const fly = async (): Promise<KnownValue> => {
      try {
        const brought = await bring(clock, load, { ...how, signal: controller.signal });
        const learnt =
          brought.asOf > flight.newerThan ? await known.learn(place, brought) : (known.peek(place) ?? brought);
        onRefreshed?.(place.policy.resource);
        return learnt;
      } catch (error) {
        if (speaks(error)) await known.fail(place, error);
        throw error;
      } finally {
        if (refreshes.get(place.id) === flight) refreshes.delete(place.id);
      }
    };
    const done = track(unrecorded(fly));
    done.catch(() => undefined);
    resolve(done);
    return flight;
  }

  function refreshBehind<T>(place: Place, load: (options: LoadOptions) => Promise<T>): void {
    if (refreshes.has(place.id)) return;
    refresh(place, load, { priority: 'refresh', deadline: clock.now() + refreshTimeout }).done.catch((error) => {
      if (!isOwnRation(error))
        log.warn({ account: place.account, resource: place.policy.resource, err: error }, 'A refresh failed');
    });
  }

  function follow(place: Place, flight: Refresh, reader: SnapshotReader): Promise<KnownValue> {
    const abandon = (reason: unknown) => {
      if (refreshes.get(place.id) === flight) refreshes.delete(place.id);
      flight.controller.abort(reason);
    };
    return waitFor(flight, reader, { clock, resource: place.policy.resource, abandon });
  }

  async function refreshed<T>(
    place: Place,
    load: (options: LoadOptions) => Promise<T>,
    reader: SnapshotReader,
    tries = mostTries,
  ): Promise<KnownValue & { readonly stale: boolean }> {
    const { deadline, onSent } = reader;
    const under = refreshes.get(place.id);
    // One that nobody waited for may stand last in the queue for the ration. Asked for anew, the same call moves up: it is still one.
    const another = under?.background === false ? under : null;
    const flight = another ?? refresh(place, load, { priority: 'ask', deadline, onSent });
    try {
      return { ...(await follow(place, flight, reader)), stale: false };
    } catch (error) {
      // What another reader may no longer spend says nothing of what this one may.
      if (another && isOwnRation(error) && tries > 1) return refreshed(place, load, reader, tries - 1);
      const fallback = reader.signal?.aborted ? undefined : await known.find(place);
      if (!fallback) throw error;
      return { ...fallback, stale: judge(place, fallback) === 'expired' };
    }
  }

  /** What is served without waiting, if that is allowed. */
  function atOnce<T>(place: Place, entry: Entry | undefined, load: (options: LoadOptions) => Promise<T>) {
    if (!entry) return undefined;
    const freshness = judge(place, entry);
    const stale = freshness === 'expired';
    const mayTry = mayTryAgain(entry.failure, clock.now());
    if (stale && mayTry) return undefined;
    if (freshness === 'due' && mayTry) refreshBehind(place, load);
    return { ...entry, stale };
  }

  function serve<T>(place: Place, served: KnownValue & { readonly stale: boolean }, reader: SnapshotReader) {
    noteServed(
      place,
      served,
      () => known.peek(place),
      () => freshFor(place),
    );
    const { value, asOf, stale } = served;
    if (stale) counts.stale += 1;
    reader.onServed?.({ resource: place.policy.resource, asOf, stale });
    return {
      value: value as T,
      // An answer that shows it is another one after each refresh.
      get asOf() {
        noteTouch(timeOf(place));
        return asOf;
      },
      stale,
    };
  }

  async function readAnew<T>(
    place: Place,
    load: (options: LoadOptions) => Promise<T>,
    reader: SnapshotReader,
  ): Promise<SnapshotRead<T>> {
    reader.signal?.throwIfAborted();
    // Whoever reads notes the value by itself: the rows behind it are read once for all who wait.
    const entry = known.peek(place) ?? (await unrecorded(() => known.find(place)));
    if (entry === undefined) known.throwRecentFailure(place);
    const ready = atOnce(place, entry, load);
    counts[ready ? 'hits' : 'misses'] += 1;
    return serve(place, ready ?? (await refreshed(place, load, reader)), reader);
  }

  return {
    read<T>(
      account: AccountId,
      policy: SnapshotPolicy,
      key: string,
      load: (options: LoadOptions) => Promise<T>,
      reader: SnapshotReader,
    ) {
      const place = placeOf(account, policy, key);
      const ready = reader.signal?.aborted ? undefined : atOnce(place, known.peek(place), load);
      if (!ready) return readAnew(place, load, reader);
      counts.hits += 1;
      return serve<T>(place, ready, reader);
    },

    async write(account, policy, key, value, asOf) {
      const place = placeOf(account, policy, key);
      const flight = refreshes.get(place.id);
      if (flight) flight.newerThan = Math.max(flight.newerThan, asOf);
      await track(known.learn(place, { value, asOf, due: false }));
    },

    async expire(account, policy, key) {
      const place = placeOf(account, policy, key);
      const flight = refreshes.get(place.id);
      if (flight) flight.newerThan = Infinity;
      refreshes.delete(place.id);
      await track(known.expire(place));
    },

    stats: () => ({ entries: known.size(), ...counts }),
    states: known.states,
    async settled() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
