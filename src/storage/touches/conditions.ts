import { isSign, isWord, type Node, nameOf, split, splitByCommas, statementIn, type Value } from './syntax.ts';

/** `source.name`, or `name` alone. */
export interface Column {
  readonly source: string | null;
  readonly name: string;
}

/** A condition that every row must meet: a column is one of some values, or equals another column. */
export type Equality =
  | { readonly column: Column; readonly values: readonly Value[] }
  | { readonly column: Column; readonly other: Column };

/** The equalities among the conditions that all have to be met. One that is a choice between several is none. */
export function equalitiesIn(nodes: readonly Node[]): Equality[] {
  if (nodes.some((node) => isWord(node, 'or'))) return [];
  return conjuncts(nodes).flatMap((condition) => {
    const [only] = condition;
    if (condition.length === 1 && only?.kind === 'group')
      return statementIn(only) === null ? equalitiesIn(only.nodes) : [];
    const equality = equalityOf(condition);
    return equality === null ? [] : [equality];
  });
}

/** The second half of a `between` is no condition of its own. */
function conjuncts(nodes: readonly Node[]): (readonly Node[])[] {
  const parts = split(nodes, (node) => isWord(node, 'and'));
  return parts.filter((_part, place) => !parts[place - 1]?.some((node) => isWord(node, 'between')));
}

function equalityOf(condition: readonly Node[]): Equality | null {
  const left = readColumn(condition);
  if (left === null) return null;
  const { column, rest } = left;
  const [operator, ...operand] = rest;
  const [value] = operand;
  if (isWord(operator, 'in') && operand.length === 1 && value?.kind === 'group') {
    const values = splitByCommas(value.nodes).map(valueIn);
    return values.every((each) => each !== null) ? { column, values } : null;
  }
  if (!isSign(operator, '=')) return null;
  const single = valueIn(operand);
  if (single !== null) return { column, values: [single] };
  const other = columnIn(operand);
  return other === null ? null : { column, other };
}

/** The column that these nodes are, and nothing else. */
export function columnIn(nodes: readonly Node[]): Column | null {
  const read = readColumn(nodes);
  return read === null || read.rest.length > 0 ? null : read.column;
}

function readColumn(nodes: readonly Node[]): { readonly column: Column; readonly rest: readonly Node[] } | null {
  const first = nameOf(nodes[0]);
  if (first === null) return null;
  if (!isSign(nodes[1], '.')) return { column: { source: null, name: first }, rest: nodes.slice(1) };
  const name = nameOf(nodes[2]);
  return name === null ? null : { column: { source: first, name }, rest: nodes.slice(3) };
}

/** The value that these nodes are, and nothing else. */
export function valueIn(nodes: readonly Node[]): Value | null {
  const [only] = nodes;
  return nodes.length === 1 && only?.kind === 'value' ? only.value : null;
}
