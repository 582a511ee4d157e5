import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { limitExceeded } from './exceeded.ts';

/** How often a root field has DIDfarm asked at the least, by its coordinate, such as `Mutation.checkout`. None: not at all. */
export type UpstreamNeed = Readonly<Record<string, number>>;

/**
 * Refuses, before the first call, an operation that needs more of them than its viewer may have sent in a minute: it could never be
 * done whole, and half of it would have been.
 * @param allowed of the viewer of an operation, by its context.
 */
export function useUpstreamNeed<C extends object>(need: UpstreamNeed, allowed: (context: C) => number): Plugin {
  return {
    onExecute({ args, setExecuteFn }) {
      const refused = tooMuch(args, need, allowed);
      if (refused !== null) setExecuteFn(() => refused);
    },
  };
}

function tooMuch<C extends object>(
  { document, operationName, contextValue }: ExecutionArgs,
  need: UpstreamNeed,
  allowed: (context: C) => number,
): ExecutionResult | null {
  const operation = getOperationAST(document, operationName);
  if (!operation) return null;
  const needed = neededBy(document, operation, need);
  if (needed === 0) return null;
  // The context was made by `createContext`; Yoga's types have lost that.
  const most = allowed(contextValue as C);
  return needed > most ? { errors: [limitExceeded('upstreamCalls', most, needed)] } : null;
}

function neededBy(document: DocumentNode, operation: OperationDefinitionNode, need: UpstreamNeed): number {
  const type = operation.operation === 'mutation' ? 'Mutation' : 'Query';
  const names = [...rootFields(document, operation.selectionSet, new Map()).values()];
  return names.reduce((sum, name) => sum + (need[`${type}.${name}`] ?? 0), 0);
}

/** By the name that each has in the answer: one that is asked for twice by the same name is executed once. */
function rootFields(document: DocumentNode, set: SelectionSetNode, found: Map<string, string>): Map<string, string> {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      found.set(selection.alias?.value ?? selection.name.value, selection.name.value);
      continue;
    }
    const within = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOf(document, selection.name.value);
    if (within) rootFields(document, within.selectionSet, found);
  }
  return found;
}

function fragmentOf(document: DocumentNode, name: string) {
  return document.definitions.find((node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) as
    | { readonly selectionSet: SelectionSetNode }
    | undefined;
}
