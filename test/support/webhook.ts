import { createHmac } from 'node:crypto';

/** The signature that DIDfarm gives a webhook: HMAC-SHA256 over its bytes, here in hexadecimal. */
export function signatureOf(body: string | Uint8Array, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** What DIDfarm posts of an event. `at` is epoch milliseconds. */
export function webhookOf(secret: string, event: string, at: number, data: object) {
  const body = JSON.stringify({ event, timestamp: new Date(at).toISOString(), data });
  const headers = { 'content-type': 'application/json', 'x-didfarm-signature': signatureOf(body, secret) };
  return { method: 'POST', headers, body };
}
