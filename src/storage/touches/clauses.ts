import { isWord, type Node, split } from './syntax.ts';

/** The parts of a statement by the words that begin them; what stands before the first is not among them. */
export type Clauses = ReadonlyMap<string, readonly Node[]>;

/** Each word begins a part once, at its first place. */
export function clausesOf(nodes: readonly Node[], words: readonly string[]): Clauses {
  const clauses = new Map<string, Node[]>();
  let current: Node[] = [];
  for (const node of nodes) {
    if (node.kind === 'word' && words.includes(node.text) && !clauses.has(node.text)) {
      current = [];
      clauses.set(node.text, current);
    } else current.push(node);
  }
  return clauses;
}

/** The selects of a compound. */
export function selectsOf(nodes: readonly Node[]): (readonly Node[])[] {
  return split(nodes, (node) => isWord(node, 'union', 'intersect', 'except')).map((select) =>
    isWord(select[0], 'all') ? select.slice(1) : select,
  );
}
