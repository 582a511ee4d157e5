import type { GraphQLError } from 'graphql';
import { badInput } from './errors.ts';

/** A Node's id as it is given out: opaque to callers, its type and its own key to us. */
export function encodeId(typename: string, key: string | number): string {
  return Buffer.from(`${typename}:${key}`).toString('base64url');
}

/** What an id names; null where it is no id that the gateway gave out. */
export function readId(id: string): { typename: string; id: string } | null {
  const text = Buffer.from(id, 'base64url').toString();
  const colon = text.indexOf(':');
  const typename = text.slice(0, colon);
  const key = text.slice(colon + 1);
  return colon > 0 && !key.includes('\0') && encodeId(typename, key) === id ? { typename, id: key } : null;
}

/** @throws GraphQLError BAD_USER_INPUT where this is no id that the gateway gave out. */
export function decodeId(id: string, argument = 'id'): { typename: string; id: string } {
  const known = readId(id);
  if (known === null) throw notAnId(id, argument);
  return known;
}

export function notAnId(id: string, argument: string): GraphQLError {
  return badInput(`"${argument}" is not an id of this graph: ${JSON.stringify(id.slice(0, 64))}.`, argument);
}

/** The key behind an id of one type. @throws GraphQLError BAD_USER_INPUT where it is an id of another. */
export function decodeIdOf(typename: string, id: string, argument: string): string {
  const decoded = decodeId(id, argument);
  if (decoded.typename !== typename)
    throw badInput(`"${argument}" takes the id of a ${typename}; this is one of a ${decoded.typename}.`, argument);
  return decoded.id;
}
