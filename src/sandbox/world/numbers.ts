import { hash } from '../random.ts';
import { type History, orderIdOf } from './history.ts';
import { blockOf, indexOf, type NumberType, ownedNumberAt } from './numbering.ts';

/** Where a number stands in its life. */
export type NumberStatus = 'provisioning' | 'active' | 'suspended' | 'released';
/** Where a number's documents stand. */
export type RegulatoryStatus = 'not_required' | 'required' | 'submitted' | 'approved' | 'rejected';

/** A number of the account. Rates are EUR cents, times epoch ms. */
export interface OwnedNumber {
  readonly id: number;
  readonly e164: string;
  readonly country: string;
  readonly type: NumberType;
  readonly city: string | null;
  readonly smsEnabled: boolean;
  readonly trunkId: number | null;
  readonly status: NumberStatus;
  readonly monthlyRateCents: number;
  readonly setupFeeCents: number;
  readonly orderId: number;
  readonly activatedAt: number | null;
  readonly regulatoryStatus: RegulatoryStatus;
}

/** The numbers of an account. Those it has from the start are computed when asked for; only changes are kept. */
export interface Numbers {
  count(): number;
  byId(id: number): OwnedNumber | undefined;
  byE164(e164: string): OwnedNumber | undefined;
  add(number: Omit<OwnedNumber, 'id'>): OwnedNumber;
  change(id: number, change: Partial<Omit<OwnedNumber, 'id' | 'e164'>>): OwnedNumber;
  all(): Generator<OwnedNumber>;
}

/** Creates the numbers of an account: `initial` from the seed, more as they are bought. */
export function createNumbers(seed: number, initial: number, trunks: number, history: History): Numbers {
  const changed = new Map<number, OwnedNumber>();
  const added = new Map<string, number>();

  const byId = (id: number): OwnedNumber | undefined => {
    const known = changed.get(id);
    if (known || !Number.isInteger(id) || id < 1 || id > initial) return known;
    return firstState(id - 1, seed, trunks, history);
  };
  const idOf = (e164: string): number | undefined => {
    const index = indexOf(e164, seed);
    return index !== undefined && index < initial ? index + 1 : added.get(e164);
  };
  const count = () => initial + added.size;

  return {
    count,
    byId,
    byE164: (e164) => byId(idOf(e164) ?? 0),
    add(number) {
      const owned = { ...number, id: count() + 1 };
      added.set(owned.e164, owned.id);
      changed.set(owned.id, owned);
      return owned;
    },
    change(id, change) {
      const number = byId(id);
      if (!number) throw new RangeError(`no number ${id}`);
      const next = { ...number, ...change };
      changed.set(id, next);
      return next;
    },
    *all() {
      for (let id = 1; id <= count(); id++) {
        const number = byId(id);
        if (number) yield number;
      }
    },
  };
}

/** Both numbers of an order mostly go to the same trunk; one in twenty is not routed yet. */
function trunkOf(index: number, seed: number, trunks: number): number | null {
  const alone = index % 2 === 1 && hash(seed, 'apart', index) % 5 === 0;
  const key = alone ? index : Math.floor(index / 2);
  if (trunks === 0 || hash(seed, 'unrouted', index) % 20 === 0) return null;
  return 1 + (hash(seed, 'route', alone ? 'one' : 'order', key) % trunks);
}

function statusOf(index: number, seed: number): NumberStatus {
  const place = hash(seed, 'number status', index) % 50;
  if (place === 0) return 'suspended';
  return place === 1 ? 'released' : 'active';
}

function firstState(index: number, seed: number, trunks: number, history: History): OwnedNumber {
  const block = blockOf(index);
  return {
    id: index + 1,
    e164: ownedNumberAt(index, seed),
    country: block.country,
    type: block.type,
    city: block.city,
    smsEnabled: block.smsEnabled,
    trunkId: trunkOf(index, seed, trunks),
    status: statusOf(index, seed),
    monthlyRateCents: block.monthlyRateCents,
    setupFeeCents: block.setupFeeCents,
    orderId: orderIdOf(index),
    activatedAt: history.activatedAt(index),
    regulatoryStatus: block.regulatory ? 'approved' : 'not_required',
  };
}
