import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * For `http.createServer`, in milliseconds and bytes: how slowly a request may be sent. Whoever is slower is answered 408 and cut.
 * A body has the time that 16 MiB need at a megabit a second; a connection kept alive is kept longer than proxies keep theirs, so
 * that it is them who close it.
 */
export const requestLimits = {
  headersTimeout: 10_000,
  requestTimeout: 130_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
} as const satisfies ServerOptions;

/** Connections that may be open without a request of theirs under way. Each is a file of the process and a few KiB. */
const mostIdle = 10_000;

/**
 * Cuts the connection that has been idle for longest where there are too many, so that whoever only opens connections takes none
 * from those who ask; and each that becomes idle once the server is closing.
 */
export function shedIdleConnections(server: Server, most: number = mostIdle): void {
  const idle = new Set<Socket>();
  const rest = (socket: Socket) => {
    if (socket.destroyed) return;
    if (!server.listening) setImmediate(() => server.closeIdleConnections());
    idle.add(socket);
    if (idle.size <= most) return;
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
