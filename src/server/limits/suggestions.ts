import { type ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/**
 * Takes out of the errors what graphql suggests in place of a name that it does not know: with enough guesses they would spell the
 * schema that introspection no longer shows.
 */
export function useNoSuggestions(): Plugin {
  const settle = ({ result, setResult }: Settled) => {
    if (!isAsyncIterable(result) && result.errors)
      setResult({ ...result, errors: result.errors.map(placedWithoutSuggestion) });
  };
  return {
    onValidate:
      () =>
      ({ result, setResult }) =>
        setResult(Array.from<Error>(result).map(withoutSuggestion)),
    onExecute: () => ({ onExecuteDone: settle }),
    onSubscribe: () => ({ onSubscribeResult: settle }),
  };
}

interface Settled {
  readonly result: ExecutionResult | AsyncIterable<ExecutionResult>;
  readonly setResult: (result: ExecutionResult) => void;
}

function withoutSuggestion(error: Error): Error {
  return error instanceof GraphQLError ? placedWithoutSuggestion(error) : error;
}

function placedWithoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ Did you mean .*\?/s, '');
  // What a resolver throws is the gateway's own text. Of graphql's errors the wrapped one has the suggestion as well: it is let go.
  const isOfGraphql = error.originalError === undefined || error.originalError instanceof GraphQLError;
  if (message === error.message || !isOfGraphql) return error;
  const { nodes = null, source = null, positions = null, path = null, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
