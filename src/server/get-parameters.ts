import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** A GET whose `variables` or `extensions` are no JSON is a fault of the request: to Yoga it would be one of the gateway. */
export function useGetParameters(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method !== 'GET' || requestParser === undefined) return;
      setRequestParser(async (asked: Request) => {
        try {
          return await requestParser(asked);
        } catch (error) {
          throw error instanceof SyntaxError ? notJson() : error;
        }
      });
    },
  };
}

function notJson(): GraphQLError {
  return new GraphQLError('"variables" and "extensions" are sent as JSON.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}
