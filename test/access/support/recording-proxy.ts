import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came by. */
export interface Passed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Stands before a DIDfarm, and keeps what it is shown. */
export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly passed: Passed[];
}

/** @param target where the requests go on to; asked for at each of them. */
export async function startRecordingProxy(target: () => string): Promise<RecordingProxy> {
  const passed: Passed[] = [];
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    passed.push({ path: url, headers });
    const { host: _, connection: __, 'transfer-encoding': ___, ...kept } = headers;
    const body = Buffer.concat(await request.toArray());
    const answer = await fetch(`${target()}${url}`, {
      method,
      headers: kept as Record<string, string>,
      body: method === 'GET' ? null : body,
      redirect: 'manual',
    }).catch(() => null);
    if (answer === null) return void response.destroy();
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
