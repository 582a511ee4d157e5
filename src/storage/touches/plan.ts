import { columnsNamedIn } from './columns.ts';
import { createFindings, readsIn, type TouchPlan } from './findings.ts';
import { visitStatement } from './statements.ts';
import { isSign, isWord, type Node, nameOf, parse } from './syntax.ts';
import { isTable } from './table-keys.ts';

/** What a statement does, whatever its parameters are. */
export interface Plan {
  readonly frame: 'begin' | 'commit' | 'rollback' | null;
  readonly reads: readonly TouchPlan[];
  readonly writes: readonly TouchPlan[];
  /** Whether the number of rows that it changed, as the database tells it, is that of all that it changed. */
  readonly counted: boolean;
}

const begin = /^\s*(begin|start transaction)\b/i;
const commit = /^\s*(commit|end)\b/i;
const rollback = /^\s*rollback\s*$/i;

/** Of any text: what cannot be made out is taken to touch every row of every table that it names. */
export function planOf(sql: string): Plan {
  const frame = begin.test(sql) ? 'begin' : commit.test(sql) ? 'commit' : rollback.test(sql) ? 'rollback' : null;
  if (frame !== null) return { frame, reads: [], writes: [], counted: true };
  const nodes = parse(sql);
  if (nodes === null) return { frame, ...everything(sql.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []) };
  const findings = createFindings();
  visitStatement(nodes, findings, new Map(), null);
  // A table that was named and not met stands somewhere unforeseen.
  if (findings.tables.filter(isTable).length < countTables(nodes)) return { frame, ...everything(allWords(nodes)) };
  const main = nodes.find((node) => isWord(node, 'select', 'insert', 'update', 'delete'));
  const counted = findings.writes.length === 1 && !isWord(main, 'select');
  const columns = findings.asksForAll ? undefined : columnsNamedIn(nodes);
  const reads = readsIn(findings).map((read) => ({ ...read, columns }));
  return { frame, reads, writes: findings.writes, counted };
}

/** What a statement depends on of the one table that it reads; undefined: all columns. @throws Error where it reads another. */
export function columnsRead(table: string, sql: string): ReadonlySet<string> | undefined {
  const { reads } = planOf(sql);
  if (reads.length === 0 || reads.some((read) => read.table !== table))
    throw new Error(`Reads more than ${table}: ${sql}`);
  return reads[0]?.columns;
}

function everything(words: readonly string[]): Pick<Plan, 'reads' | 'writes' | 'counted'> {
  const tables = [...new Set(words.filter(isTable))].map((table) => ({ table, account: null, keys: null }));
  const writes = words.some((word) => ['insert', 'update', 'delete', 'replace', 'merge', 'truncate'].includes(word));
  return { reads: tables, writes: writes ? tables : [], counted: false };
}

/** How often a table of the gateway's is named, other than to tell its columns from others'. */
function countTables(nodes: readonly Node[]): number {
  let count = 0;
  for (const [place, node] of nodes.entries()) {
    if (node.kind === 'group' || node.kind === 'case') count += countTables(node.nodes);
    else if (isTable(nameOf(node) ?? '') && !isSign(nodes[place + 1], '.') && !isWord(nodes[place - 1], 'as'))
      count += 1;
  }
  return count;
}

function allWords(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) =>
    node.kind === 'group' || node.kind === 'case' ? allWords(node.nodes) : (nameOf(node) ?? []),
  );
}
