import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * What is no JSON is a fault of the request, told in the gateway's own words: to Yoga it would be one of the gateway where it stands in
 * an address, and of a body it would say all of it back.
 */
export function useParameterFaults(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (requestParser === undefined) return;
      setRequestParser(async (asked: Request) => {
        try {
          return await requestParser(asked);
        } catch (error) {
          throw isUnreadable(error) ? notJson(asked.method) : error;
        }
      });
    },
  };
}

function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof GraphQLError && 'originalError' in error.extensions);
}

function notJson(method: string): GraphQLError {
  const message = method === 'GET' ? '"variables" and "extensions" are sent as JSON.' : 'The body is no JSON.';
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}
