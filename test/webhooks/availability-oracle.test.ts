import { fc, test as property } from '@fast-check/vitest';
import { afterEach, expect } from 'vitest';
import { localAdmin } from '../../src/access/viewer.ts';
import { beat } from '../../src/events/heartbeat.ts';
import { trimStretch } from '../../src/events/trim.ts';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import type { EventRow } from '../../src/storage/tables.ts';
import { learnTrunks } from '../../src/trunks/learn.ts';
import { availabilityOf } from '../../src/webhooks/availability.ts';
import { contextOf } from '../support/context.ts';
import { acme, createReceiver, noon, type Receiver } from './support/receiver.ts';

const minute = 60_000;
const day = 24 * 60;

type Status = 'registered' | 'offline' | 'provisioning' | 'under repair';

/** What happens in the life of a trunk and its gateway, each after so many minutes. */
type Happening =
  | {
      readonly kind: 'webhook';
      readonly after: number;
      readonly status: 'registered' | 'offline';
      readonly late: number;
    }
  | { readonly kind: 'listing'; readonly after: number; readonly status: Status | null }
  | { readonly kind: 'away'; readonly after: number }
  | { readonly kind: 'trim'; readonly after: number; readonly keep: number };

const after = fc.integer({ min: 1, max: 12 });
const up = fc.constantFrom('registered' as const, 'offline' as const);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('webhook'), after, status: up, late: fc.constantFrom(0, 0, 0, 5, 17) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('listing'),
      after,
      status: fc.oneof(up, up, fc.constantFrom('provisioning', 'under repair', null)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('away'), after: fc.constantFrom(day - 1, day, day + 3, 2 * day) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim'), after, keep: fc.integer({ min: 1, max: 6 }) }) },
) as fc.Arbitrary<Happening>;

/** What was noted of it, for {@link shareByMinutes}. Times are minutes since noon. */
interface Notes {
  readonly now: number;
  /** By their own time; of one moment in the order in which they were recorded. */
  readonly told: readonly { readonly at: number; readonly status: string; readonly listed: boolean }[];
  readonly listings: readonly { readonly at: number; readonly status: string }[];
  readonly dropped: readonly { readonly begins: number; readonly ends: number }[];
}

/** The definition, minute by minute: the share of the minutes with a known status in which it was registered. */
function shareByMinutes({ told, listings, dropped, now }: Notes, from: number, to: number): number | null {
  let known = 0;
  let registered = 0;
  for (let each = from; each < Math.min(to, now); each++) {
    const place = told.findLastIndex(({ at }) => at <= each);
    const [before, next] = [told[place], told[place + 1]];
    if (before === undefined || before.status === 'unlisted' || before.status === 'under-repair') continue;
    if (dropped.some(({ begins, ends }) => each >= begins && each < ends)) continue;
    if (next?.listed === true && next.status !== before.status) {
      const looks = listings.filter(({ at, status }) => at >= before.at && at < next.at && status === before.status);
      if (each >= Math.max(before.at, ...looks.map(({ at }) => at))) continue;
    }
    known += 1;
    if (before.status === 'registered') registered += 1;
  }
  return known === 0 ? null : registered / known;
}

async function list({ account }: Receiver, status: Status | null): Promise<void> {
  const row = { uuid: acme, sipTrunkId: 7, name: 'Acme', sipServer: null, username: null, authType: null };
  const other = { ...row, uuid: 'trk_other', sipTrunkId: 8, status: 'registered' };
  const items = status === null ? [other] : [{ ...row, status }, other];
  await account.storage.transaction((trx) =>
    learnTrunks(trx, account, { items, complete: true, asOf: account.clock.now() }),
  );
}

/** What the log tells of the trunk, and of what was trimmed the last that was applied. */
function toldBy(events: readonly EventRow[], oldest: number): Notes['told'] {
  const own = events.filter(({ trunk_key }) => trunk_key === acme);
  const remembered = own.findLast(({ seq, applied }) => seq < oldest && applied === 1);
  return own
    .filter((event) => event.seq >= oldest || event === remembered)
    .sort((one, another) => one.at - another.at || one.seq - another.seq)
    .map(({ at, name, source }) => ({
      at: (at - noon) / minute,
      status: name.replace('trunk.', ''),
      listed: source === 'RECONCILED',
    }));
}

/** Lives through it, and notes what an onlooker would. */
async function live(receiver: Receiver, happenings: readonly Happening[]): Promise<Notes> {
  const { account, clock } = receiver;
  const { storage } = account;
  const elapsed = () => (clock.now() - noon) / minute;
  const listings: { at: number; status: string }[] = [];
  const dropped: { begins: number; ends: number }[] = [];
  const everything = new Map<number, EventRow>();
  const note = async () => {
    for (const event of await receiver.log()) everything.set(event.seq, event);
  };
  let oldest = 0;
  await storage.transaction((trx) => beat(trx, account.id, clock.now()));
  for (const each of happenings) {
    const left = elapsed();
    clock.jump(each.after * minute);
    if (each.kind === 'webhook')
      await receiver.sendEvent(`trunk.${each.status}`, (elapsed() - each.late) * 60, { trunk_uuid: acme });
    if (each.kind === 'listing') await list(receiver, each.status);
    if (each.kind === 'listing' && each.status !== null)
      listings.push({ at: elapsed(), status: each.status.replace(' ', '-') });
    await note();
    if (each.kind === 'trim') {
      await storage.transaction((trx) => trimStretch(trx, account.id, { since: 0, count: each.keep, digestsSince: 0 }));
      oldest = (await receiver.log())[0]?.seq ?? 0;
    }
    if (each.kind === 'away' && each.after > day) dropped.push({ begins: left, ends: elapsed() - day });
    await storage.transaction((trx) => beat(trx, account.id, clock.now()));
  }
  return { now: elapsed(), told: toldBy([...everything.values()], oldest), listings, dropped };
}

let opened: Storage | undefined;
afterEach(() => opened?.close());

property.prop([fc.array(happening, { minLength: 1, maxLength: 14 }), fc.integer({ min: -5, max: 60 })], {
  numRuns: 150,
})(
  'Trunk.availability is what a count of minutes says, whatever was late, lost, missed or trimmed',
  async (happenings, begin) => {
    opened = await openStorage('sqlite::memory:');
    const receiver = createReceiver(opened);
    const notes = await live(receiver, happenings);
    receiver.clock.jump(3 * minute);
    const trunk = await receiver.trunk();

    for (const [from, to] of [
      [begin, begin + 30],
      [-day, notes.now + 3],
      [begin, begin + 2 * day],
    ] as const) {
      if (trunk === undefined) continue;
      const context = contextOf(receiver.account, localAdmin(receiver.account.id));
      const share = await availabilityOf(context, trunk, new Date(noon + from * minute), new Date(noon + to * minute));
      const counted = shareByMinutes({ ...notes, now: notes.now + 3 }, from, to);
      expect(share === null ? null : share.toFixed(9)).toBe(counted === null ? null : counted.toFixed(9));
    }
    await opened.close();
  },
  120_000,
);
