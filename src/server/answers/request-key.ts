import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Headers that decide nothing of an answer but what is made anew each time. Whatever else there is decides: one that was forgotten
 * here costs a repeat that might have been answered at once, and no more.
 */
const undecided = new Set([
  ...['x-request-id', 'X-Request-Id', 'X-Request-ID'],
  ...['if-none-match', 'If-None-Match'],
  ...['traceparent', 'Traceparent', 'tracestate', 'Tracestate'],
]);

/**
 * Names a request by everything in it that may decide how it is answered: the same name, the same request. A digest, since credentials
 * are among the headers.
 */
export function keyOf({ method, url, rawHeaders }: IncomingMessage, body: string): string {
  let text = `${method} ${url}`;
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] ?? '';
    // Neither names nor values hold line breaks.
    if (!undecided.has(name)) text += `\n${name}:${rawHeaders[place + 1]}`;
  }
  return hash('sha256', `${text}\n\n${body}`, 'base64url');
}

/** Bytes of a body that are looked at before anybody knows who sends them. Larger ones go the whole way. */
const mostLookedAt = 128 * 1024;

/** The length of its body, where a request may be one that is answered from what is kept; null where it is not. */
export function bodyLengthOf({ method, url = '', headers }: IncomingMessage): number | null {
  if (url !== '/graphql' && !url.startsWith('/graphql?')) return null;
  if (method === 'GET') return headers['content-length'] === undefined && !headers['transfer-encoding'] ? 0 : null;
  if (method !== 'POST' || !headers['content-type']?.startsWith('application/json')) return null;
  const length = Number(headers['content-length']);
  return length > 0 && length <= mostLookedAt ? length : null;
}
