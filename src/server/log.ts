import pino, { type Logger } from 'pino';
import { currentRequestId } from './request-id.ts';

export type { Logger } from 'pino';

/** Where log lines go: a terminal's pretty printer or standard output. Each call is one whole line. */
export interface LogDestination {
  write(line: string): void;
}

const secretNames = [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'Cookie',
  'set-cookie',
  'x-xsrf-token',
  'x-didfarm-signature',
  'password',
  'apiKey',
  'api_key',
  'secret',
  'webhookSecrets',
  'token',
  'body',
  'variables',
];

/** Keys as DIDfarm writes them, this gateway's own tokens and bearer tokens, wherever in a line they stand: a name is no protection against a message. */
const secretText = /\bdf_(?:live|test)_[\w-]+|\bdfgw_[\w-]+|\bBearer [A-Za-z0-9._~+/=-]+/g;

/**
 * JSON lines, each with the request it belongs to. Nothing secret passes: known names are blanked at any depth up to four,
 * keys and tokens in any text.
 */
export function createLogger(options: { readonly level: string; readonly destination: LogDestination }): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      redact: {
        paths: ['', '*.', '*.*.', '*.*.*.'].flatMap((depth) =>
          secretNames.map((name) =>
            name.includes('-') ? `${depth.replace(/\.$/, '')}["${name}"]` : `${depth}${name}`,
          ),
        ),
        censor: '[redacted]',
      },
      mixin: () => {
        const requestId = currentRequestId();
        return requestId === undefined ? {} : { requestId };
      },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line) => options.destination.write(line.replace(secretText, '[redacted]')) },
  );
}
