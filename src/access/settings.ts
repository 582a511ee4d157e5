import { z } from 'zod';

/** Where JWTs come from and what they are verified with. */
export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly keys:
    | { readonly kind: 'jwks'; readonly url: string }
    /** The newest first; each at least 32 bytes. */
    | { readonly kind: 'secret'; readonly secrets: readonly string[] };
}

/** How callers may show who they are. */
export interface AccessSettings {
  readonly file: string | null;
  readonly jwt: JwtSettings | null;
  readonly callerCredentials: 'off' | 'key' | 'cookie';
  /** Origins whose pages may call. */
  readonly origins: readonly string[];
}

/** Nobody but whoever sits at this machine. */
export const noAccess: AccessSettings = Object.freeze({ file: null, jwt: null, callerCredentials: 'off', origins: [] });

type Given = Readonly<Record<string, string | undefined>>;

/** The environment's variables of access. */
export const accessVariables = {
  ACCESS_FILE: z.string().optional(),
  JWT_JWKS_URL: z
    .string()
    .refine(
      isSafeUrl,
      'is no https address without credentials and fragment (http only within your own network: a name without a dot, .local, .internal, .svc)',
    )
    .optional(),
  JWT_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every((secret) => Buffer.byteLength(secret) >= 32),
      'has a secret of less than 32 bytes (more than one are parted by commas)',
    )
    .optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  CALLER_CREDENTIALS: z.enum(['off', 'key', 'cookie'], { error: 'is none of off, key, cookie' }).default('off'),
  CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every(isOrigin), 'has something else than origins between its commas')
    .default([]),
};

export const accessExamples = {
  ACCESS_FILE: 'ACCESS_FILE=/etc/didfarm/access.json',
  JWT_JWKS_URL: 'JWT_JWKS_URL=https://login.example.com/.well-known/jwks.json',
  JWT_SECRET: 'JWT_SECRET=newest-secret-of-32-bytes-or-more,previous-secret-of-32-bytes-or-more',
  JWT_ISSUER: 'JWT_ISSUER=https://login.example.com',
  JWT_AUDIENCE: 'JWT_AUDIENCE=didfarm-graph',
  CALLER_CREDENTIALS: 'CALLER_CREDENTIALS=key',
  CORS_ORIGINS: 'CORS_ORIGINS=https://portal.example.com,https://app.example.com',
};

type Read = z.infer<z.ZodObject<typeof accessVariables>>;

/** What variables without faults mean. */
export function accessSettings(read: Read): AccessSettings {
  const { JWT_JWKS_URL: url, JWT_SECRET: secrets, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = read;
  const keys = url !== undefined ? ({ kind: 'jwks', url } as const) : secrets && ({ kind: 'secret', secrets } as const);
  const isComplete = keys !== undefined && issuer !== undefined && audience !== undefined;
  return Object.freeze({
    file: read.ACCESS_FILE ?? null,
    jwt: isComplete ? Object.freeze({ issuer, audience, keys: Object.freeze(keys) }) : null,
    callerCredentials: read.CALLER_CREDENTIALS,
    origins: Object.freeze(read.CORS_ORIGINS),
  });
}

/** Whether a caller has to show who they are: meant so as soon as one of these is set, even if wrongly. */
export function isAccessGiven(given: Given): boolean {
  const { CALLER_CREDENTIALS: callers = 'off' } = given;
  return (
    callers !== 'off' || ['ACCESS_FILE', 'JWT_JWKS_URL', 'JWT_SECRET'].some((variable) => given[variable] !== undefined)
  );
}

/** Variables that do not go together. */
export function accessFaults(given: Given): { variable: string; problem: string }[] {
  const has = (variable: string) => given[variable] !== undefined;
  const hasKeys = has('JWT_JWKS_URL') || has('JWT_SECRET');
  const faults: { variable: string; problem: string }[] = [];
  if (has('JWT_JWKS_URL') && has('JWT_SECRET'))
    faults.push({ variable: 'JWT_SECRET', problem: 'is set beside JWT_JWKS_URL: JWTs are verified by one of them' });
  for (const variable of ['JWT_ISSUER', 'JWT_AUDIENCE']) {
    if (hasKeys && !has(variable))
      faults.push({ variable, problem: 'is missing: with it unchecked, JWTs for others would be taken' });
    if (!hasKeys && has(variable))
      faults.push({ variable, problem: 'has no effect without JWT_JWKS_URL or JWT_SECRET' });
  }
  if (given['CALLER_CREDENTIALS'] === 'cookie' && !has('CORS_ORIGINS'))
    faults.push({ variable: 'CORS_ORIGINS', problem: 'is missing: cookies are taken only from the pages it names' });
  return faults;
}

/** Whoever can change the keys on their way can let anybody in: without TLS only from hosts of one's own network, by their names. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  const isNear = /^([^.]+|127(\.\d+){3}|.+\.(local|internal|svc))$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isNear);
}

/** As browsers write one in the Origin header: one host, and nothing after its port. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    !text.includes('*') &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.origin === text
  );
}
