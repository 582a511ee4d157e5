import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** How every token made here begins, so that people and scanners for secrets know one when they see it. */
export const tokenPrefix = 'dfgw_';

/** A new token of 256 random bits. */
export function newToken(random: (bytes: number) => Buffer = randomBytes): string {
  return `${tokenPrefix}${random(32).toString('base64url')}`;
}

/** What is kept of a token. A plain hash is enough: nobody guesses 256 random bits. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Compares with every candidate and each in constant time, so that the time tells nothing about any of them. */
export function findByHash<T extends { readonly hash: Buffer }>(candidates: readonly T[], hash: Buffer): T | null {
  let found: T | null = null;
  for (const candidate of candidates) if (timingSafeEqual(candidate.hash, hash)) found = candidate;
  return found;
}
