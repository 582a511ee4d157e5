import { type Column, type Equality, equalitiesIn } from './conditions.ts';
import { isSign, isWord, type Node, nameOf, statementIn, type Value } from './syntax.ts';
import { columnOf } from './table-keys.ts';

/** One of those that a `from` names. `table`: null for what is no table, such as a statement in parentheses. */
export interface Source {
  readonly table: string | null;
  readonly alias: string;
  readonly statement: readonly Node[] | null;
}

/** What `from` names, and the conditions under which it is joined. */
export interface From {
  readonly sources: readonly Source[];
  readonly joined: readonly Equality[];
}

const joinWords = ['join', 'inner', 'left', 'right', 'full', 'outer', 'cross', 'natural', 'lateral'];

export function readFrom(nodes: readonly Node[]): From {
  const sources: Source[] = [];
  const joined: Equality[] = [];
  for (const part of parts(nodes)) {
    const on = part.findIndex((node) => isWord(node, 'on', 'using'));
    const source = sourceOf(on === -1 ? part : part.slice(0, on));
    if (source !== null) sources.push(source);
    if (on !== -1 && isWord(part[on], 'on')) joined.push(...equalitiesIn(part.slice(on + 1)));
  }
  return { sources, joined };
}

function parts(nodes: readonly Node[]): Node[][] {
  const found: Node[][] = [[]];
  for (const node of nodes) {
    if (isSign(node, ',') || isWord(node, ...joinWords)) found.push([]);
    else found.at(-1)?.push(node);
  }
  return found.filter((part) => part.length > 0);
}

/** `name`, `name alias`, `name as alias`, or the same with a statement in parentheses. */
function sourceOf(part: readonly Node[]): Source | null {
  const [first, ...rest] = part;
  const alias = nameOf(isWord(rest[0], 'as') ? rest[1] : rest[0]);
  const statement = statementIn(first);
  if (statement !== null) return { table: null, alias: alias ?? '', statement };
  const name = nameOf(first);
  // A name with parentheses behind it is a function.
  if (name === null || rest[0]?.kind === 'group') return null;
  return { table: name, alias: alias ?? name, statement: null };
}

/** The values that the account, or the key, of each source's rows is one of; by alias. What is missing may be any. */
export type Pins = ReadonlyMap<string, readonly Value[]>;

/** What the conditions that all have to be met say of one part of the identity of each source's rows. */
export function pinsOf(sources: readonly Source[], equalities: readonly Equality[], part: 'account' | 'key'): Pins {
  const pins = new Map<string, readonly Value[]>();
  for (const equality of equalities) {
    const { source, name } = equality.column;
    const [only] = sources;
    // Where there are several, a column that is not qualified may be of any of them.
    const alias = source ?? (sources.length === 1 ? only?.alias : undefined);
    const named = sources.find((each) => each.alias === alias);
    if (!('values' in equality) || named === undefined || pins.has(named.alias)) continue;
    if (partOf(named, part) === name) pins.set(named.alias, equality.values);
  }
  return pins;
}

/** Of a statement in parentheses, what it gives as `account` is taken for one. */
function partOf({ table }: Source, part: 'account' | 'key'): string | null {
  return table === null ? (part === 'account' ? 'account' : null) : columnOf(table, part);
}

/** An account that equals one that is known is known too: that of another source, or of the statement around this one (`outer`). */
export function spreadAccounts(
  sources: readonly Source[],
  equalities: readonly Equality[],
  known: Pins,
  outer: Pins,
): Pins {
  const pins = new Map(known);
  const own = new Map(sources.map((source) => [source.alias, source]));
  const learn = (to: Column, from: Column): boolean => {
    const source = own.get(to.source ?? '');
    const values = own.has(from.source ?? '') ? pins.get(from.source ?? '') : outer.get(from.source ?? '');
    if (source === undefined || values === undefined || pins.has(source.alias)) return false;
    if (from.name !== 'account' || to.name !== 'account' || partOf(source, 'account') === null) return false;
    pins.set(source.alias, values);
    return true;
  };
  const pairs = equalities.flatMap((each) => ('other' in each ? [[each.column, each.other] as const] : []));
  // As often as it takes: each may hang on one that comes later.
  while (pairs.some(([one, other]) => learn(one, other) || learn(other, one)));
  return pins;
}
