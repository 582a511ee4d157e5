import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isOfEventSource } from './event-source.ts';

/** What asking again does not mend, as HTTP says it. */
const statuses: ReadonlyMap<unknown, number> = new Map([
  ['BAD_USER_INPUT', 400],
  ['GRAPHQL_PARSE_FAILED', 400],
  ['GRAPHQL_VALIDATION_FAILED', 400],
  ['LIMIT_EXCEEDED', 400],
  ['FORBIDDEN', 403],
  ['CURSOR_EXPIRED', 410],
]);

/**
 * A browser's EventSource asks again, and again, whenever a stream has ended; a status other than 200 alone stops it. Clients of
 * GraphQL over SSE post, and are told by a result: of a refusal by its status many would show the status, or try again.
 */
export function useEventStreamRefusals(): Plugin {
  return {
    onResultProcess({ request, result, setResult }) {
      if (!isOfEventSource(request) || Array.isArray(result) || !('errors' in result)) return;
      const status = statusOf(result);
      if (status !== undefined) setResult({ ...result, extensions: { ...result.extensions, http: { status } } });
    },
  };
}

function statusOf({ data, errors = [] }: ExecutionResult): number | undefined {
  return data == null ? statuses.get(errors[0]?.extensions['code']) : undefined;
}
