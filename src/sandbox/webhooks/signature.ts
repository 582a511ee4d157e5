import { createHmac } from 'node:crypto';
import type { Variants } from '../variants.ts';

/** The value of `X-DIDfarm-Signature`: HMAC-SHA256 over the raw body, hex by default (Connect guide, "Webhooks"). */
export function sign(body: string, secret: string, variants: Pick<Variants, 'signature' | 'signaturePrefix'>): string {
  const digest = createHmac('sha256', secret).update(body).digest(variants.signature);
  return variants.signaturePrefix ? `sha256=${digest}` : digest;
}
