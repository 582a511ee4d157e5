import { clientBill, dashboard, numberPage, transactionPage } from '../documents.ts';
import type { Picture } from './picture.ts';

/** One question, by a name that holds for accounts of any size. */
export interface Page {
  readonly name: string;
  /** By its nature it takes longer where there is more. */
  readonly isLinear: boolean;
  ask(): Promise<unknown>;
}

interface Cursors {
  readonly edges: readonly { readonly cursor: string }[];
}

/** The pages that grow with an account, with what only this account can know: cursors in its middle, one of its clients. */
export async function pagesOf(picture: Picture): Promise<Page[]> {
  const { sandbox, size, ask } = picture;
  const { wallet, numbers } = sandbox.control.world;
  const span = { from: '2026-03-01', to: '2026-05-01' };
  const year = { from: '2025-05-01', to: '2026-05-01' };

  const halfway = wallet.newest(Math.floor(size.transactions / 2), 1)[0]?.createdAt ?? 0;
  const middle = await cursor(picture, 'transactions', { to: new Date(halfway).toISOString() });
  const { client } = (await ask(
    '{ client: trunk(uuid: $uuid) { client { id name } } }'.replace('$uuid', uuidOf(picture)),
  )) as {
    client: { client: { id: string; name: string } };
  };
  const { id, name } = client.client;
  const e164 = [...numbers.all()].map((number) => number.e164).toSorted()[Math.floor(numbers.count() / 2)];
  const numberInMiddle = await cursor(picture, 'numbers', { search: e164 });

  const page = (what: string, query: string, variables: object, isLinear = false): Page => ({
    name: what,
    isLinear,
    ask: () => ask(query, variables),
  });
  return [
    page('dashboard', dashboard, {}),
    page('transactions, the newest 25', transactionPage, {}),
    page('transactions, 25 in the middle by cursor', transactionPage, { after: middle }),
    page('transactions of one client, the newest 25', transactionPage, { filter: { client: id } }),
    page('transactions of one kind in one month', transactionPage, {
      filter: { referenceType: ['ORDER'], from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' },
    }),
    page('numbers, the first 25', numberPage, {}),
    page('numbers, 25 in the middle by cursor', numberPage, { after: numberInMiddle }),
    page('spending of a client and the wallet, two months', clientBill, { client: name, ...span }),
    page('spending of a client and the wallet, a year', clientBill, { client: name, ...year }),
    page(
      'how many transactions of one client (counts them all)',
      `query Count($filter: TransactionFilter) {
      transactions(first: 1, filter: $filter) { totalCount }
    }`,
      { filter: { client: id } },
      true,
    ),
    page(
      'transactions that hold a word none holds (reads them all)',
      transactionPage,
      { filter: { search: 'zzzz' } },
      true,
    ),
  ];
}

function uuidOf({ sandbox }: Picture): string {
  return JSON.stringify(sandbox.control.world.trunks.all()[0]?.uuid ?? '');
}

async function cursor({ ask }: Picture, field: 'transactions' | 'numbers', filter: object): Promise<string> {
  const type = field === 'transactions' ? 'TransactionFilter' : 'NumberFilter';
  const found = await ask(
    `query Cursor($filter: ${type}) { rows: ${field}(first: 1, filter: $filter) { edges { cursor } } }`,
    {
      filter,
    },
  );
  const edge = (found['rows'] as Cursors).edges[0];
  if (!edge) throw new Error(`There is no row in the middle of ${field}`);
  return edge.cursor;
}
