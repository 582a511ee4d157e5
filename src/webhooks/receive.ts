import type { Account } from '../account.ts';
import { isSignedBy } from '../didfarm/signature.ts';
import { countedAt } from '../events/timeliness.ts';
import type { ReadBody } from './body.ts';
import { type Delivery, readDelivery } from './delivery.ts';
import type { Intake } from './intake.ts';
import { WebhookRefusal } from './refusal.ts';

export interface WebhookRouteOptions {
  readonly account: Account;
  /** More than one while they are being exchanged; without any, nothing can be verified and everything is refused. */
  readonly secrets: readonly string[];
  readonly intake: Intake;
  /** One for all routes: what is under way is bounded together. */
  readonly readBody: ReadBody;
}

/**
 * `POST /webhooks/didfarm` (Connect guide, "Webhooks"): verify the bytes, record and apply them, answer 200. What storage throws is
 * thrown on: DIDfarm sends again what was not answered 200.
 */
export function createWebhookRoute(options: WebhookRouteOptions): (request: Request) => Promise<Response> {
  const { account, secrets, intake, readBody } = options;

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
  // What is left of a body that is not taken is not read, so that its connection cannot serve another request.
  return Response.json({ error }, { status, headers: status === 413 || status === 503 ? { connection: 'close' } : {} });
}
