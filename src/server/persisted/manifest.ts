import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  Source,
  validate,
  visit,
} from 'graphql';

/** A file of operations and fragments. */
export interface GraphqlFile {
  readonly path: string;
  readonly text: string;
}

/** One operation of a manifest. */
export interface PersistedDocument {
  readonly id: string;
  /** Null where the operation has none. */
  readonly name: string | null;
  readonly document: string;
}

/** The id of a document: its SHA-256 in hex. */
export function hashOf(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

/**
 * Each operation of the files with the fragments that it spreads, from whichever file, as graphql prints it, in the order of their
 * names. Faults name their file and line; with any of them there are no documents.
 */
export function manifestOf(
  files: readonly GraphqlFile[],
  schema: GraphQLSchema,
): { readonly documents: readonly PersistedDocument[]; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const parsed = files.flatMap((file) => {
    try {
      return [parse(new Source(file.text, file.path))];
    } catch (error) {
      faults.push(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const definitions = parsed.flatMap((document) => document.definitions);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of definitions) {
    if (node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    if (fragments.has(node.name.value))
      faults.push(`${placeOf(node)}: There is another fragment "${node.name.value}".`);
    fragments.set(node.name.value, node);
  }
  const names = new Set<string>();
  const documents = definitions.flatMap((node): PersistedDocument[] => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return [];
    const name = node.name?.value ?? null;
    if (name !== null && names.has(name)) faults.push(`${placeOf(node)}: There is another operation "${name}".`);
    if (name !== null) names.add(name);
    const whole = withFragments(node, fragments);
    faults.push(...validate(schema, whole).map((error) => `${placeOf(error.nodes?.[0] ?? node)}: ${error.message}`));
    const document = print(whole);
    return [{ id: hashOf(document), name, document }];
  });
  const byName = [...documents].sort((a, b) => compare(a.name ?? '', b.name ?? '') || compare(a.id, b.id));
  return { documents: faults.length === 0 ? byName : [], faults };
}

/** The operation first, then its fragments in the order in which they are first spread. */
function withFragments(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): DocumentNode {
  const used = new Set<FragmentDefinitionNode>();
  const follow = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(fragment)) return;
        used.add(fragment);
        follow(fragment);
      },
    });
  };
  follow(operation);
  return { kind: Kind.DOCUMENT, definitions: [operation, ...used] };
}

function placeOf({ loc }: Pick<OperationDefinitionNode, 'loc'>): string {
  return loc === undefined ? 'unknown' : `${loc.source.name}:${loc.startToken.line}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
