import { type DocumentNode, Kind, type SelectionSetNode, visit } from 'graphql';

/** How large a document is, before anybody knows whether it is valid. */
export interface Measures {
  /** Fields within fields, of the deepest operation, as if fragments were written out. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Of the widest operation, as if fragments were written out. */
  readonly rootFields: number;
}

/** Each fragment is measured once, however often it is spread, so that this takes as long as the document is. */
export function measure(document: DocumentNode): Measures {
  const fragments = new Map<string, SelectionSetNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node.selectionSet);
  const operations = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? [node.selectionSet] : [],
  );

  const depthOf = perFragment(fragments, (set, fragmentDepth): number => {
    const depths = set.selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return fragmentDepth(selection.name.value);
      const within = selection.selectionSet ? depthOf(selection.selectionSet) : 0;
      return selection.kind === Kind.FIELD ? within + 1 : within;
    });
    return depths.reduce((deepest, depth) => Math.max(deepest, depth), 0);
  });
  const widthOf = perFragment(fragments, (set, fragmentWidth): number => {
    const widths = set.selections.map((selection) => {
      if (selection.kind === Kind.FIELD) return 1;
      return selection.kind === Kind.FRAGMENT_SPREAD
        ? fragmentWidth(selection.name.value)
        : widthOf(selection.selectionSet);
    });
    return widths.reduce((sum, width) => sum + width, 0);
  });
  return {
    ...countsOf(document),
    depth: Math.max(0, ...operations.map(depthOf)),
    rootFields: Math.max(0, ...operations.map(widthOf)),
  };
}

/** A fragment that is spread within itself counts nothing there: validation refuses it. */
function perFragment(
  fragments: ReadonlyMap<string, SelectionSetNode>,
  ofSet: (set: SelectionSetNode, ofFragment: (name: string) => number) => number,
): (set: SelectionSetNode) => number {
  const known = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const set = fragments.get(name);
    const found = known.get(name);
    if (found !== undefined || set === undefined) return found ?? 0;
    known.set(name, 0);
    const measured = ofSet(set, ofFragment);
    known.set(name, measured);
    return measured;
  };
  return (set) => ofSet(set, ofFragment);
}

function countsOf(document: DocumentNode): Pick<Measures, 'aliases' | 'directives'> {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field(node) {
      if (node.alias) aliases += 1;
    },
    Directive() {
      directives += 1;
    },
  });
  return { aliases, directives };
}
