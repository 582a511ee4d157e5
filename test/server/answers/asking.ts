import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AccessGateway } from '../../support/access-gateway.ts';
import type { Answer } from '../../support/gateway.ts';

/** What came over the wire. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Answer<Record<string, unknown>>;
  /** Statements that it cost the database; none where nothing was worked out. */
  readonly statements: number;
}

export interface Sent {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it stands. */
  readonly body?: string | Buffer;
}

/** Sends requests over a socket, exactly as they are given. */
export function askingOf<Name extends string>(gateway: AccessGateway<Name>) {
  const send = async ({ method = 'POST', path = '/graphql', headers = {}, body }: Sent): Promise<Received> => {
    const { port } = new URL(await gateway.url());
    const before = gateway.app.storage.queries();
    const received = await gateway.clock.through(
      new Promise<Omit<Received, 'statements'>>((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port, method, path, headers }, async (response) => {
          const text = (await buffer(response)).toString();
          const parsed = text.startsWith('{') ? JSON.parse(text) : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed });
        });
        sent.on('error', reject).end(body);
      }),
    );
    return { ...received, statements: gateway.app.storage.queries() - before };
  };
  const post = (headers: Readonly<Record<string, string>>, body: object | string) => {
    const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const own = { 'content-type': 'application/json', 'content-length': String(text.length) };
    return send({ headers: { ...own, ...headers }, body: text });
  };
  const get = (headers: Readonly<Record<string, string>>, parameters: Readonly<Record<string, string>>) =>
    send({ method: 'GET', path: `/graphql?${new URLSearchParams(parameters)}`, headers });
  return { send, post, get };
}

/** Asks until nothing is refreshed any more and the answer is one that is kept. */
export async function settledAnswer<Name extends string>(
  gateway: AccessGateway<Name>,
  ask: () => Promise<Received>,
): Promise<Received> {
  await ask();
  await gateway.clock.through(gateway.app.settled());
  return ask();
}
