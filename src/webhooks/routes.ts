import { randomBytes } from 'node:crypto';
import { createWebhookRoute, type WebhookRouteOptions } from './receive.ts';

/** A path below which, where it ends with a slash, every one is answered. */
export interface WebhookPath {
  readonly path: string;
  readonly methods: readonly ['POST'];
  readonly handle: (request: Request) => Promise<Response>;
}

const root = '/webhooks/didfarm';

/**
 * Where DIDfarm delivers: `/webhooks/didfarm`, or with several accounts `/webhooks/didfarm/NAME`. A name that is none of theirs is
 * answered like a signature that is wrong, after as much work, so that nobody finds out which accounts there are.
 */
export function webhookRoutes(accounts: readonly WebhookRouteOptions[], named: boolean): WebhookPath[] {
  const methods = ['POST'] as const;
  const [first] = accounts;
  if (first === undefined) return [];
  if (!named) return [{ path: root, methods, handle: createWebhookRoute(first) }];
  const guessed = () => [randomBytes(32).toString('base64')];
  const stranger = createWebhookRoute({ ...first, secrets: guessed() });
  const byName = new Map<string, WebhookPath['handle']>(
    accounts.map((each) => [
      each.account.id,
      createWebhookRoute({ ...each, secrets: each.secrets.length > 0 ? each.secrets : guessed() }),
    ]),
  );
  const nameOf = ({ url }: Request) => new URL(url).pathname.slice(root.length + 1);
  return [{ path: `${root}/`, methods, handle: (request) => (byName.get(nameOf(request)) ?? stranger)(request) }];
}
