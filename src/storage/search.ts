import { sql } from 'kysely';
import type { Scope } from '../access/viewer.ts';
import type { Storage } from './database.ts';
import {
  among,
  type Condition,
  cut,
  type Key,
  type Listing,
  ordered,
  type RowPage,
  readTogether,
  type Slice,
  upTo,
} from './pages.ts';

/** What is looked for, and what happens between two stretches: others get their turn. A `pause` that throws ends the search. */
export interface Search {
  readonly scanned: readonly Condition[];
  readonly pause: () => Promise<void>;
}

/** How many rows are looked through before others get their turn: some 20 ms where the words are compared in JavaScript. */
const rowsPerStretch = 5_000;

/** What is still to be looked through of one parent's rows. */
interface Rest {
  readonly parent: number;
  readonly own: readonly Condition[];
  readonly after: Key | null;
  readonly before: Key | null;
}

/**
 * Pages of rows that no index finds, one a parent: each listing is looked through in its order, a stretch at a time, until its
 * page is full or it ends. Parents are searched together, so that many small listings cost no more statements than one.
 */
export async function searchPages<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  parents: readonly (readonly Condition[])[],
  slice: Slice,
  search: Search,
): Promise<RowPage<Row>[]> {
  const found = parents.map((): Row[] => []);
  const wanted = slice.limit + 1;
  await inStretches(storage, listing, scope, parents, slice, search.pause, async (stretches) => {
    const selects = stretches.map((stretch) => {
      const rows = among(listing, scope, [...stretch.own, ...search.scanned], stretch);
      const limit = wanted - (found[stretch.parent]?.length ?? 0);
      return sql`select * from ${rows} ${ordered(listing, slice.backward)} limit ${limit}`;
    });
    const read = await readTogether<Row>(storage, selects, wanted);
    for (const [place, { parent }] of stretches.entries()) found[parent]?.push(...(read[place] ?? []));
    return ({ parent }) => (found[parent]?.length ?? 0) < wanted;
  });
  return found.map((rows) => cut(rows, slice));
}

/** How many rows of each parent meet the search. */
export async function countFound<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  parents: readonly (readonly Condition[])[],
  search: Search,
): Promise<number[]> {
  const counts = parents.map(() => 0);
  const whole = { after: null, before: null, backward: false };
  await inStretches(storage, listing, scope, parents, whole, search.pause, async (stretches) => {
    const selects = stretches.map(
      (stretch) =>
        sql`select count(*) as total from ${among(listing, scope, [...stretch.own, ...search.scanned], stretch)}`,
    );
    const read = await readTogether<{ total: number }>(storage, selects);
    for (const [place, { parent }] of stretches.entries())
      counts[parent] = (counts[parent] ?? 0) + Number(read[place]?.[0]?.total ?? 0);
    return () => true;
  });
  return counts;
}

/** @param look looks through a stretch of each listing that is not done, and tells which of them to go on with. */
async function inStretches<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  parents: readonly (readonly Condition[])[],
  { after, before, backward }: Omit<Slice, 'limit'>,
  pause: () => Promise<void>,
  look: (stretches: readonly Rest[]) => Promise<(rest: Rest) => boolean>,
): Promise<void> {
  let rests = parents.map((own, parent): Rest => ({ parent, own, after, before }));
  while (rests.length > 0) {
    const ends = await endsOfStretches(storage, listing, scope, rests, backward);
    const stretches = rests.map((rest, place) => {
      const end = ends[place] ?? null;
      return end === null ? rest : { ...rest, own: [upTo(listing, end, backward), ...rest.own] };
    });
    const goesOn = await look(stretches);
    rests = rests.flatMap((rest, place): Rest[] => {
      const end = ends[place] ?? null;
      if (end === null || !goesOn(rest)) return [];
      return [backward ? { ...rest, before: end } : { ...rest, after: end }];
    });
    if (rests.length > 0) await pause();
  }
}

/** The key of the last row of each one's next stretch; null where the listing ends before it. */
async function endsOfStretches<Row>(
  storage: Storage,
  listing: Listing<Row>,
  scope: Scope,
  rests: readonly Rest[],
  backward: boolean,
): Promise<(Key | null)[]> {
  const rows = Math.max(1, Math.floor(rowsPerStretch / rests.length));
  const keys = sql.join(listing.keys.map((key) => sql.ref(key)));
  const selects = rests.map(
    (rest) =>
      sql`select ${keys} from ${among(listing, scope, rest.own, rest)} ${ordered(listing, backward)} limit 1 offset ${rows - 1}`,
  );
  const read = await readTogether<Readonly<Record<keyof Row & string, string | number>>>(storage, selects);
  return read.map(([last]) => (last === undefined ? null : listing.keys.map((key) => last[key])));
}
