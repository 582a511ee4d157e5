/** A value in a statement: the position of a parameter, or a literal's text. */
export type Value = number | string;

/** A statement as a tree: what stands in parentheses, or between `case` and `end`, is one node. */
export type Node =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'group' | 'case'; readonly nodes: readonly Node[] };

const token = /\s+|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|\$(\d+)|([a-z_][a-z0-9_]*)|(\d+(?:\.\d+)?)|--|\/\*|[<>=!|:]+|./giy;
const unreadable = new Set(['--', '/*', '"', "'"]);

/** Reads a statement as Kysely writes it for either engine; null where it has a comment, or does not add up. */
export function parse(sql: string): readonly Node[] | null {
  const leaves: Node[] = [];
  let questions = 0;
  for (const match of sql.matchAll(token)) {
    const leaf = leafOf(match, questions);
    if (leaf?.kind === 'sign' && unreadable.has(leaf.text)) return null;
    if (leaf !== null) leaves.push(leaf);
    if (match[0] === '?') questions += 1;
  }
  return nest(leaves);
}

function leafOf([text, name, literal, parameter, word, number]: RegExpExecArray, questions: number): Node | null {
  if (word !== undefined) return { kind: 'word', text: word.toLowerCase() };
  if (name !== undefined) return { kind: 'name', text: name };
  if (parameter !== undefined) return { kind: 'value', value: Number(parameter) - 1 };
  if (text === '?') return { kind: 'value', value: questions };
  if (number !== undefined) return { kind: 'value', value: number };
  if (literal !== undefined) return { kind: 'value', value: literal.replaceAll("''", "'") };
  return text.trim() === '' ? null : { kind: 'sign', text };
}

function nest(leaves: readonly Node[]): readonly Node[] | null {
  const root: Node[] = [];
  const open: { readonly kind: 'group' | 'case' | null; readonly nodes: Node[] }[] = [{ kind: null, nodes: root }];
  for (const leaf of leaves) {
    const [opened, closed] = [kindOf(leaf, '(', 'case'), kindOf(leaf, ')', 'end')];
    if (opened !== null) {
      const group = { kind: opened, nodes: [] };
      open.at(-1)?.nodes.push(group);
      open.push(group);
    } else if (closed === null) open.at(-1)?.nodes.push(leaf);
    else if (open.pop()?.kind !== closed) return null;
  }
  return open.length === 1 ? root : null;
}

function kindOf(leaf: Node, sign: string, word: string): 'group' | 'case' | null {
  if (isSign(leaf, sign)) return 'group';
  return isWord(leaf, word) ? 'case' : null;
}

export function isWord(node: Node | undefined, ...words: readonly string[]): boolean {
  return node?.kind === 'word' && words.includes(node.text);
}

export function isSign(node: Node | undefined, sign: string): boolean {
  return node?.kind === 'sign' && node.text === sign;
}

/** What may be the name of a table, a column or an alias. */
export function nameOf(node: Node | undefined): string | null {
  return node?.kind === 'word' || node?.kind === 'name' ? node.text : null;
}

/** What stands between separators, itself without any. */
export function split(nodes: readonly Node[], isSeparator: (node: Node) => boolean): (readonly Node[])[] {
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (isSeparator(node)) parts.push([]);
    else parts.at(-1)?.push(node);
  }
  return parts;
}

export function splitByCommas(nodes: readonly Node[]): (readonly Node[])[] {
  return split(nodes, (node) => isSign(node, ','));
}

/** The statement that stands in parentheses; null where it is none. */
export function statementIn(node: Node | undefined): readonly Node[] | null {
  if (node?.kind !== 'group') return null;
  return isWord(node.nodes[0], 'select', 'with', 'values', 'insert', 'update', 'delete') ? node.nodes : null;
}
