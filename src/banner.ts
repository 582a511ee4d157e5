import type { Config } from './config.ts';

/** What `npm start` says once it can be used. */
export interface Banner {
  readonly config: Config;
  /** Where it really listens. */
  readonly url: string;
  readonly seconds: number;
  readonly sandbox: { readonly apiUrl: string; readonly controlUrl: string; readonly numbers: number } | null;
}

/** A few lines for a person: where to look, what they will see, and what is not there yet. */
export function bannerOf({ config, url, seconds, sandbox }: Banner): string {
  const lines: [string, string][] = [
    [config.graphiql ? 'GraphiQL' : 'GraphQL', `${url}/graphql`],
    ['WebSocket', `${url.replace(/^http/, 'ws')}/graphql`],
    ['Webhooks', webhooksOf(config, url)],
    ['Health', `${url}/health/ready, metrics at ${url}/metrics`],
  ];
  if (sandbox) {
    lines.push(['Sandbox', `${sandbox.apiUrl}, its control at ${sandbox.controlUrl}`]);
    lines.push([
      'Account',
      `${config.account}, made up, with ${sandbox.numbers} numbers; set DIDFARM_API_KEY for your own`,
    ]);
  } else {
    lines.push(['DIDfarm', config.upstream?.baseUrl ?? '']);
    lines.push(['Account', config.accounts.map(({ name }) => name).join(', ') || config.account]);
  }
  lines.push(['Access', accessOf(config) ?? unprotected]);
  if (isWildcard(url)) lines.push(['PUBLIC_URL', unnamed]);
  const title = `The DIDfarm graph is ready after ${seconds.toFixed(1)} s${sandbox ? ', on an embedded sandbox' : ''}.`;
  const table = lines.map(([name, text]) => `  ${name.padEnd(11)}${text}`);
  return `\n${title}\n\n${table.join('\n')}\n\nStop it with Ctrl-C.\n\n`;
}

const unprotected = 'NOT CONFIGURED: whoever is at this machine may do everything, and nobody else anything';
const unnamed = 'not set: other machines are answered only by the host that it names (421 otherwise)';

/** The same for a log: what whoever runs the gateway should know. */
export function warningsOf(config: Config, url: string): string[] {
  return [
    ...(accessOf(config) === null ? [`Access ${unprotected}`] : []),
    ...(isWildcard(url) ? [`PUBLIC_URL ${unnamed}`] : []),
  ];
}

function isWildcard(url: string): boolean {
  return /^https?:\/\/(0\.0\.0\.0|\[::\])(:|$)/.test(url);
}

function webhooksOf(config: Config, url: string): string {
  const route = `${url}/webhooks/didfarm`;
  if (config.accounts.length > 0) return `${route}/NAME, for each account`;
  return config.webhookSecrets.length > 0 ? route : `${route} (refuses all until DIDFARM_WEBHOOK_SECRET is set)`;
}

/** Null: none is configured. */
function accessOf({ access: { file, jwt, callerCredentials } }: Config): string | null {
  const ways = [
    ...(file === null ? [] : [`the tokens of ${file}`]),
    ...(jwt === null ? [] : [`JWTs of ${jwt.issuer}`]),
    ...(callerCredentials === 'off' ? [] : [`callers' own DIDfarm ${callerCredentials}`]),
  ];
  return ways.join(', ') || null;
}
