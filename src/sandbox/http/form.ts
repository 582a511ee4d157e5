import { ApiError } from '../api-error.ts';

type Fields = { [name: string]: Fields | unknown };

/** The fields of a multipart form, nested as Laravel reads `documents[0][type]`; undefined for any other body. */
export async function readForm(type: string, body: Buffer): Promise<unknown> {
  if (!/^multipart\/form-data\b/i.test(type)) return undefined;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  if (!form) throw new ApiError(422, 'validation_error', 'The body is not a form.');
  const fields: Fields = Object.create(null);
  for (const [name, value] of form) {
    place(fields, name.match(/[^[\]]+/g) ?? [name], typeof value === 'string' ? value : describe(value));
  }
  return asLists(fields);
}

/** A file is known by what it is; its bytes are of no use here. */
function describe({ name, type, size }: File): unknown {
  return { filename: name, content_type: type, size };
}

function place(fields: Fields, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    fields[first] = value;
    return;
  }
  const inner: Fields = isFields(fields[first]) ? fields[first] : Object.create(null);
  fields[first] = inner;
  place(inner, rest, value);
}

/** What has only numbers for names is a list. */
function asLists(value: unknown): unknown {
  if (!isFields(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, asLists(inner)] as const);
  const isList = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
