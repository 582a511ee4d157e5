import type { Account } from '../account.ts';
import type { CallOptions, Page, TransactionListing } from '../didfarm/client.ts';
import { fill, holds, holeFrom, isLastPage, isTied } from './holes.ts';
import {
  type MirrorProgress,
  type MirrorState,
  mostUnreadable,
  progressOf,
  publishProgress,
  readMirror,
  writeMirror,
} from './mirror-state.ts';
import { storeTransactions } from './store.ts';

/** What a reader waits for at most; what lies deeper is read behind it. The first read ever takes one page. */
const headPages = 4;

const nothing: MirrorState = { newest: null, holes: [], rows: 0, missing: 0, unreadable: [] };

/**
 * Reads the newest transactions, down to one that is known. The mark of what is known moves only when that is reached, or
 * when what lies between is noted as a hole: where a call fails, the next time begins at the first page again.
 */
export async function readHead(account: Account, call: CallOptions): Promise<MirrorProgress> {
  const { newest } = (await readMirror(account.storage.db, account.id)) ?? nothing;
  const pages = newest === null ? 1 : headPages;
  const first = await account.didfarm.listTransactions({ page: 1 }, call);
  let answer = first;
  let met = false;
  for (let page = 1; ; page++) {
    met ||= holds(answer, newest);
    const ended = isLastPage(answer, page);
    if ((met && !isTied(answer, newest)) || ended || page === pages) {
      const advanced = (state: MirrorState) => advance(state, newest, first, met ? 'met' : ended ? 'ended' : page);
      return progressOf(await storePage(account, answer, advanced));
    }
    await storePage(account, answer, (state) => state);
    answer = await account.didfarm.listTransactions({ page: page + 1 }, call);
  }
}

/** Reads the next page of the first hole. False where there is none: the mirror is complete. */
export async function readBacklogPage(account: Account, call: CallOptions): Promise<boolean> {
  const known = (await readMirror(account.storage.db, account.id)) ?? nothing;
  const [hole] = known.holes;
  if (hole === undefined) {
    await publishProgress(account.storage.db, account.id, known);
    return false;
  }
  const answer = await account.didfarm.listTransactions({ page: hole.page }, call);
  const { holes } = await storePage(account, answer, (state) => {
    // A head that was read meanwhile may have put another hole in front.
    const place = state.holes.findIndex((each) => each.page === hole.page && each.until === hole.until);
    if (place === -1) return state;
    return { ...state, holes: [...state.holes.slice(0, place), ...fill(state.holes.slice(place), answer)] };
  });
  return holes.length > 0;
}

async function storePage(
  account: Account,
  answer: Page<TransactionListing>,
  next: (state: MirrorState) => MirrorState,
): Promise<MirrorState> {
  const { before, state } = await account.storage.transaction(async (trx) => {
    const added = await storeTransactions(trx, account.id, answer.items);
    const before = (await readMirror(trx, account.id)) ?? nothing;
    const state = next({ ...before, rows: before.rows + added, unreadable: withUnreadable(before, answer) });
    await writeMirror(trx, account.id, state);
    return { before, state };
  });
  const known = new Set(before.unreadable.map((row) => row.id));
  const news = state.unreadable.filter((row) => !known.has(row.id));
  if (news.length > 0)
    account.log.warn({ call: 'GET /wallet/transactions', rows: news }, 'Transactions that cannot be read are left out');
  return state;
}

/** A row that was unreadable and is read now is no longer one of them. */
function withUnreadable(state: MirrorState, { items, unreadable = [] }: Page<TransactionListing>) {
  if (state.unreadable.length === 0 && unreadable.length === 0) return state.unreadable;
  const rows = new Map(state.unreadable.map((row) => [row.id, row]));
  for (const { transactionId } of items) rows.delete(transactionId);
  for (const { id, path, problem } of unreadable)
    if (!rows.has(id)) rows.set(id, { id, problem: `${path}: ${problem}` });
  return [...rows.values()].slice(0, mostUnreadable);
}

/** @param stop why the head pass stopped: a known row was met, the listing ended, or so many pages were read. */
function advance(
  state: MirrorState,
  newest: string | null,
  first: Page<TransactionListing>,
  stop: 'met' | 'ended' | number,
): MirrorState {
  const top = first.items[0]?.transactionId;
  // Where another process moved the mark meanwhile, its holes belong to its mark.
  if (top === undefined || state.newest !== newest) return state;
  const holes =
    stop === 'met' ? state.holes : stop === 'ended' ? [] : [holeFrom(stop + 1, state.newest), ...state.holes];
  return readAgainWhatIsMissing({ ...state, newest: top, holes }, first.total);
}

/**
 * Pages that shrank or grew, and rows that were taken away, can make the backlog skip some: DIDfarm's own count tells.
 * Then the whole listing is read again, and not another time before twice as much is missing: a count may be wrong.
 */
function readAgainWhatIsMissing(state: MirrorState, total: number | null): MirrorState {
  if (state.holes.length > 0 || total === null) return state;
  const missing = Math.max(0, total - state.rows - state.unreadable.length);
  return { ...state, missing, holes: missing > 2 * state.missing ? [holeFrom(1, null)] : [] };
}
