import type { RegulatoryDocument } from '../didfarm/client.ts';
import { type FieldProblem, invalid } from '../operations/failure.ts';

/** A document as it comes in. */
export interface DocumentInput {
  readonly type: string;
  readonly filename: string;
  readonly contentType: string;
  /** Base64. */
  readonly content: string;
}

/** Of all documents together, in bytes. */
const mostBytes = 10 * 1024 * 1024;
const mostDocuments = 20;
const longestName = 255;

/** The kinds that DIDfarm reviews, and how a file of each begins. */
const beginnings: Readonly<Record<string, readonly number[]>> = {
  'application/pdf': [0x25, 0x50, 0x44, 0x46, 0x2d],
  'image/jpeg': [0xff, 0xd8, 0xff],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
};

/** The documents as bytes. @throws ActionFailed naming everything that cannot be sent. */
export function readDocuments(documents: readonly DocumentInput[]): RegulatoryDocument[] {
  if (documents.length === 0 || documents.length > mostDocuments)
    throw invalid([{ path: 'documents', message: `Send 1 to ${mostDocuments} documents, not ${documents.length}.` }]);
  // Before anything is decoded: three bytes are four characters.
  const bytes = documents.reduce((sum, { content }) => sum + Math.floor((content.length * 3) / 4), 0);
  if (bytes > mostBytes + 2 * documents.length) throw tooLarge(bytes);
  const read = documents.map(({ content, ...document }) => ({ ...document, content: decoded(content) }));
  const size = read.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  if (size > mostBytes) throw tooLarge(size);
  const problems = read.flatMap((document, index) => problemsOf(document, `documents.${index}`));
  if (problems.length > 0) throw invalid(problems);
  return read.map((document) => ({ ...document, content: document.content ?? new Uint8Array() }));
}

function tooLarge(bytes: number) {
  const message = `The documents have ${(bytes / 1024 / 1024).toFixed(1)} MB together; 10 MB is the most.`;
  return invalid([{ path: 'documents', message }]);
}

/** Null where it is not base64 as RFC 4648 writes it: Node's own decoder passes over what is none. */
function decoded(content: string): Uint8Array<ArrayBuffer> | null {
  const bytes = Buffer.from(content, 'base64');
  return bytes.toString('base64') === content ? new Uint8Array(bytes) : null;
}

function problemsOf(
  { type, filename, contentType, content }: Omit<DocumentInput, 'content'> & { content: Uint8Array | null },
  path: string,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const say = (field: string, message: string) => problems.push({ path: `${path}.${field}`, message });
  if (!isName(type)) say('type', 'Say what it is, such as "passport".');
  if (!isName(filename) || /[/\\]/.test(filename))
    say('filename', 'A file name without a path, such as "passport.pdf".');
  const beginning = Object.hasOwn(beginnings, contentType) ? beginnings[contentType] : undefined;
  if (beginning === undefined) say('contentType', `Take ${Object.keys(beginnings).join(', ')}.`);
  if (content === null) say('content', 'This is not base64.');
  else if (content.length === 0) say('content', 'The document is empty.');
  else if (beginning?.some((byte, at) => content[at] !== byte))
    say('content', `This is no ${contentType}: it begins otherwise.`);
  return problems;
}

function isName(text: string): boolean {
  return text.trim() !== '' && text.length <= longestName && !/\p{Cc}/u.test(text);
}
