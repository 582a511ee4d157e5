import { createHmac, timingSafeEqual } from 'node:crypto';

const hex = /^[0-9a-f]{64}$/i;
const base64 = /^[A-Za-z0-9+/]{43}=?$/;

/**
 * Whether an `X-DIDfarm-Signature` is the HMAC-SHA256 of these very bytes with one of the secrets, of which there are several
 * while they are being exchanged. Its encoding is unpublished: hex or base64, with `sha256=` before it or without. In constant time.
 */
export function isSignedBy(body: Uint8Array, signature: string | undefined, secrets: readonly string[]): boolean {
  const given = decode(signature?.trim().replace(/^sha256=/i, '') ?? '');
  if (given === undefined) return false;
  return secrets.reduce((found, secret) => {
    const expected = createHmac('sha256', secret).update(body).digest();
    return (timingSafeEqual(expected, given) && secret !== '') || found;
  }, false);
}

function decode(signature: string): Buffer | undefined {
  if (hex.test(signature)) return Buffer.from(signature, 'hex');
  return base64.test(signature) ? Buffer.from(signature, 'base64') : undefined;
}
