import { type ExecutionResult, GraphQLError } from 'graphql';
import { createPayload, type PlacedPayload } from './payload.ts';
import type { EndingCode } from './stream.ts';

const messages: Readonly<Record<EndingCode, string>> = {
  TOO_SLOW: 'More happened than was read. Subscribe again from the cursor, and read faster or ask for less.',
  GOING_AWAY:
    'The gateway is being restarted. Subscribe again from the cursor when `retryAfter` milliseconds have passed.',
  FORBIDDEN: 'This subscription is no longer allowed. Sign in again, then subscribe from the cursor.',
};

/** The last payload of a stream that we end: why, from where to go on (`cursor`) and when (`retryAfter`, milliseconds). */
export function endingPayload(code: EndingCode, cursor: string | null, retryAfter: number | null): PlacedPayload {
  const extensions = { code, ...(cursor === null ? {} : { cursor }), ...(retryAfter === null ? {} : { retryAfter }) };
  return createPayload({ errors: [new GraphQLError(messages[code], { extensions })] }, { retryAfter });
}

/** The last payload of a stream that failed: what failed, and from where to go on unless that is what failed. */
export function failurePayload({ errors = [], ...rest }: ExecutionResult, cursor: string | null): PlacedPayload {
  if (cursor === null) return createPayload({ ...rest, errors });
  return createPayload({ ...rest, errors: errors.map((error) => withCursor(error, cursor)) });
}

function withCursor(error: GraphQLError, cursor: string): GraphQLError {
  if (error.extensions['code'] === 'CURSOR_EXPIRED') return error;
  const { message, nodes = null, path = null, extensions } = error;
  return new GraphQLError(message, { nodes, path, extensions: { ...extensions, cursor } });
}
