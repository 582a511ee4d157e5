import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message of the protocol, as it came. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket whose messages the test writes itself, well or badly. */
export interface RawSocket {
  readonly socket: WebSocket;
  /** An object is sent as JSON. */
  send(message: object | string | Buffer): void;
  subscribe(id: string, query: string, variables?: object): void;
  /** The next message; rejects where the socket is closed before one comes. */
  next(): Promise<Message>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

interface RawSocketOptions {
  readonly protocol?: string | string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Default true. */
  readonly answersPings?: boolean;
}

/** Opens a socket at the `/graphql` of an HTTP address, and says nothing yet. */
export async function openSocket(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const { protocol = 'graphql-transport-ws', headers = {}, answersPings = true } = options;
  const address = `${url.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(address, protocol, { headers, autoPong: answersPings, perMessageDeflate: false });
  const arrived: Message[] = [];
  const waiting: PromiseWithResolvers<Message>[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    const waiter = waiting.shift();
    if (waiter) waiter.resolve(message);
    else arrived.push(message);
  });
  closed.then(({ code, reason }) => {
    for (const waiter of waiting) waiter.reject(new Error(`Closed with ${code} ${reason}`));
  });
  const send = (message: object | string | Buffer) =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  await once(socket, 'open');
  return {
    socket,
    send,
    subscribe: (id, query, variables = {}) => send({ id, type: 'subscribe', payload: { query, variables } }),
    next() {
      const message = arrived.shift();
      if (message) return Promise.resolve(message);
      const waiter = Promise.withResolvers<Message>();
      waiting.push(waiter);
      return waiter.promise;
    },
    closed,
  };
}

/** A socket that has been let in. */
export async function openInitialised(url: string, options: RawSocketOptions = {}): Promise<RawSocket> {
  const caller = await openSocket(url, options);
  caller.send({ type: 'connection_init' });
  await caller.next();
  return caller;
}
