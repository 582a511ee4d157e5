import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { createDidfarmClient, type DidfarmClient, type DidfarmClientOptions } from '../../../src/didfarm/client.ts';
import { createFakeClock, type FakeClock } from '../../support/clock.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Of the connection it came on. */
  readonly port: number;
}

/** A server that answers as a test says, and what it was sent. */
export interface Upstream {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** `answer` gets each request once its body is read, and its number from 1. */
export async function createUpstream(
  answer: (response: ServerResponse, seen: Seen, count: number) => void,
  port = 0,
): Promise<Upstream> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers, socket } = request;
    const body = Buffer.concat(chunks).toString();
    const one = { method, path: url, headers, body, port: socket.remotePort ?? 0 };
    seen.push(one);
    answer(response, one, seen.length);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, seen, close };
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const balanceBody = { balance: '142.50', currency: 'EUR' };

export interface Setting {
  readonly client: DidfarmClient;
  readonly clock: FakeClock;
  /** Call options with a deadline so many milliseconds from now. */
  in(
    milliseconds: number,
    signal?: AbortSignal,
  ): { priority: 'ask'; deadline: number; signal: AbortSignal | undefined };
}

/** A client of a base URL on a clock that stands still. */
export function createSetting(
  baseUrl: string,
  options: Partial<DidfarmClientOptions> = {},
  clock = createFakeClock(),
): Setting {
  const client = createDidfarmClient({
    baseUrl,
    regulatoryUrl: `${baseUrl}/regulatory`,
    apiKey: 'df_live_topsecret',
    rateLimit: 60,
    clock,
    random: () => 0.5,
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, clock, in: (span, signal) => ({ priority: 'ask', deadline: clock.now() + span, signal }) };
}

/** What a promise failed with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expectFailure(),
    (failure: unknown) => failure,
  );
}

function expectFailure(): never {
  throw new Error('expected a failure');
}
