import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How slowly requests may be sent and answers read, and how many connections may be open for nothing. Milliseconds and bytes. */
export interface RequestLimits {
  /** For `http.createServer`. Whoever is slower is answered 408 and cut. */
  readonly http: {
    readonly headersTimeout: number;
    readonly requestTimeout: number;
    readonly connectionsCheckingInterval: number;
    readonly keepAliveTimeout: number;
    readonly maxHeaderSize: number;
  };
  /** How long nothing may move on a connection. */
  readonly mostStill: number;
  /** Connections without a request of theirs under way. Each is a file of the process and a few KiB. */
  readonly mostIdle: number;
}

/**
 * A body has the time that 16 MiB need at a megabit a second, and an answer as long without any of it being read. A connection kept
 * alive is kept longer than proxies keep theirs, so that it is them who close it.
 */
export const requestLimits: RequestLimits = {
  http: {
    headersTimeout: 10_000,
    requestTimeout: 130_000,
    connectionsCheckingInterval: 2_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16 * 1024,
  },
  mostStill: 130_000,
  mostIdle: 10_000,
};

/**
 * Cuts connections on which nothing moves: who asks for much and reads none of it would have it held for as long as they like. And
 * where too many are idle, the one that has been for longest, so that whoever only opens connections takes none from those who ask;
 * and each that becomes idle once the server is closing.
 */
export function limitConnections(server: Server, { mostStill, mostIdle }: RequestLimits): void {
  server.timeout = mostStill;
  const idle = new Set<Socket>();
  const rest = (socket: Socket) => {
    if (socket.destroyed) return;
    if (!server.listening) setImmediate(() => server.closeIdleConnections());
    idle.add(socket);
    if (idle.size <= mostIdle) return;
    const [longest] = idle;
    longest?.destroy();
  };
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => idle.delete(socket));
    rest(socket);
  });
  // One function for all of them: this is done for each request.
  function restAfter(this: ServerResponse<IncomingMessage>): void {
    rest(this.req.socket);
  }
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    response.on('close', restAfter);
  });
  server.on('upgrade', ({ socket }: IncomingMessage) => idle.delete(socket));
}
