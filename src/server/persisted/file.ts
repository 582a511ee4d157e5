import { readFile } from 'node:fs/promises';
import { type GraphQLSchema, parse, validate } from 'graphql';
import { z } from 'zod';
import { hashOf } from './manifest.ts';

/** The file of persisted operations cannot be used; the message names everything that is wrong with it at once. */
export class PersistedFileError extends Error {
  override readonly name = 'PersistedFileError';

  constructor(path: string, faults: readonly string[]) {
    super(`The persisted operations in ${path} cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

const fileShape = z.record(z.string().min(1), z.string().min(1));

/**
 * The documents of a file by their ids, each of which the graph can run.
 * @throws PersistedFileError
 */
export async function readPersistedFile(path: string, schema: GraphQLSchema): Promise<ReadonlyMap<string, string>> {
  const refuse = (...faults: string[]) => new PersistedFileError(path, faults);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'There is no such file.' : `It cannot be read (${error.code}).`);
  });
  const read = fileShape.safeParse(jsonOf(text));
  if (!read.success) throw refuse('It is no JSON object of documents by their ids: `npm run persist` writes one.');
  const documents = new Map(Object.entries(read.data));
  const faults = [...documents].flatMap(([id, document]) =>
    faultsOf(id, document, schema).map((fault) => `${id}: ${fault}`),
  );
  if (faults.length > 0) throw refuse(...faults);
  return documents;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function faultsOf(id: string, document: string, schema: GraphQLSchema): string[] {
  // Other tools may name documents otherwise; what claims to be a hash must be one.
  if (/^[0-9a-f]{64}$/.test(id) && id !== hashOf(document)) return ['It is not the SHA-256 of its document.'];
  try {
    return validate(schema, parse(document)).map(({ message }) => message);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
