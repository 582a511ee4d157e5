import { GraphQLError, type Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** How a caller names an operation: by its text, by its id, or both. What is not of these types is left as it is. */
export interface Asked {
  readonly query?: string | null | undefined;
  readonly documentId?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Trusted operations, by their ids. */
export interface PersistedOperations {
  /** The text of what is asked for; undefined where neither text nor id is given. @throws GraphQLError PERSISTED_QUERY_NOT_FOUND */
  textOf(asked: Asked): string | undefined;
  /** For every operation, whichever way it came: resolves ids over HTTP, and where `only` is set refuses all other texts. */
  plugin(): Plugin;
}

/** @param only nothing but these runs. Their own texts are taken as well as their ids. */
export function createPersistedOperations(documents: ReadonlyMap<string, string>, only: boolean): PersistedOperations {
  const trusted = new Set(documents.values());

  const textOf = (asked: Asked): string | undefined => {
    const id = idOf(asked);
    // Clients that must send a text, as over a WebSocket, send an empty one.
    if (asked.query || id === null) return asked.query ?? undefined;
    const document = documents.get(id);
    if (document === undefined) throw notFound();
    return document;
  };
  return {
    textOf,
    plugin: () => ({
      onParams({ params, request, setParams }) {
        // Yoga does not read it off the address, and takes no parameter of that name further.
        const inAddress = request.method === 'GET' ? new URL(request.url).searchParams.get('documentId') : null;
        const { documentId = inAddress, ...rest } = params as typeof params & { documentId?: unknown };
        const query = textOf({ ...rest, documentId });
        setParams({ ...rest, ...(query === undefined ? {} : { query }) });
      },
      onParse({ params }) {
        if (only && !trusted.has(textIn(params.source))) throw notTrusted();
      },
    }),
  };
}

/** As the persisted-documents proposal has it, or as Apollo's clients do. */
function idOf({ documentId, extensions }: Asked): string | null {
  if (typeof documentId === 'string') return documentId.replace(/^sha256:/, '');
  const persisted = extensions?.['persistedQuery'];
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return null;
  return typeof persisted.sha256Hash === 'string' ? persisted.sha256Hash : null;
}

function textIn(source: string | Source): string {
  return typeof source === 'string' ? source : source.body;
}

/** Apollo's clients know it by its code, and then send the text. */
function notFound(): GraphQLError {
  return refusal('PERSISTED_QUERY_NOT_FOUND', 'There is no persisted operation with this id.');
}

function notTrusted(): GraphQLError {
  return refusal('PERSISTED_ONLY', 'Only persisted operations run here: send the id of one, as `documentId`.');
}

function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400, spec: true } } });
}
