import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { HostRefusal } from './host.ts';
import type { Origins } from './origins.ts';
import { securityHeaders } from './security-headers.ts';
import { createProtocol, type ProtocolOptions } from './websocket/protocol.ts';
import { type Refusal, refusalOf, refuse } from './websocket/upgrade.ts';

interface WebSocketOptions extends ProtocolOptions {
  readonly server: Server;
  readonly origins: Origins;
  readonly hostRefusal: (host: string | undefined) => HostRefusal | null;
  /** Sockets that may be open at once; default {@link mostSockets}. */
  readonly mostSockets?: number;
}

/** The open sockets. */
export interface WebSocketEndpoint {
  /** Closes every socket with 1001 when its operations are complete, and resolves when all are gone. */
  close(): Promise<void>;
  /** Cuts the sockets that do not answer. */
  terminate(): void;
}

/**
 * Sockets that may be open at once. Each has some ten KiB and a file of the process. Not limited by address: behind a proxy all have
 * the same one.
 */
export const mostSockets = 20_000;

/** Bytes of a message. An operation is far shorter; files come over HTTP. */
export const longestMessage = 256 * 1024;

/** `graphql-transport-ws` at `/graphql`. */
export function serveWebSocket(options: WebSocketOptions): WebSocketEndpoint {
  const { server, origins, hostRefusal, isStopping, publicUrl, log } = options;
  const headers = securityHeaders(publicUrl);
  const most = options.mostSockets ?? mostSockets;
  // Compressing takes 64 KiB a socket and more time than loopback or a proxy, which compresses by itself, would save.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: longestMessage,
    perMessageDeflate: false,
    handleProtocols,
  });
  const protocol = createProtocol(options);
  sockets.on('wsClientError', ({ message }, socket) =>
    refuse(socket, { status: '400 Bad Request', text: message }, headers, log),
  );

  const refusal = (request: IncomingMessage): Refusal | null => {
    if (isStopping()) return { status: '503 Service Unavailable', text: 'This server is stopping.' };
    const host = hostRefusal(request.headers.host);
    if (host !== null) return { status: host, text: host.slice(4) };
    const refused = refusalOf(request, origins);
    if (refused !== null || sockets.clients.size < most || protocol.shed()) return refused;
    return {
      status: '503 Service Unavailable',
      text: `This server has ${most} WebSockets open, and that is the most.`,
    };
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refused = refusal(request);
    if (refused !== null) refuse(socket, refused, headers, log);
    else sockets.handleUpgrade(request, socket, head, protocol.open);
  });

  return {
    async close() {
      const closed = new Promise<void>((resolve) => sockets.close(() => resolve()));
      protocol.close();
      await closed;
    },
    terminate() {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}
