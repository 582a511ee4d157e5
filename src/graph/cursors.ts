import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AccountId } from '../access/viewer.ts';
import type { Key } from '../storage/pages.ts';
import { badInput } from './errors.ts';

/**
 * Makes cursors opaque and checks that they come back as they were given: each is signed under the listing and account it was
 * made for, so that one of another connection, another account or a changed one is refused and never read as a position.
 */
export interface Cursors {
  encode(account: AccountId, listing: string, key: Key): string;
  /** @throws GraphQLError BAD_USER_INPUT naming the argument. */
  decode(account: AccountId, listing: string, cursor: string, argument: string): Key;
}

const signatureBytes = 9;

export function createCursors(secret: string): Cursors {
  const sign = (account: AccountId, listing: string, payload: Buffer) =>
    createHmac('sha256', secret)
      .update(`${account}\n${listing}\n`)
      .update(payload)
      .digest()
      .subarray(0, signatureBytes);
  return {
    encode(account, listing, key) {
      const payload = Buffer.from(JSON.stringify(key));
      return Buffer.concat([sign(account, listing, payload), payload]).toString('base64url');
    },
    decode(account, listing, cursor, argument) {
      const bytes = Buffer.from(cursor, 'base64url');
      const payload = bytes.subarray(signatureBytes);
      const signature = bytes.subarray(0, signatureBytes);
      const known = payload.length > 0 && timingSafeEqual(signature, sign(account, listing, payload));
      if (!known) throw badInput(`"${argument}" is not a cursor of this connection: pass one that it gave.`, argument);
      return JSON.parse(payload.toString()) as Key;
    },
  };
}
