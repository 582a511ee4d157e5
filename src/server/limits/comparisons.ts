import { type DocumentNode, type FieldNode, Kind, type SelectionNode, type SelectionSetNode, visit } from 'graphql';

/**
 * What has to be looked at to know that the fields of a document can be merged, which is by far the longest part of its validation:
 * each two fields of one name in one place of the answer, each two fragments that meet there, and every field for each of the
 * selections that are merged where it is met. Nothing is counted beyond `most`, so that this takes as long as an allowed document takes.
 * @returns at most one more than `most`.
 */
export function countComparisons(document: DocumentNode, most: number): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node.selectionSet);
  let count = 0;
  const isAllowed = (more: number) => {
    count = Math.min(count + more, most + 1);
    return count <= most;
  };

  /** The fields that sets give together, by their names in the answer. */
  const collect = (sets: readonly SelectionSetNode[]) => {
    const byName = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const takeAll = (set: SelectionSetNode) => {
      for (const selection of set.selections) if (isAllowed(sets.length)) take(selection);
    };
    const take = (selection: SelectionNode) => {
      if (selection.kind === Kind.FIELD) takeField(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) takeAll(selection.selectionSet);
      else if (!spread.has(selection.name.value)) takeFragment(selection.name.value);
    };
    const takeField = (field: FieldNode) => {
      const name = (field.alias ?? field.name).value;
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [field]);
      else if (isAllowed(same.length)) same.push(field);
    };
    const takeFragment = (name: string) => {
      const set = fragments.get(name);
      if (!isAllowed(spread.size)) return;
      spread.add(name);
      if (set !== undefined) takeAll(set);
    };
    sets.forEach(takeAll);
    return byName;
  };
  /** Of one place of the answer, and of those below it that several fields give together. */
  const compare = (sets: readonly SelectionSetNode[]): void => {
    for (const fields of collect(sets).values()) {
      const below = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 1 && count <= most) compare(below);
    }
  };
  visit(document, { SelectionSet: (set) => compare([set]) });
  return count;
}
