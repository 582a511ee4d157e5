import { hash } from 'node:crypto';
import type { KeptField } from '../../cache/kept-fields.ts';
import { work } from '../work.ts';

/** A value as it is served again. @param value undefined: none at all. */
export function fieldOf(value: unknown): KeptField {
  work.serialized.publish(null);
  const bytes = value === undefined ? '' : bytesOf(JSON.stringify(value));
  return { bytes, tag: hash('sha256', bytes, 'base64url').slice(0, 22) };
}

/** The UTF-8 of a text, one character each byte. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** What follows the data. */
export function endingOf(extensions: Readonly<Record<string, unknown>>): string {
  return `,"extensions":${JSON.stringify(extensions)}}`;
}

/** The text whose bytes these are. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}

/** Whether who asks has the answer already, as `If-None-Match` tells (RFC 9110, 13.1.2: the comparison is weak). */
export function isKnown(ifNoneMatch: string | null | undefined, etag: string): boolean {
  if (ifNoneMatch == null) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.slice('W/'.length);
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === opaque);
}

/** Whether who asks wants nothing that was kept; `no-store`: nor that it is. */
export function wantsFresh(header: (name: string) => string | null | undefined): 'no-cache' | 'no-store' | null {
  const wanted = (header('cache-control') ?? header('pragma'))?.toLowerCase();
  if (wanted === undefined) return null;
  if (wanted.includes('no-store')) return 'no-store';
  return wanted.includes('no-cache') ? 'no-cache' : null;
}
