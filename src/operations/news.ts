import type { Account } from '../account.ts';
import type { OperationRow, OperationStepRow } from '../storage/operation-tables.ts';
import type { Source } from './evidence.ts';
import { lookedAt } from './look.ts';

/** What has come since the last time that was asked. */
export interface News {
  /** Whether it may change how a step was judged. */
  concerns(step: OperationStepRow, source: Source | null): boolean;
  /** Whether it names a number or an order of a step. */
  names(step: OperationStepRow): boolean;
}

/** Tells what is new, given the operations that may be judged by it and the numbers (E.164) that were told without an event. */
export type NewsReader = (open: readonly OperationRow[], numbers: readonly string[]) => Promise<News>;

/** A listing that is read shows nothing new of what was sent so long before it was read the last time. Milliseconds. */
const shownWithin = 2 * 86_400_000;

/** Of more events than these it is not told apart what they concern. */
const mostEvents = 1_000;

const sources: readonly Source[] = ['transactions', 'trunks'];

/** What is new for one account: the first time, and where other operations have ended or begun, that concerns all. */
export function createNewsReader(account: Account): NewsReader {
  const { storage, id } = account;
  const reads = new Map<Source, number>();
  let seq: number | null = null;
  let known = '';

  const eventsSince = (last: number) =>
    storage.db
      .selectFrom('events')
      .select(['seq', 'e164', 'order_id'])
      .where('account', '=', id)
      .where('seq', '>', last)
      .orderBy('seq')
      .limit(mostEvents)
      .execute();
  const lastEvent = async () => {
    const last = storage.db.selectFrom('events').select((eb) => eb.fn.max('seq').as('seq'));
    return Number((await last.where('account', '=', id).executeTakeFirst())?.seq ?? 0);
  };
  /** The listings that were read anew, each with when it was read before. */
  const listings = async () => {
    const anew = new Map<Source, number>();
    for (const source of sources) {
      const read = await lookedAt(storage.db, account, source);
      const before = reads.get(source);
      if (before !== undefined && before !== read) anew.set(source, before);
      reads.set(source, read);
    }
    return anew;
  };

  return async (open, numbers) => {
    const listed = await listings();
    const events = seq === null ? null : await eventsSince(seq);
    seq = events === null ? await lastEvent() : Number(events.at(-1)?.seq ?? seq);
    const now = JSON.stringify(open.map((row) => [row.viewer, row.idempotency_key, row.status, row.review]));
    const isAll = events === null || events.length === mostEvents || now !== known;
    known = now;
    const named = [...numbers, ...(events ?? []).flatMap(({ e164 }) => e164 ?? [])].map((e164) => JSON.stringify(e164));
    const orders = (events ?? []).flatMap(({ order_id }) => (order_id === null ? [] : [`"orderId":${order_id}`]));
    const words = [...new Set([...named, ...orders])];
    const names = ({ evidence, result }: OperationStepRow) =>
      words.some((word) => `${evidence} ${result}`.includes(word));
    return {
      names,
      concerns(step, source) {
        const before = source === null ? undefined : listed.get(source);
        if (isAll || (before !== undefined && (step.sent_at ?? step.at) >= before - shownWithin)) return true;
        return names(step);
      },
    };
  };
}
