import { type Clauses, clausesOf, selectsOf } from './clauses.ts';
import { columnsSet, selectsAll } from './columns.ts';
import { columnIn, type Equality, equalitiesIn } from './conditions.ts';
import type { Findings } from './findings.ts';
import { readInsert, withNewIdentity } from './inserts.ts';
import { type Pins, pinsOf, readFrom, type Source, spreadAccounts } from './sources.ts';
import { isWord, type Node, nameOf, splitByCommas, statementIn, type Value } from './syntax.ts';
import { isTable, isUnshown } from './table-keys.ts';

const selectWords = [
  'select',
  'from',
  'where',
  'group',
  'having',
  'window',
  'order',
  'limit',
  'offset',
  'fetch',
  'for',
];
const changeWords = ['update', 'delete', 'set', 'from', 'using', 'where', 'returning'];

/**
 * Finds what a statement touches, and the statements within it.
 * @param outer the accounts known of the sources around it.
 * @param account what is asked of the column `account` of what it gives.
 */
export function visitStatement(
  nodes: readonly Node[],
  findings: Findings,
  outer: Pins,
  account: readonly Value[] | null,
): void {
  const [first] = nodes;
  if (isWord(first, 'with')) visitWith(nodes.slice(1), findings, outer);
  else if (isWord(first, 'insert')) visitInsert(nodes, findings, outer);
  else if (isWord(first, 'update', 'delete')) visitChange(nodes, findings, outer);
  else {
    const selects = selectsOf(nodes);
    for (const select of selects) visitSelect(select, findings, outer, selects.length === 1 ? account : null);
  }
}

/** `name (columns) as (statement), … statement` */
function visitWith(nodes: readonly Node[], findings: Findings, outer: Pins): void {
  const main = nodes.findIndex((node) => isWord(node, 'select', 'insert', 'update', 'delete', 'values'));
  const named = main === -1 ? nodes : nodes.slice(0, main);
  for (const part of splitByCommas(named)) {
    const name = nameOf(isWord(part[0], 'recursive') ? part[1] : part[0]);
    if (name !== null) findings.names.add(name);
  }
  visitGroups(named, findings, new Map());
  if (main !== -1) visitStatement(nodes.slice(main), findings, outer, null);
}

function visitSelect(nodes: readonly Node[], findings: Findings, outer: Pins, account: readonly Value[] | null): void {
  const clauses = clausesOf(nodes, selectWords);
  const from = clauses.get('from') ?? [];
  const { sources, joined } = readFrom(from);
  const where = equalitiesIn(clauses.get('where') ?? []);
  const given = account === null ? null : accountGiven(clauses);
  const asked: Equality[] = account === null || given === null ? [] : [{ column: given, values: account }];
  const accounts = spreadAccounts(
    sources,
    [...where, ...joined],
    pinsOf(sources, [...where, ...asked], 'account'),
    outer,
  );
  const keys = pinsOf(sources, where, 'key');
  for (const { table, alias, statement } of sources) {
    if (statement !== null) visitStatement(statement, findings, outer, accounts.get(alias) ?? null);
    if (table === null) continue;
    findings.tables.push(table);
    findings.reads.push({ table, account: accounts.get(alias) ?? null, keys: keys.get(alias) ?? null });
  }
  // All columns of a statement in its place are those that it names.
  const reads = sources.some(({ table }) => table !== null && (isTable(table) || !findings.names.has(table)));
  findings.asksForAll ||= reads && selectsAll(clauses.get('select') ?? []);
  const visited = new Set(sources.map(({ statement }) => statement));
  const rest = nodes.filter((node) => node.kind !== 'group' || !visited.has(node.nodes));
  visitGroups(rest, findings, around(outer, sources, accounts));
}

/** The column that a statement gives as its `account`, where leaving out other accounts' rows changes nothing of the account's own. */
function accountGiven(clauses: Clauses) {
  const given = splitByCommas(clauses.get('select') ?? []);
  const column = given.map(columnIn).find((each) => each?.name === 'account') ?? null;
  const grouped = clauses.get('group');
  const plain = grouped === undefined && given.every((each) => columnIn(each) !== null);
  const byAccount = splitByCommas(grouped?.slice(1) ?? []).some((each) => columnIn(each)?.name === 'account');
  const cut = ['limit', 'offset', 'fetch', 'window'].some((word) => clauses.has(word));
  return !cut && (plain || byAccount) ? column : null;
}

/** What the statements within one know of the sources around them. */
function around(outer: Pins, sources: readonly Source[], own: Pins): Pins {
  const known = new Map(outer);
  for (const { alias } of sources) known.delete(alias);
  return new Map([...known, ...own]);
}

/** The statements that stand in parentheses, however deep. */
function visitGroups(nodes: readonly Node[], findings: Findings, outer: Pins): void {
  for (const node of nodes) {
    const statement = statementIn(node);
    if (statement !== null) visitStatement(statement, findings, outer, null);
    else if (node.kind === 'group' || node.kind === 'case') visitGroups(node.nodes, findings, outer);
  }
}

/** `update table set … from … where …`, `delete from table using … where …` */
function visitChange(nodes: readonly Node[], findings: Findings, outer: Pins): void {
  findings.asksForAll = true;
  const isUpdate = isWord(nodes[0], 'update');
  const clauses = clausesOf(nodes, changeWords);
  const [target] = readFrom(clauses.get(isUpdate ? 'update' : 'from') ?? []).sources;
  const others = readFrom(clauses.get(isUpdate ? 'from' : 'using') ?? []);
  const sources = target === undefined ? others.sources : [target, ...others.sources];
  const set = clauses.get('set') ?? [];
  const where = equalitiesIn(clauses.get('where') ?? []);
  const accounts = spreadAccounts(sources, [...where, ...others.joined], pinsOf(sources, where, 'account'), outer);
  const keys = pinsOf(sources, where, 'key');
  for (const source of sources) {
    const { table, alias } = source;
    if (table === null) continue;
    const touch = { table, account: accounts.get(alias) ?? null, keys: keys.get(alias) ?? null };
    findings.tables.push(table);
    findings.reads.push(touch);
    if (source === target && !isUnseen(table, set))
      findings.writes.push({ ...withNewIdentity(touch, set), columns: columnsSet(table, set) });
  }
  visitGroups(nodes, findings, around(outer, sources, accounts));
}

/** An update of nothing that answers show. */
function isUnseen(table: string, set: readonly Node[]): boolean {
  return set.length > 0 && splitByCommas(set).every((each) => isUnshown(table, nameOf(each[0]) ?? ''));
}

function visitInsert(nodes: readonly Node[], findings: Findings, outer: Pins): void {
  findings.asksForAll = true;
  const insert = readInsert(nodes);
  const select = insert?.select ?? [];
  if (insert !== null) {
    findings.tables.push(insert.touch.table);
    findings.writes.push(insert.touch);
  }
  if (select.length > 0) visitStatement(select, findings, outer, null);
  const rest = nodes.filter((node) => !select.includes(node));
  visitGroups(rest, findings, outer);
}
