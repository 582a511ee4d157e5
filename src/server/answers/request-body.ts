import type { IncomingMessage } from 'node:http';

/**
 * Looks at a body whose length is known, and puts it back: whoever reads the request afterwards finds it as if nobody had. Where the
 * caller goes before it is whole nothing is called, and nothing is left to be done.
 * @param taken whether whoever looked at it has answered; then it is not put back.
 */
export function lookAtBody(
  request: IncomingMessage,
  length: number,
  taken: (body: Buffer) => boolean,
  otherwise: () => void,
): void {
  const chunks: Buffer[] = [];
  let read = 0;
  const onReadable = () => {
    while (read < length) {
      const chunk: Buffer | null = request.read();
      if (chunk === null) return;
      chunks.push(chunk);
      read += chunk.length;
    }
    request.off('readable', onReadable);
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    if (taken(body)) return;
    request.unshift(body);
    otherwise();
  };
  request.on('readable', onReadable);
}
