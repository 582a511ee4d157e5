import type { Account } from '../account.ts';
import type { AvailableNumber, CallOptions, SearchPage } from '../didfarm/client.ts';
import { type Connection, type PageArguments, pageSize } from '../graph/connections.ts';
import type { Context } from '../graph/context.ts';
import { badInput } from '../graph/errors.ts';
import { type NumberType, rawNumberType } from './numbers.ts';
import { ownedAmong } from './owned.ts';

/** What is for sale changes slowly, and checkout has the last word: a minute old is fresh, five are the bound. */
const policy = { resource: 'search', fresh: 60_000, bound: 300_000 };

/** However small the upstream's pages are, one question costs at most this many calls. */
const mostPages = 12;

export interface Search {
  readonly country: string;
  readonly type?: NumberType | null | undefined;
  readonly city?: string | null | undefined;
}

interface Query {
  readonly country: string;
  readonly type?: string;
  readonly city?: string;
}

function queryOf(search: Search): Query {
  const type = search.type == null ? undefined : rawNumberType(search.type);
  if (type === null)
    throw badInput('"type" takes LOCAL, NATIONAL, MOBILE or TOLL_FREE; UNKNOWN cannot be searched for.', 'type');
  const city = search.city?.trim().replace(/\s+/g, ' ');
  return { country: search.country, ...(type && { type }), ...(city && { city }) };
}

function keyOf(query: Query, page: number): string {
  return new URLSearchParams({ ...query, page: String(page) }).toString();
}

/** The first page as DIDfarm has it now, however fresh the kept one is; and kept from now on. */
export async function searchNow(account: Account, search: Search, call: CallOptions): Promise<SearchPage> {
  const query = queryOf(search);
  const asOf = account.clock.now();
  const found = await account.didfarm.searchNumbers({ ...query, page: 1 }, call);
  await account.snapshots.write(account.id, policy, keyOf(query, 1), found, asOf);
  return found;
}

async function readPage(context: Context, query: Query, page: number): Promise<SearchPage> {
  const read = await context.account.snapshots.read<SearchPage>(
    context.account.id,
    policy,
    keyOf(query, page),
    (call) => context.account.didfarm.searchNumbers({ ...query, page }, { ...call, spender: context.use.spender }),
    context.use,
  );
  return read.value;
}

function isLast(found: SearchPage, page: number): boolean {
  return found.items.length === 0 || (found.lastPage !== null && page >= found.lastPage);
}

interface Row {
  readonly page: number;
  readonly number: AvailableNumber;
}

/** The rows behind a position: where it was, or, where that number has been sold meanwhile, the whole of its page. */
async function readBehind(
  context: Context,
  query: Query,
  after: { page: number; e164: string } | null,
  wanted: number,
) {
  const rows: Row[] = [];
  const seen = new Set<string>();
  let total: number | null = null;
  let page = after?.page ?? 1;
  for (let read = 0; read < mostPages; read++, page++) {
    const found = await readPage(context, query, page);
    total = found.total ?? total;
    const start =
      after !== null && page === after.page ? found.items.findIndex((item) => item.number === after.e164) + 1 : 0;
    const fresh = found.items.slice(start).filter((item) => !seen.has(item.number));
    for (const number of found.items) seen.add(number.number);
    // What was bought since the page was read is for sale no more.
    const owned = await ownedAmong(
      context.account,
      fresh.map((item) => item.number),
    );
    rows.push(...fresh.filter((item) => !owned.has(item.number)).map((number) => ({ page, number })));
    // An upstream that gives no last page may repeat its last one for ever.
    const repeats = found.items.length > 0 && fresh.length === 0 && start === 0;
    if (isLast(found, page) || repeats || rows.length > wanted) return { rows, total, more: rows.length > wanted };
  }
  return { rows, total, more: true };
}

/** Numbers for sale, paged over the upstream's own pages; each of those is a snapshot that all viewers share. */
export async function searchAvailable(
  context: Context,
  search: Search,
  args: Pick<PageArguments, 'first' | 'after'>,
): Promise<Connection<AvailableNumber>> {
  const query = queryOf(search);
  const wanted = pageSize(args);
  const listing = `available?${new URLSearchParams({ ...query })}`;
  const key = args.after == null ? null : context.cursors.decode(context.scope.account, listing, args.after, 'after');
  const after = key === null ? null : { page: Number(key[0]), e164: String(key[1]) };
  const { rows, total, more } = await readBehind(context, query, after, wanted);
  const edges = rows.slice(0, wanted).map(({ page, number }) => ({
    node: number,
    cursor: context.cursors.encode(context.scope.account, listing, [page, number.number]),
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: more,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => total,
  };
}
