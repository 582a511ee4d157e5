import type { IncomingMessage } from 'node:http';
import { ApiError } from '../api-error.ts';

/** A larger body is nobody's, documents included. */
const largestBody = 20 * 1024 * 1024;

/** Reads a request's body. Throws an ApiError 413 where it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestBody) throw new ApiError(413, 'too_large', 'The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Reads JSON; an empty body is undefined. Throws an ApiError 422. */
export function parseJson(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError(422, 'validation_error', 'The body is not JSON.');
  }
}

/** Reads a form or JSON, as the content type says. Throws an ApiError 422. */
export async function parseBody(body: Buffer<ArrayBuffer>, contentType = ''): Promise<unknown> {
  if (!contentType.startsWith('multipart/form-data')) return parseJson(body);
  try {
    return unfold(await new Response(body, { headers: { 'content-type': contentType } }).formData());
  } catch {
    throw new ApiError(422, 'validation_error', 'The body is not a form.');
  }
}

/** Laravel's field names make lists of records: `documents[0][type]`. A file is told by its name, type and size. */
function unfold(form: FormData): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  const lists = new Map<string, Map<number, Map<string, unknown>>>();
  for (const [name, value] of form) {
    const shown = typeof value === 'string' ? value : { name: value.name, type: value.type, size: value.size };
    const [, list, index, field] = /^(\w+)\[(\d+)\]\[(\w+)\]$/.exec(name) ?? [];
    if (list === undefined || field === undefined) {
      fields.set(name, shown);
      continue;
    }
    const records = lists.get(list) ?? new Map<number, Map<string, unknown>>();
    const record = records.get(Number(index)) ?? new Map<string, unknown>();
    lists.set(list, records.set(Number(index), record.set(field, shown)));
  }
  for (const [list, records] of lists)
    fields.set(
      list,
      [...records.values()].map((record) => Object.fromEntries(record)),
    );
  return Object.fromEntries(fields);
}
