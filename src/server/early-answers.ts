import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** What Node answers what it cannot read, by the codes of its errors; of anything else that it is a bad request. */
const statuses: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** An answer that is given before the request has come to where answers are made, as it stands on the wire; the connection ends with it. */
export function rawAnswer(status: string, text: string, headers: Readonly<Record<string, string>>): string {
  const body = `${text}\n`;
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`;
}

/** Answers what Node would refuse by itself as it would, with headers that it would not send. */
export function answerUnreadable(server: Server, headers: Readonly<Record<string, string>>): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => answers.set(socket, response));
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { ...headers, connection: 'close' }).end();
  });
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
    const answer = answers.get(socket);
    const hasBegun = answer?.headersSent && !answer.writableFinished;
    const status = statuses[error.code ?? ''] ?? '400 Bad Request';
    // In the middle of another answer it would be taken for a part of that.
    if (socket.writable && !hasBegun) socket.write(rawAnswer(status, status.slice(4), headers));
    socket.destroy();
  });
}
