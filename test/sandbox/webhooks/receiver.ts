import { once } from 'node:events';
import { createServer } from 'node:http';

export interface ReceivedEvent {
  readonly event: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly raw: { readonly body: Buffer; readonly signature: string }[];
  events(): ReceivedEvent[];
  /** Answers so from now on; `silent` not at all. */
  answer(status: number | 'silent'): void;
}

/** A webhook endpoint on a real socket that keeps what it was sent. */
export async function createReceiver(): Promise<Receiver> {
  const raw: { body: Buffer; signature: string }[] = [];
  let status: number | 'silent' = 200;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    raw.push({ body, signature: String(request.headers['x-didfarm-signature']) });
    if (status !== 'silent') response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/webhooks/didfarm`,
    raw,
    events: () => raw.map(({ body }) => JSON.parse(body.toString())),
    answer: (next) => {
      status = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
