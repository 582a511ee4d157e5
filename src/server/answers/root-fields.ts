import { hash } from 'node:crypto';
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** A root field of a query, which is worked out and kept by itself. */
export interface RootField {
  /** In the answer. */
  readonly name: string;
  /** Asks for it alone. */
  readonly document: DocumentNode;
  /** Of what is asked, however it was written and whatever it is called in the answer. */
  readonly digest: string;
  /** Those of the operation's that it names. */
  readonly variables: readonly string[];
}

/** Documents are remembered, and what is known of their operations with them. */
const known = new WeakMap<OperationDefinitionNode, readonly RootField[]>();

/** What a valid query asks for at its root, in the order of its answer; what is asked for twice by one name is one field. */
export function rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly RootField[] {
  const found = known.get(operation) ?? split(document, operation);
  known.set(operation, found);
  return found;
}

/** A field, in fragments whose directives may leave it out. */
type Asked = FieldNode | (InlineFragmentNode & { readonly selectionSet: { readonly selections: readonly Asked[] } });

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function split(document: DocumentNode, operation: OperationDefinitionNode): RootField[] {
  const fragments: Fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
    ),
  );
  const selections = new Map<string, Asked[]>();
  collect(operation.selectionSet, fragments, (field) => field, selections);
  return [...selections].map(([name, asked]) => rootField(name, asked, operation, fragments));
}

/** @param within puts a field back under the directives of what stands around it. */
function collect(
  set: SelectionSetNode,
  fragments: Fragments,
  within: (field: Asked) => Asked,
  found: Map<string, Asked[]>,
): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      found.set(name, [...(found.get(name) ?? []), within(selection)]);
      continue;
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const { directives = [] } = selection;
    if (inner) collect(inner.selectionSet, fragments, (field) => within(under(directives, field)), found);
  }
}

function under(directives: readonly DirectiveNode[], field: Asked): Asked {
  if (directives.length === 0) return field;
  return { kind: Kind.INLINE_FRAGMENT, directives, selectionSet: { kind: Kind.SELECTION_SET, selections: [field] } };
}

function rootField(
  name: string,
  selections: readonly Asked[],
  operation: OperationDefinitionNode,
  fragments: Fragments,
): RootField {
  const asked: SelectionSetNode = { kind: Kind.SELECTION_SET, selections };
  const spread = fragmentsIn(asked, fragments);
  const names = new Set([asked, ...spread].flatMap(variablesIn));
  const { variableDefinitions: defined = [] } = operation;
  const variableDefinitions = defined.filter(({ variable }) => names.has(variable.name.value));
  const alone = { ...operation, variableDefinitions, selectionSet: asked } satisfies OperationDefinitionNode;
  const nameless = { ...asked, selections: selections.map(withoutName) };
  const text = [...alone.variableDefinitions, nameless, ...spread].map(print).join('\n');
  return {
    name,
    document: { kind: Kind.DOCUMENT, definitions: [alone, ...spread] },
    digest: hash('sha256', text, 'base64url'),
    variables: [...names],
  };
}

/** The name that a root field is given in the answer says nothing of what it comes to. */
function withoutName(selection: Asked): Asked {
  if (selection.kind === Kind.FIELD) return { kind: Kind.FIELD, name: selection.name, ...partsOf(selection) };
  const selections = selection.selectionSet.selections.map(withoutName);
  return { ...selection, selectionSet: { ...selection.selectionSet, selections } };
}

function partsOf({ arguments: given = [], directives = [], selectionSet }: FieldNode) {
  return { arguments: given, directives, ...(selectionSet && { selectionSet }) };
}

/** All that it leads to, in the order in which it does. */
function fragmentsIn(set: SelectionSetNode, fragments: Fragments): FragmentDefinitionNode[] {
  const found = new Set<FragmentDefinitionNode>();
  const follow = (within: SelectionSetNode) =>
    visit(within, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || found.has(fragment)) return;
        found.add(fragment);
        follow(fragment.selectionSet);
      },
    });
  follow(set);
  return [...found];
}

function variablesIn(node: SelectionSetNode | FragmentDefinitionNode): string[] {
  const found: string[] = [];
  visit(node, { Variable: ({ name }) => void found.push(name.value) });
  return found;
}
