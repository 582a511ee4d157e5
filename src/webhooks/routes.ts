import { randomBytes } from 'node:crypto';
import { createBodyReader } from './body.ts';
import { createWebhookRoute, type WebhookRouteOptions } from './receive.ts';

/** A path below which, where it ends with a slash, every one is answered. */
export interface WebhookPath {
  readonly path: string;
  readonly methods: readonly ['POST'];
  readonly handle: (request: Request) => Promise<Response>;
}

type WebhookAccount = Omit<WebhookRouteOptions, 'readBody'>;

const root = '/webhooks/didfarm';

/**
 * Where DIDfarm delivers: `/webhooks/didfarm`, or with several accounts `/webhooks/didfarm/NAME`. A name that is none of theirs is
 * answered like a signature that is wrong, after as much work, so that nobody finds out which accounts there are.
 */
export function webhookRoutes(accounts: readonly WebhookAccount[], named: boolean): WebhookPath[] {
  const methods = ['POST'] as const;
  const [first] = accounts;
  if (first === undefined) return [];
  const readBody = createBodyReader();
  if (!named) return [{ path: root, methods, handle: createWebhookRoute({ ...first, readBody }) }];
  const most = Math.max(1, ...accounts.map(({ secrets }) => secrets.length));
  const padded = (secrets: readonly string[]) => [...secrets, ...guesses(most - secrets.length)];
  const stranger = createWebhookRoute({ ...first, readBody, secrets: padded([]) });
  const byName = new Map<string, WebhookPath['handle']>(
    accounts.map((each) => [each.account.id, createWebhookRoute({ ...each, readBody, secrets: padded(each.secrets) })]),
  );
  const nameOf = ({ url }: Request) => new URL(url).pathname.slice(root.length + 1);
  return [{ path: `${root}/`, methods, handle: (request) => (byName.get(nameOf(request)) ?? stranger)(request) }];
}

/** Nobody's: every name is verified with as many secrets as that which has most, so that none is told by its time. */
function guesses(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(32).toString('base64'));
}
