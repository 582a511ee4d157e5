import type { Client } from 'graphql-ws';
import type { Seen } from './events.ts';

// Shown in the README as it stands, from here on: the test of it compares.
const query = 'subscription ($after: String) { events(after: $after) { cursor name } }';

/** Gives on every event after a cursor, once and in order, however often the connection is lost. */
export async function follow(
  client: Client,
  after: string | null,
  onEvent: (event: Seen) => void,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<never> {
  for (;;) {
    let wait = 1_000;
    try {
      for await (const { data, errors } of client.iterate<{ events: Seen }>({ query, variables: { after } })) {
        if (data) {
          onEvent(data.events);
          after = data.events.cursor;
        } else if (errors?.[0]?.extensions?.['code'] === 'GOING_AWAY') {
          wait = Number(errors[0].extensions['retryAfter']);
        } else {
          throw new Error(`The events cannot be followed: ${JSON.stringify(errors)}`);
        }
      }
    } catch (lost) {
      const mayGoOn = lost instanceof Event && !('code' in lost && lost.code === 4403);
      if (!mayGoOn) throw lost;
    }
    await sleep(wait);
  }
}
