import { type ExecutionArgs, type ExecutionResult, GraphQLError, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Refuses NUL characters wherever a caller can put one: PostgreSQL holds none in a text. */
export function useNoNul(): Plugin {
  return {
    onValidate: ({ addValidationRule }) => addValidationRule(noNulInLiterals),
    onExecute({ args, setExecuteFn }) {
      const refused = refusedVariables(args);
      if (refused !== null) setExecuteFn(() => refused);
    },
    onSubscribe({ args, setSubscribeFn }) {
      const refused = refusedVariables(args);
      if (refused !== null) setSubscribeFn(() => refused);
    },
  };
}

const noNulInLiterals: ValidationRule = (context) => ({
  StringValue(node) {
    if (!node.value.includes('\0')) return;
    const extensions = { code: 'BAD_USER_INPUT' };
    context.reportError(new GraphQLError('A string holds a NUL character.', { nodes: node, extensions }));
  },
});

function refusedVariables({ variableValues }: ExecutionArgs): ExecutionResult | null {
  const found = Object.entries(variableValues ?? {}).find(([, value]) => holdsNul(value));
  if (found === undefined) return null;
  const extensions = { code: 'BAD_USER_INPUT', http: { status: 400, spec: true } };
  return { errors: [new GraphQLError(`Variable "$${found[0]}" holds a NUL character.`, { extensions })] };
}

/** Without recursion: a caller decides how deep a value is. */
function holdsNul(variable: unknown): boolean {
  const left = [variable];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value === 'string' && value.includes('\0')) return true;
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) left.push(key, inner);
  }
  return false;
}
