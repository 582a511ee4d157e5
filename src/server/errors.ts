import { GraphQLError, isValueNode, NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from './log.ts';
import { currentRequestId } from './request-id.ts';

/** Turns what the gateway's own code throws into a coded error that a caller may see; null for everything else. */
export type ToGraphQLError = (error: unknown) => GraphQLError | null;

/**
 * What a caller sees of an error: known ones with their code, faults in the request as such, and of anything else only that it
 * happened and under which request id the log has it. An error that has its code already is left as it is.
 */
export function createErrorMask(toGraphQLError: ToGraphQLError, log: Logger): (error: unknown) => GraphQLError {
  return (error) => {
    if (error instanceof GraphQLError && !error.originalError && error.extensions['code'] !== undefined) return error;
    const cause = causeOf(error);
    const known = toGraphQLError(cause) ?? (cause instanceof GraphQLError ? faultOfRequest(error, cause) : null);
    if (known) return placedAt(error, known.message, known.extensions);

    const path = error instanceof GraphQLError ? error.path?.join('.') : undefined;
    log.error({ err: cause, path }, 'Unexpected error');
    return placedAt(error, 'Unexpected error.', { code: 'INTERNAL_SERVER_ERROR', requestId: currentRequestId() });
  };
}

/** A literal that is no value of its type is bad input, as the same value in a variable is. */
export function useBadInputCodes(): Plugin {
  return {
    onValidate:
      () =>
      ({ result, setResult }) => {
        setResult(Array.from<Error>(result).map(codedAsInput));
      },
  };
}

/** Refuses `__schema` and `__type`. */
export function useNoIntrospection(): Plugin {
  const rule: ValidationRule = NoSchemaIntrospectionCustomRule;
  return { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
}

function codedAsInput(error: Error): Error {
  if (!(error instanceof GraphQLError)) return error;
  const node = error.nodes?.[0];
  if (error.extensions['code'] !== undefined || node === undefined || !isValueNode(node)) return error;
  return withCode(error, { code: 'BAD_USER_INPUT' });
}

/** The error at the bottom: executors wrap what a resolver throws, sometimes more than once. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;
}

/** Null where the request is not to blame: a resolver returned what is no value of the field's type. */
function faultOfRequest(error: unknown, cause: GraphQLError): GraphQLError | null {
  if (cause.extensions['code'] !== undefined) return cause;
  const http = { status: 400, spec: true };
  const isSyntax = cause.source !== undefined && cause.nodes === undefined;
  if (isSyntax) return withCode(cause, { code: 'GRAPHQL_PARSE_FAILED', http });
  // Variables and the choice of the operation fail before anything ran, so without a path.
  if (error instanceof GraphQLError && !isPlaced(error)) return withCode(cause, { code: 'BAD_USER_INPUT', http });
  // An argument fails at its place in the document; a returned value has none.
  if (cause.nodes !== undefined && cause.path === undefined) return withCode(cause, { code: 'BAD_USER_INPUT' });
  return null;
}

function isPlaced(error: unknown): boolean {
  return error instanceof GraphQLError && error.path !== undefined;
}

function withCode(error: GraphQLError, extensions: GraphQLError['extensions']): GraphQLError {
  return placedAt(error, error.message, { ...error.extensions, ...extensions });
}

function placedAt(error: unknown, message: string, extensions: GraphQLError['extensions']): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes = null, source = null, positions = null, path = null } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
