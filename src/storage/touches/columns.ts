import { isSign, type Node, nameOf, splitByCommas } from './syntax.ts';
import { columnOf } from './table-keys.ts';

/** Names among which are those of all columns that a statement can depend on, unless it asks for all: every one that it names. */
export function columnsNamedIn(nodes: readonly Node[]): ReadonlySet<string> {
  return theOne(namesIn(nodes));
}

/** Whether what is selected is more than is named. What `count(*)` counts is no column. */
export function selectsAll(selected: readonly Node[]): boolean {
  return selected.some((node) => isSign(node, '*'));
}

/** What an update changes of its rows; undefined where that is which rows they are, or cannot be told. */
export function columnsSet(table: string, set: readonly Node[]): ReadonlySet<string> | undefined {
  const assigned = splitByCommas(set).map(([column, equals]) => (isSign(equals, '=') ? nameOf(column) : null));
  const identity = [columnOf(table, 'account'), columnOf(table, 'key'), null];
  const names = assigned.flatMap((name) => (identity.includes(name) ? [] : (name ?? [])));
  return names.length === assigned.length && names.length > 0 ? theOne(names) : undefined;
}

function namesIn(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) =>
    node.kind === 'group' || node.kind === 'case' ? namesIn(node.nodes) : (nameOf(node) ?? []),
  );
}

/** The same names are one and the same set, so that what was read of them can be kept together: there are as many as statements. */
const known = new Map<string, ReadonlySet<string>>();

function theOne(names: readonly string[]): ReadonlySet<string> {
  const sorted = [...new Set(names)].sort();
  const place = sorted.join(' ');
  const found = known.get(place) ?? new Set(sorted);
  known.set(place, found);
  return found;
}
