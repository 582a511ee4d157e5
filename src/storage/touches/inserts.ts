import { clausesOf } from './clauses.ts';
import { valueIn } from './conditions.ts';
import type { TouchPlan } from './findings.ts';
import { isSign, isWord, type Node, nameOf, splitByCommas, statementIn, type Value } from './syntax.ts';
import { columnOf } from './table-keys.ts';

/** What an insert writes, and the select that its rows come from, if they do. */
export interface Insert {
  readonly touch: TouchPlan;
  readonly select: readonly Node[] | null;
}

/** `insert into table (columns) values (…), … on conflict (columns) do update set … where … returning …` */
export function readInsert(nodes: readonly Node[]): Insert | null {
  const into = nodes.findIndex((node) => isWord(node, 'into'));
  const table = nameOf(nodes[into + 1]);
  if (into === -1 || table === null) return null;
  const behind = nodes.slice(into + (isWord(nodes[into + 2], 'as') ? 4 : 2));
  const [first] = behind;
  const columns = first?.kind === 'group' && statementIn(first) === null ? namesIn(first.nodes) : [];
  const body = behind.slice(columns.length > 0 ? 1 : 0, startOf(behind, 'conflict') ?? startOf(behind, 'returning'));
  const rows = rowsIn(body);
  const valuesOf = (column: string | null) => (column === null ? null : valuesAt(rows, columns.indexOf(column)));
  const touch = { table, account: valuesOf(columnOf(table, 'account')), keys: valuesOf(columnOf(table, 'key')) };
  const conflict = behind.slice(startOf(behind, 'conflict') ?? behind.length);
  // `insert or replace` removes whatever stands in its way.
  const replaces = !isWord(nodes[1], 'into');
  return {
    touch: replaces ? { table, account: null, keys: null } : withConflict(touch, conflict),
    select: isWord(body[0], 'select', 'with') ? body : null,
  };
}

function startOf(nodes: readonly Node[], part: 'conflict' | 'returning'): number | undefined {
  const place = nodes.findIndex((node) => isWord(node, part));
  if (place === -1) return undefined;
  return part === 'conflict' ? place - 1 : place;
}

function rowsIn(body: readonly Node[]): (readonly (readonly Node[])[])[] {
  if (isWord(body[0], 'values'))
    return body.flatMap((node) => (node.kind === 'group' ? [splitByCommas(node.nodes)] : []));
  if (!isWord(body[0], 'select') || body.some((node) => isWord(node, 'union', 'intersect', 'except'))) return [];
  return [splitByCommas(clausesOf(body, ['select', 'from', 'where', 'group', 'order', 'limit']).get('select') ?? [])];
}

/** What stands in one column of all rows; null where that is not known beforehand. */
function valuesAt(rows: readonly (readonly (readonly Node[])[])[], place: number): Value[] | null {
  const values = rows.flatMap((row) => valueIn(row[place] ?? []) ?? []);
  return rows.length > 0 && values.length === rows.length ? values : null;
}

/** A row in the way is updated: one of the same account and key only where those are what it stands in the way by. */
function withConflict(touch: TouchPlan, [, , ...conflict]: readonly Node[]): TouchPlan {
  const updates = conflict.some((node, place) => isWord(node, 'do') && isWord(conflict[place + 1], 'update'));
  if (!updates) return touch;
  const [target] = conflict;
  const clauses = clausesOf(conflict, ['set', 'where', 'returning']);
  const by = target?.kind === 'group' ? namesIn(target.nodes) : [];
  const isBy = (part: 'account' | 'key') => by.includes(columnOf(touch.table, part) ?? '');
  const met = {
    table: touch.table,
    account: isBy('account') ? touch.account : null,
    keys: isBy('key') ? touch.keys : null,
  };
  return withNewIdentity(met, clauses.get('set') ?? []);
}

/** What an update gives another account or key, is then another row as well. */
export function withNewIdentity(touch: TouchPlan, set: readonly Node[]): TouchPlan {
  if (set.length === 0) return touch;
  const assigned = splitByCommas(set).map(([column, equals, ...value]) => ({
    column: isSign(equals, '=') ? nameOf(column) : null,
    value: valueIn(value),
  }));
  const withNew = (part: 'account' | 'key', values: readonly Value[] | null) => {
    const own = assigned.filter(({ column }) => column === null || column === columnOf(touch.table, part));
    const news = own.flatMap(({ column, value }) => (column === null || value === null ? [] : [value]));
    return values === null || news.length < own.length ? null : [...values, ...news];
  };
  return {
    table: touch.table,
    account: withNew('account', touch.account),
    keys: withNew('key', touch.keys),
  };
}

function namesIn(nodes: readonly Node[]): string[] {
  return splitByCommas(nodes).flatMap((part) => nameOf(part[0]) ?? []);
}
