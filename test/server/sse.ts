import type { GatewayServer } from '../../src/server/server.ts';

/** One block of an event stream by its fields; a comment alone has none. */
export type Block = Readonly<Partial<Record<'id' | 'event' | 'data' | 'retry', string>>>;

/** A caller's event stream. */
export interface EventStream {
  readonly status: number;
  readonly headers: Headers;
  /** The next block that is no comment. */
  next(): Promise<Block>;
  /** The `data` of the one field of so many results. */
  take(count: number): Promise<unknown[]>;
  /** Everything to the end. */
  rest(): Promise<Block[]>;
  leave(): Promise<void>;
}

export interface SubscribeOptions {
  readonly variables?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Subscribes in process, without a socket between. */
export async function subscribe(
  server: Pick<GatewayServer, 'fetch'>,
  query: string,
  { variables, headers }: SubscribeOptions = {},
): Promise<EventStream> {
  const response = await server.fetch(
    new Request('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ query, variables }),
    }),
  );
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('An answer without a body');
  let text = '';
  let ended = false;
  const read = async (): Promise<Block | null> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = blockOf(text.slice(0, end));
        text = text.slice(end + 2);
        if (Object.keys(block).length > 0) return block;
      } else {
        const { done, value } = await reader.read();
        ended = done;
        if (done) return null;
        text += Buffer.from(value).toString();
      }
    }
  };
  const next = async () => (await read()) ?? Promise.reject(new Error('The stream has ended'));
  return {
    status: response.status,
    headers: response.headers,
    next,
    async take(count) {
      const values: unknown[] = [];
      while (values.length < count) {
        const { event, data } = await next();
        if (event === 'next') values.push(...Object.values(JSON.parse(data ?? '')['data'] ?? {}));
      }
      return values;
    },
    async rest() {
      const blocks: Block[] = [];
      for (let block = await read(); block !== null; block = await read()) blocks.push(block);
      return blocks;
    },
    // Yoga's reader would not end a body of which nothing was read.
    leave: async () => (ended ? undefined : response.body?.cancel()),
  };
}

function blockOf(text: string): Block {
  const fields = text.split('\n').filter((line) => !line.startsWith(':') && line !== '');
  return Object.fromEntries(fields.map((line) => line.split(/: ?(.*)/s, 2)));
}
