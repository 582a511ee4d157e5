import type { Account } from '../account.ts';
import { readAllPages } from '../didfarm/pages.ts';
import type { UpstreamUse } from '../graph/upstream-use.ts';
import { learnTrunks } from './learn.ts';
import { newTrunkKey } from './trunks.ts';

/** A listing of many pages costs as many calls, so its freshness is counted a page. Milliseconds. */
const freshPerPage = 20_000;
const boundPerPage = 60_000;
/** 100 rows a page at the least: more trunks than any account has, and an end to a listing that has none. */
const mostPages = 200;

interface TrunksState {
  readonly pages: number;
}

/** How many pages the last listing of an account took. */
const pagesOf = new WeakMap<Account, number>();

/** The trunks of the picture, refreshed from `GET /portal/sip-trunks` where they are older than they may be. */
export async function refreshTrunks(
  account: Account,
  reader: Pick<UpstreamUse, 'deadline' | 'signal' | 'onSent' | 'onServed'>,
): Promise<void> {
  const pages = pagesOf.get(account) ?? 1;
  const policy = { resource: 'trunks', fresh: freshPerPage * pages, bound: boundPerPage * pages };
  const read = await account.snapshots.read<TrunksState>(
    account.id,
    policy,
    '',
    async (call) => {
      const asOf = account.clock.now();
      let read = 0;
      const listed = await readAllPages(
        (page) => {
          read += 1;
          return account.didfarm.listTrunks({ page }, call);
        },
        { maxPages: mostPages, keyOf: newTrunkKey },
      );
      await account.storage.transaction((trx) => learnTrunks(trx, account, listed.items, asOf));
      return { pages: read };
    },
    reader,
  );
  pagesOf.set(account, read.value.pages);
}
