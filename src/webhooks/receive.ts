import type { Account } from '../account.ts';
import { isSignedBy } from '../didfarm/signature.ts';
import { countedAt } from '../events/timeliness.ts';
import { type Delivery, readDelivery } from './delivery.ts';
import type { Intake } from './intake.ts';
import { WebhookRefusal } from './refusal.ts';

export interface WebhookRouteOptions {
  readonly account: Account;
  /** More than one while they are being exchanged; without any, nothing can be verified and everything is refused. */
  readonly secrets: readonly string[];
  readonly intake: Intake;
}

/** Bytes. A payload of the guide has 200. */
const largestBody = 256 * 1024;

/**
 * `POST /webhooks/didfarm` (Connect guide, "Webhooks"): verify the bytes, record and apply them, answer 200. What storage throws is
 * thrown on: DIDfarm sends again what was not answered 200.
 */
export function createWebhookRoute(options: WebhookRouteOptions): (request: Request) => Promise<Response> {
  const { account, secrets, intake } = options;

  const receive = async (request: Request): Promise<void> => {
    if (secrets.length === 0)
      throw new WebhookRefusal(503, null, 'This gateway takes no webhooks: DIDFARM_WEBHOOK_SECRET is not set.');
    const body = await readBody(request);
    if (!isSignedBy(body, request.headers.get('x-didfarm-signature') ?? undefined, secrets))
      throw new WebhookRefusal(401, null, 'The signature is missing or wrong.');
    const delivery = readDelivery(body);
    warnOfFuture(account, delivery);
    const recorded = await intake.take(delivery);
    account.log.debug({ event: delivery.name, ...recorded, duplicate: recorded === null }, 'Webhook');
  };

  return async (request) => {
    try {
      await receive(request);
      return Response.json({ ok: true });
    } catch (error) {
      if (!(error instanceof WebhookRefusal)) throw error;
      account.log.warn({ status: error.status, field: error.field, reason: error.message }, 'Webhook refused');
      return refused(error);
    }
  };
}

function warnOfFuture({ clock, log }: Account, { name, at }: Delivery): void {
  const receivedAt = clock.now();
  if (countedAt(at, receivedAt) !== at)
    log.warn({ event: name, at, receivedAt }, 'An event of the future: check the clock');
}

function refused({ status, field, message }: WebhookRefusal): Response {
  const error = field === null ? { message, status } : { message, status, field };
  // What is left of a body that is too large is not read, so that its connection cannot serve another request.
  return Response.json({ error }, { status, headers: status === 413 ? { connection: 'close' } : {} });
}

/** The raw bytes, and no more of them than a webhook has. @throws WebhookRefusal 413 */
async function readBody({ body }: Request): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  // Left where it is and never cancelled: that would cut the connection before the sender is answered.
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.byteLength;
    if (length > largestBody) throw new WebhookRefusal(413, null, `A webhook has at most ${largestBody} bytes.`);
    chunks.push(part.value);
  }
  return Buffer.concat(chunks, length);
}
