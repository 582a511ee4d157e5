import type { Account } from '../account.ts';
import type { SnapshotRead, SnapshotReader } from '../cache/snapshots.ts';
import { readAllPages } from '../didfarm/pages.ts';
import { learnTrunks } from './learn.ts';
import { newTrunkKey } from './trunks.ts';

/** A listing of many pages costs as many calls, so its freshness is counted a page. Milliseconds. */
const freshPerPage = 20_000;
const boundPerPage = 60_000;
/** More than any account has, and an end to a listing that has none. */
const mostPages = 200;

const resource = 'trunks';

interface TrunksState {
  readonly rows: number;
  readonly complete: boolean;
  readonly pages: number;
}

/** How many pages the last listing of an account took. */
const pagesOf = new WeakMap<Account, number>();

/** The trunks of the picture, refreshed from `GET /portal/sip-trunks` where they are older than they may be. */
export async function refreshTrunks(account: Account, reader: SnapshotReader): Promise<void> {
  await readTrunks(account, reader);
}

/** {@link refreshTrunks}: a promise only where they are. */
export function readTrunks(account: Account, reader: SnapshotReader): true | Promise<true> {
  const pages = pagesOf.get(account) ?? 1;
  const policy = { resource, fresh: freshPerPage * pages, bound: boundPerPage * pages };
  const read = account.snapshots.read<TrunksState>(
    account.id,
    policy,
    '',
    async (call) => {
      const asOf = account.clock.now();
      const listed = await readAllPages((page) => account.didfarm.listTrunks({ page }, call), {
        maxPages: mostPages,
        keyOf: newTrunkKey,
      });
      await account.storage.transaction((trx) => learnTrunks(trx, account, { ...listed, asOf }));
      return { rows: listed.items.length, complete: listed.complete, pages: listed.pages };
    },
    reader,
  );
  const learn = ({ value }: SnapshotRead<TrunksState>): true => {
    pagesOf.set(account, value.pages);
    return true;
  };
  return read instanceof Promise ? read.then(learn) : learn(read);
}

/** The next reader waits for a new listing: a trunk was changed in a way that its answer does not tell. */
export async function expireTrunks(account: Account): Promise<void> {
  await account.snapshots.expire(account.id, { resource, fresh: freshPerPage, bound: boundPerPage }, '');
}
