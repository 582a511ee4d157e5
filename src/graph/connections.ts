import { setImmediate } from 'node:timers/promises';
import type { InterfaceRef, ObjectRef } from '@pothos/core';
import DataLoader from 'dataloader';
import type { Reading } from '../access/abilities.ts';
import {
  type Condition,
  countRows,
  type Filter,
  type Key,
  type Listing,
  type RowPage,
  readPages,
  type Slice,
} from '../storage/pages.ts';
import { countFound, type Search, searchPages } from '../storage/search.ts';
import { seenWith } from './access.ts';
import { builder } from './builder.ts';
import { type Context, perOperation } from './context.ts';
import { badInput } from './errors.ts';

type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;

/** A page as Relay has it. `totalCount` costs a query of its own and is asked only where the field is. */
export interface Connection<Row> {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: () => Promise<number | null> | number | null;
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** Which rows a field shows: the listing it cuts from, and what of a row its cursor is made of. */
export interface ConnectionOf<Row> {
  /** Signed into each cursor: `numbers`, `transactions`. */
  readonly name: string;
  readonly listing: Listing<Row>;
}

const defaultSize = 25;
const largestSize = 100;

/** The four arguments of a Relay connection. */
export const pageArguments = builder.args((t) => ({
  first: t.int({ description: `How many from the start, 1 to ${largestSize}; ${defaultSize} where nothing is said.` }),
  after: t.string({ description: 'Only rows after this cursor.' }),
  last: t.int({ description: `How many from the end, 1 to ${largestSize}; not together with \`first\`.` }),
  before: t.string({ description: 'Only rows before this cursor.' }),
}));

/** Names a connection type and its edge type after the node. `seen` is what one must be able to read to see such a page at all. */
export function connectionType<Row extends object>(
  typename: string,
  node: ObjectRef<Types, Row> | InterfaceRef<Types, Row>,
  seen: Reading,
) {
  const edge = builder.objectRef<{ readonly cursor: string; readonly node: Row }>(`${typename}Edge`).implement({
    ...seenWith(seen),
    description: `One ${typename} in a connection.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { nullable: false, description: 'Pass it as `after` or `before`. Opaque.' }),
      node: t.field({
        type: node,
        nullable: false,
        description: 'The row itself.',
        resolve: (row) => row.node as never,
      }),
    }),
  });
  return builder.objectRef<Connection<Row>>(`${typename}Connection`).implement({
    ...seenWith(seen),
    description: `A page of ${typename} rows (Relay). Cursors stay valid while rows are added.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        nullable: false,
        description: 'The rows with their cursors.',
        resolve: (page) => page.edges,
      }),
      nodes: t.field({
        type: [node],
        nullable: false,
        description: 'The rows alone.',
        resolve: (page) => page.edges.map((each) => each.node) as never,
      }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        nullable: false,
        description: 'Whether there is more, and the cursors to get it.',
        resolve: (page) => page.pageInfo,
      }),
      totalCount: t.int({
        description: 'How many rows there are in all pages; null where it is not known. Counted only when asked for.',
        resolve: (page) => page.totalCount(),
      }),
    }),
  });
}

/** @throws GraphQLError BAD_USER_INPUT naming the argument. */
export function pageSize(args: PageArguments): number {
  if (args.first != null && args.last != null) throw badInput('Pass "first" or "last", not both.', 'last');
  for (const name of ['first', 'last'] as const) {
    const size = args[name];
    if (size != null && (size < 1 || size > largestSize))
      throw badInput(`"${name}" is between 1 and ${largestSize}; this is ${size}.`, name);
  }
  return args.first ?? args.last ?? defaultSize;
}

function slice<Row>(context: Context, of: ConnectionOf<Row>, args: PageArguments): Slice {
  const decode = (name: 'after' | 'before'): Key | null => {
    const cursor = args[name];
    return cursor == null ? null : context.cursors.decode(context.scope.account, of.name, cursor, name);
  };
  return { limit: pageSize(args), after: decode('after'), before: decode('before'), backward: args.last != null };
}

function present<Row>(
  context: Context,
  of: ConnectionOf<Row>,
  cutBy: Slice,
  page: RowPage<Row>,
  totalCount: () => Promise<number>,
): Connection<Row> {
  const cursor = (row: Row) =>
    context.cursors.encode(
      context.scope.account,
      of.name,
      of.listing.keys.map((key) => row[key] as string | number),
    );
  // A cursor costs a signature: only one that is asked for is made.
  const edges = page.rows.map((node) => ({
    node,
    get cursor() {
      return cursor(node);
    },
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: cutBy.backward ? cutBy.before !== null : page.more,
      hasPreviousPage: cutBy.backward ? page.more : cutBy.after !== null,
      get startCursor() {
        return edges[0]?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
    totalCount,
  };
}

interface FieldLoaders {
  readonly pages: DataLoader<readonly Condition[], RowPage<unknown>>;
  readonly counts: DataLoader<readonly Condition[], number>;
}

/** Between two stretches of a search: whatever else waits comes first, and nobody waits beyond the deadline. */
async function giveWay({ account, use }: Context): Promise<void> {
  await setImmediate();
  use.signal?.throwIfAborted();
  if (account.clock.now() >= use.deadline)
    throw badInput(
      'The search took too long: narrow it by another filter, such as "from" and "to", or ask without "totalCount".',
      'filter.search',
    );
}

const fieldLoaders = perOperation(() => new Map<string, FieldLoaders>());

/**
 * The page of one parent's rows; all parents of the same field with the same arguments are read in one statement.
 * A filter that has to be searched for is, in stretches. `field` tells fields apart (`Trunk.numbers`), `parent` is what makes a row this parent's, `filter` what all parents share.
 */
export async function connect<Row>(
  context: Context,
  of: ConnectionOf<Row>,
  field: string,
  args: PageArguments & { readonly filter?: unknown },
  parent: readonly Condition[],
  filter: Filter | readonly Condition[] = [],
): Promise<Connection<Row>> {
  const cutBy = slice(context, of, args);
  const loaders = fieldLoaders(context);
  const key = `${field} ${JSON.stringify(args)}`;
  const { storage } = context.account;
  const { indexed, scanned } = 'scanned' in filter ? filter : { indexed: filter, scanned: [] };
  const search: Search | null = scanned.length === 0 ? null : { scanned, pause: () => giveWay(context) };
  const made = loaders.get(key) ?? {
    pages: new DataLoader<readonly Condition[], RowPage<unknown>>(
      (parents) =>
        search === null
          ? readPages(storage, of.listing, context.scope, parents, cutBy)
          : searchPages(storage, of.listing, context.scope, parents, cutBy, search),
      { cache: false },
    ),
    counts: new DataLoader<readonly Condition[], number>(
      (parents) =>
        search === null
          ? countRows(storage, of.listing, context.scope, parents)
          : countFound(storage, of.listing, context.scope, parents, search),
      { cache: false },
    ),
  };
  loaders.set(key, made);
  const own = [...parent, ...indexed];
  const page = (await made.pages.load(own)) as RowPage<Row>;
  return present(context, of, cutBy, page, () => made.counts.load(own));
}
