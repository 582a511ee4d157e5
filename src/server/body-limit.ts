import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Bytes that any caller may send with an operation. */
export const usualBody = 1024 * 1024;

/** Bytes for those who may submit documents: DIDfarm takes 10 MB of them, which base64 makes a third longer. */
export const largestBody = 16 * 1024 * 1024;

/**
 * Reads no more of a body than its caller may send: who sends more than usual is asked for, so that nobody unknown has more than
 * that held for them. What is not said in Content-Length is counted as it comes. Refused with 413, code REQUEST_ENTITY_TOO_LARGE.
 */
export function useBodyLimit(mayUpload: (request: Request) => boolean | Promise<boolean>): Plugin {
  const limitFor = async (request: Request) => ((await mayUpload(request)) ? largestBody : usualBody);
  return {
    onRequestParse({ requestParser, setRequestParser, fetchAPI }) {
      if (requestParser === undefined) return;
      setRequestParser(async (request: Request) => {
        if (request.body === null) return requestParser(request);
        const told = Number(request.headers.get('content-length') ?? Number.NaN);
        if (told <= usualBody) return requestParser(request);
        if (told > usualBody) {
          const allowed = await limitFor(request);
          if (told > allowed) throw tooLarge(allowed);
          return requestParser(request);
        }
        const body = await readBody(request.body, () => limitFor(request));
        const { url, method, headers, signal } = request;
        return requestParser(new fetchAPI.Request(url, { method, headers, signal, body }));
      });
    },
  };
}

/** @param limit asked for once it is more than usual. */
async function readBody(body: AsyncIterable<Uint8Array>, limit: () => Promise<number>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let allowed = usualBody;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > usualBody && allowed === usualBody) allowed = await limit();
    if (length > allowed) throw tooLarge(allowed);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLarge(allowed: number): GraphQLError {
  return new GraphQLError(`You may send ${allowed} bytes with an operation, and this one has more.`, {
    extensions: { code: 'REQUEST_ENTITY_TOO_LARGE', allowed, http: { status: 413 } },
  });
}
