import { createClient } from 'graphql-ws';

/** One who follows the log over the life of several gateways, from the last event it has seen. */
export interface Subscriber {
  /** What it was given, in order: `data.place` of each event. */
  readonly places: readonly number[];
  /** Follows until the connection is lost, or the gateway says that it is going. */
  follow(url: string): Promise<void>;
  /** Waits until it was given the event with this cursor. */
  reached(cursor: string): Promise<void>;
}

interface Given {
  readonly events: { readonly cursor: string; readonly data: { readonly place: number } };
}

const query = 'subscription ($after: String) { events(after: $after) { cursor data } }';

/** @param begin the cursor of an event that is in the log: those after it are given. */
export function createSubscriber(begin: string): Subscriber {
  const places: number[] = [];
  let last = begin;
  let moved = Promise.withResolvers<void>();

  return {
    places,
    async follow(url) {
      const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
      try {
        for await (const { data, errors } of client.iterate<Given>({ query, variables: { after: last } })) {
          if (errors?.[0]?.extensions?.['code'] === 'GOING_AWAY') return;
          if (!data) throw new Error(JSON.stringify(errors));
          last = data.events.cursor;
          places.push(data.events.data.place);
          moved.resolve();
          moved = Promise.withResolvers();
        }
      } catch (error) {
        // A closed connection is an event and no Error.
        if (error instanceof Error) throw error;
      } finally {
        await client.dispose();
      }
    },
    async reached(cursor) {
      while (last !== cursor) await moved.promise;
    },
  };
}
