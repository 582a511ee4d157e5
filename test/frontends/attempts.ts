import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, type OperationResult, subscriptionExchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import type { Seen } from './events.ts';

/**
 * Subscribes once, after a cursor where there is one, and gives on what comes. Resolves when the connection is lost, or when `got`
 * says that it was enough.
 */
export type Attempt = (port: number, after: string | null, got: (event: Seen) => boolean) => Promise<void>;

const query = 'subscription Follow($after: String) { events(after: $after) { cursor name } }';

interface Data {
  readonly events: Seen;
}

/** A client that does not try again by itself: it would ask with the cursor that it began with. */
const webSocket = (port: number) =>
  createWsClient({ url: `ws://127.0.0.1:${port}/graphql`, retryAttempts: 0, onNonLazyError: () => undefined });

export const graphqlWs: Attempt = async (port, after, got) => {
  const client = webSocket(port);
  await takeFrom(client.iterate<Data>({ query, variables: { after } }), got);
  await client.dispose();
};

export const graphqlSse: Attempt = async (port, after, got) => {
  const client = createSseClient({ url: `http://127.0.0.1:${port}/graphql`, retryAttempts: 0 });
  await takeFrom(client.iterate<Data>({ query, variables: { after } }), got);
  client.dispose();
};

interface Result {
  readonly data?: Data | null | undefined;
  readonly errors?: unknown;
}

async function takeFrom(results: AsyncIterable<Result>, got: (event: Seen) => boolean): Promise<void> {
  try {
    for await (const { data, errors } of results) {
      if (!data) throw new Error(JSON.stringify(errors));
      if (got(data.events)) return;
    }
  } catch (error) {
    rethrowUnlessLost(error);
  }
}

export const urql: Attempt = async (port, after, got) => {
  const socket = webSocket(port);
  const client = new Client({
    url: `http://127.0.0.1:${port}/graphql`,
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query: request.query ?? '', variables: request.variables ?? {} },
              {
                next: ({ data = null }) => sink.next({ data }),
                error: (error) => sink.error(error),
                complete: () => sink.complete(),
              },
            ),
          }),
        }),
      }),
    ],
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = client.subscription<Data>(query, { after }).subscribe((result: OperationResult<Data>) => {
    if (result.data === undefined || got(result.data.events)) resolve();
  });
  await promise;
  subscription.unsubscribe();
  await socket.dispose();
};

export const apollo: Attempt = async (port, after, got) => {
  const socket = webSocket(port);
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = client
    .subscribe<Data>({ query: gql(query), variables: { after }, fetchPolicy: 'no-cache' })
    .subscribe({
      next: ({ data }) => {
        if (data == null || got(withoutTypename(data.events))) resolve();
      },
      error: () => resolve(),
      complete: () => resolve(),
    });
  await promise;
  subscription.unsubscribe();
  client.stop();
  await socket.dispose();
};

/** Apollo asks for `__typename` too. */
function withoutTypename({ cursor, name }: Seen): Seen {
  return { cursor, name };
}

/** A lost connection is what is tried here; any other failure is one. */
function rethrowUnlessLost(error: unknown): void {
  const text = error instanceof Error ? `${error.name} ${error.message}` : JSON.stringify(error);
  const isClosing = typeof error === 'object' && error !== null && ('code' in error || 'type' in error);
  if (!isClosing && !/network|socket|terminated|closed|fetch failed|ECONN/i.test(text)) throw error;
}
