import type { ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { largestBody, usualBody } from './body-limit.ts';
import { createRoom } from './limits/room.ts';

/** Who asks, by a name that tells one viewer from another; throws where nobody is let in by what the request shows. */
export type Authenticate = (request: Request) => string | Promise<string>;

/** What one viewer may have under way at once. */
interface UnderWay {
  /** Requests whose answers are not yet read; subscriptions that have begun are counted as such. */
  readonly requests: number;
  /** Bytes of bodies that have begun to come; one that does not say how long it is counts as 1 MiB. */
  readonly bytes: number;
}

const usual: UnderWay = { requests: 1_000, bytes: 4 * largestBody };

/** What a refused one is told to wait, in seconds. */
const retrySeconds = 5;

/**
 * Nothing of an operation is read before its caller is known: its faults would tell strangers of the schema, and bodies that never
 * end would take the memory. What one viewer has under way is bounded, so that there is room for the others.
 */
export function useAuthentication(authenticate: Authenticate | undefined, most = usual): Plugin {
  if (authenticate === undefined) return {};
  const requests = createRoom(most.requests);
  const bodies = createRoom(most.bytes);
  const ends = new WeakMap<Request, () => void>();
  /** @returns to be called when the body is read. */
  const admit = async (request: Request, response: ServerResponse | undefined) => {
    const viewer = await authenticate(request);
    // Who asks in process has no connection, and is no stranger.
    if (response === undefined) return () => undefined;
    const end = requests.take(viewer);
    if (end === null) throw tooMany(`${most.requests} requests`);
    ends.set(request, end);
    if (response.destroyed) end();
    else response.once('close', end);
    const arrived = bodies.take(viewer, announced(request));
    if (arrived === null) throw tooMany(`${most.bytes} bytes of requests`);
    return arrived;
  };
  return {
    onRequestParse({ request, requestParser, setRequestParser, serverContext }) {
      if (requestParser === undefined) return;
      const { res } = serverContext as { readonly res?: ServerResponse };
      setRequestParser(async (asked: Request) => {
        const arrived = await admit(request, res);
        try {
          return await requestParser(asked);
        } finally {
          arrived();
        }
      });
    },
    onResultProcess({ request, result }) {
      if (isAsyncIterable(result)) ends.get(request)?.();
    },
  };
}

function announced({ method, headers }: Request): number {
  if (method !== 'POST') return 0;
  return Math.min(Number(headers.get('content-length') ?? usualBody), largestBody);
}

function tooMany(what: string): GraphQLError {
  const http = { status: 429, headers: { 'retry-after': `${retrySeconds}` } };
  return new GraphQLError(`You have ${what} under way, and that is the most. Try again when some have ended.`, {
    extensions: { code: 'TOO_MANY_OPERATIONS', retryAfter: retrySeconds * 1000, http },
  });
}
