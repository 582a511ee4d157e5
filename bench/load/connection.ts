import { once } from 'node:events';
import { connect } from 'node:net';

/** A connection that is kept, with one request under way at a time. */
export interface Connection {
  /** Sends a whole request; `answered` is called when its whole answer is there. */
  send(request: Buffer, answered: () => void): void;
  close(): void;
}

const endOfHead = Buffer.from('\r\n\r\n');
const endOfChunks = Buffer.from('0\r\n\r\n');
const errors = Buffer.from('"errors"');

/**
 * Speaks just enough HTTP/1.1 to know where an answer ends: a generator that does more would be busier than the servers it loads.
 * `failed` is told of an answer that is not 200, or has errors.
 */
export async function openConnection(url: string, failed: (error: Error) => void): Promise<Connection> {
  const { hostname, port } = new URL(url);
  let waiting: (() => void) | null = null;
  /** Bytes of the body that are still to come; null: the head is; infinite: until the last chunk. */
  let missing: number | null = null;
  let head: Buffer = Buffer.alloc(0);

  const read = (chunk: Buffer): void => {
    const rest = missing === null ? beginning(chunk) : chunk;
    if (rest === null) return;
    if (rest.includes(errors)) failed(new Error(`Answered with errors: ${rest.toString().slice(0, 500)}`));
    if (missing === Number.POSITIVE_INFINITY) {
      if (rest.subarray(-endOfChunks.length).equals(endOfChunks)) finish();
      return;
    }
    missing = (missing ?? 0) - rest.length;
    if (missing <= 0) finish();
  };
  /** What comes behind the head, where that is there. */
  const beginning = (chunk: Buffer): Buffer | null => {
    const bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const end = bytes.indexOf(endOfHead);
    // The socket's buffer is used again for what comes next.
    head = end === -1 ? Buffer.from(bytes) : Buffer.alloc(0);
    if (end === -1) return null;
    const text = bytes.toString('latin1', 0, end);
    if (!text.startsWith('HTTP/1.1 200')) failed(new Error(`Not answered well: ${bytes.toString().slice(0, 500)}`));
    const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
    missing = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    return bytes.subarray(end + endOfHead.length);
  };
  const finish = (): void => {
    missing = null;
    const answered = waiting;
    waiting = null;
    answered?.();
  };

  const callback = (size: number, buffer: Uint8Array) => {
    read((buffer as Buffer).subarray(0, size));
    return true;
  };
  const socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: { buffer: Buffer.alloc(64 * 1024), callback },
  });
  await once(socket, 'connect');
  socket.on('error', failed);
  socket.on('close', () => {
    if (waiting !== null) failed(new Error('A connection was closed before its answer'));
  });
  return {
    send(request, answered) {
      waiting = answered;
      socket.write(request);
    },
    close() {
      waiting = null;
      socket.destroy();
    },
  };
}
