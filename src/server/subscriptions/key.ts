import { type DocumentNode, getOperationAST, Kind, print, visit } from 'graphql';

/** What a caller asks for, as far as it decides what they are given. */
export interface Asked {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Callers with one key are served by one execution: one audience, document, operation and variables, whatever they go on from. */
export function channelKey(audience: string, { document, operationName, variableValues }: Asked): string {
  const begin = beginVariable(document, operationName);
  const variables = Object.entries(variableValues ?? {}).filter(([name]) => name !== begin);
  const text = document.loc?.source.body ?? print(document);
  return JSON.stringify([audience, text, operationName ?? null, sorted(Object.fromEntries(variables))]);
}

/** Those that the operation declares: any others decide nothing, and would be kept as long as the subscription. */
export function declaredVariables({ document, operationName, variableValues }: Asked): Record<string, unknown> {
  const declared = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const given = Object.entries(variableValues ?? {});
  return Object.fromEntries(given.filter(([name]) => declared.some(({ variable }) => variable.name.value === name)));
}

/**
 * The variable that says where a caller begins (`after` of the subscription itself) and nothing else. Of no matter to a channel,
 * which begins where its first caller has come to.
 */
function beginVariable(document: DocumentNode, operationName: string | null | undefined): string | null {
  const [field] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  if (field?.kind !== Kind.FIELD) return null;
  const after = field.arguments?.find((argument) => argument.name.value === 'after')?.value;
  if (after?.kind !== Kind.VARIABLE) return null;
  const name = after.name.value;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: (variable) => {
      if (variable.name.value === name) uses += 1;
    },
  });
  return uses === 1 ? name : null;
}

/** With the names of every object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
