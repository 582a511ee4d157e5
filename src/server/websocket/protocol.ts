import type { IncomingMessage } from 'node:http';
import { CloseCode, makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { AccessUnavailable } from '../../access/errors.ts';
import type { Cancel, Clock } from '../../clock.ts';
import { createRoom } from '../limits/room.ts';
import type { Logger } from '../log.ts';
import { type Connection, createConnection } from './connection.ts';
import { handshakeOf, requestOf, withAuthorization } from './handshake.ts';
import { createKeepAlive } from './keep-alive.ts';
import { createOperations, type OperationsOptions } from './operations.ts';

export interface ProtocolOptions extends OperationsOptions {
  /** Sockets that one viewer may have open. */
  readonly perViewer: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Speaks `graphql-transport-ws` with each socket. */
export interface Protocol {
  open(socket: WebSocket, request: IncomingMessage): void;
  /** Cuts the socket that has said nothing for longest; false where all have said who they are. */
  shed(): boolean;
  /** Closes each socket with 1001 as soon as it has no operations. */
  close(): void;
}

/** How long a caller may take to send `connection_init`, in milliseconds. */
export const initialisationTime = 10_000;

/** Sockets that may be open without having sent it. Nobody knows whose they are: of more, those that came first are cut. */
export const mostUninitialised = 1_000;

/**
 * Who asks cannot be found out now, or has too many sockets (RFC 6455's registry: "Try Again Later"). Clients that give up at others
 * connect again after it.
 */
export const tryAgainLater = 1013;

/** graphql-ws over ws, with the clock, the log and the bounds that its own adapter does not know. */
export function createProtocol(options: ProtocolOptions): Protocol {
  const { authenticate, perViewer, publicUrl, clock, log } = options;
  const keepAlive = createKeepAlive(clock);
  const connections = new Set<Connection>();
  const uninitialised = new Map<Connection, Cancel>();
  const rooms = createRoom(perViewer);
  const leaves = new WeakMap<Connection, () => void>();
  let isClosing = false;

  const stopWaiting = (connection: Connection) => {
    uninitialised.get(connection)?.();
    uninitialised.delete(connection);
  };
  const server = makeServer<Record<string, unknown>, Connection>({
    ...createOperations(options),
    // Waited for by the clock that is passed in.
    connectionInitWaitTimeout: 0,
    async onConnect({ extra: connection, connectionParams }) {
      stopWaiting(connection);
      try {
        connection.handshake = withAuthorization(connection.handshake, connectionParams);
        return admit(connection, await authenticate?.(requestOf(connection.handshake, publicUrl)));
      } catch (error) {
        log.debug({ err: error }, 'A socket was refused');
        if (error instanceof AccessUnavailable) connection.close(tryAgainLater, error.message);
        return false;
      }
    },
  });

  const admit = (connection: Connection, viewer: string | undefined): boolean => {
    // It may have gone while it was asked for.
    if (!connections.has(connection)) return false;
    if (viewer === undefined) return true;
    const leave = rooms.take(viewer);
    if (leave === null) connection.close(tryAgainLater, `You have ${perViewer} sockets open, and that is the most`);
    else leaves.set(connection, leave);
    return leave !== null;
  };
  const shed = (): boolean => {
    const [longest] = uninitialised.keys();
    if (longest === undefined) return false;
    stopWaiting(longest);
    longest.terminate();
    return true;
  };
  const handle = async (connection: Connection, message: Promise<void>) => {
    try {
      await message;
    } catch (error) {
      fail(connection, error);
    }
    if (isClosing) closeIdle(connection);
  };
  const fail = (connection: Connection, error: unknown) => {
    // Such as a `next`, which is the server's to send. graphql-ws gives this error no name.
    if (error instanceof Error && error.message.startsWith('Unexpected message of type'))
      return connection.close(CloseCode.BadRequest, 'Invalid message received');
    log.error({ err: error }, 'A message over a WebSocket failed');
    connection.close(CloseCode.InternalServerError, 'Internal server error');
  };

  return {
    open(socket, request) {
      const connection = createConnection(socket, request.socket, handshakeOf(request), clock);
      connections.add(connection);
      keepAlive.add(connection);
      uninitialised.set(
        connection,
        clock.after(initialisationTime, () =>
          connection.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout'),
        ),
      );
      if (uninitialised.size > mostUninitialised) shed();
      const closed = server.opened(
        {
          protocol: socket.protocol,
          send: connection.send,
          close: connection.close,
          onMessage: (take) =>
            socket.on('message', (data, isBinary) => {
              // What was under way when the closing began.
              if (socket.readyState !== socket.OPEN) return;
              if (isBinary) connection.close(CloseCode.BadRequest, 'Binary messages are not understood');
              else void handle(connection, take(String(data)));
            }),
        },
        connection,
      );
      socket.on('pong', connection.answered);
      // A caller's broken or oversized frame is no fault of this server; ws closes the socket by itself.
      socket.on('error', (error) => log.debug({ err: error }, 'A socket failed'));
      socket.once('close', (code, reason) => {
        connections.delete(connection);
        leaves.get(connection)?.();
        keepAlive.remove(connection);
        stopWaiting(connection);
        connection.endAll();
        closed(code, String(reason)).catch((error: unknown) => log.error({ err: error }, 'A socket was left behind'));
      });
    },
    shed,
    close() {
      isClosing = true;
      for (const connection of connections) closeIdle(connection);
    },
  };
}

/** Its last results and their completion are sent before. */
function closeIdle(connection: Connection): void {
  if (connection.isIdle()) connection.close(1001, 'Going away');
}
