import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { type AccessLog, bearerOf, type Identify } from './credentials.ts';
import { type Grant, grantFaults, grantShape, viewerOf } from './grant.ts';
import type { VerificationKey, VerificationKeys } from './jwt-keys.ts';
import { createSparseWarning } from './sparse-log.ts';
import type { AccountId } from './viewer.ts';

export interface JwtOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: VerificationKeys;
  /** Those that a JWT may name. */
  readonly accounts: readonly AccountId[];
  readonly clock: Clock;
  readonly log: AccessLog;
}

/** How far the issuer's clock and this machine's may differ, in seconds. */
const tolerance = 60;

const claimsShape = z.object({
  ...grantShape,
  sub: z.string().min(1).max(255).optional(),
  iat: z.number().optional(),
  // The last second that JavaScript has a date for.
  exp: z.number().max(8_640_000_000_000 - tolerance),
});

/** Why a JWT is not taken: for the log alone. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** Callers with a JWT of the configured issuer for this audience, signed with one of the keys, in their time. */
export function identifyByJwt({ issuer, audience, keys, accounts, clock, log }: JwtOptions): Identify {
  const warn = createSparseWarning(clock, log);
  const options = {
    issuer,
    audience,
    algorithms: [...keys.algorithms],
    requiredClaims: ['exp'],
    clockTolerance: tolerance,
  };

  const verify = async (token: string): Promise<{ payload: JWTPayload; key: VerificationKey }> => {
    const header = decodeProtectedHeader(token);
    if (!keys.algorithms.includes(String(header.alg))) throw new Refused('its algorithm is none of those taken here');
    for (const key of await keys.candidates(header)) {
      try {
        const { payload } = await jwtVerify(token, key.key, { ...options, currentDate: new Date(clock.now()) });
        return { payload, key };
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      }
    }
    throw new Refused('no key that is trusted here has signed it');
  };

  return async (credentials) => {
    const token = bearerOf(credentials);
    if (token === null || token.split('.').length !== 3) return null;
    try {
      const { payload, key } = await verify(token);
      const claims = readClaims(payload, accounts, clock.now());
      const expiresAt = (claims.exp + tolerance) * 1000;
      return {
        identity: { viewer: viewerOf(nameOf(claims), claims, accounts), expiresAt, caller: null },
        holds: () => clock.now() < expiresAt && key.trusted(),
      };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const reason = reasonOf(error, clock.now());
      warn(reason.replace(/\d/g, ''), { reason }, 'A JWT was refused');
      return null;
    }
  };
}

function readClaims(payload: JWTPayload, accounts: readonly AccountId[], now: number): z.infer<typeof claimsShape> {
  const { data, error } = claimsShape.safeParse(payload);
  if (error)
    throw new Refused(error.issues.map(({ path, message }) => `its claim ${path.join('.')} ${message}`).join('; '));
  const [fault] = grantFaults(data, accounts);
  if (fault) throw new Refused(`its claim ${fault.field} ${fault.problem}`);
  const ahead = Math.round((data.iat ?? 0) - now / 1000);
  if (ahead > tolerance) throw new Refused(`it was issued ${ahead} s in the future: the clocks differ`);
  return data;
}

/** Unlike any name in the access file, and one for each subject: what is somebody's own is found by it. */
function nameOf({ sub, role, client = '' }: Grant & { readonly sub?: string | undefined }): string {
  return sub === undefined ? `jwt-without-sub:${role}:${client}` : `jwt:${sub}`;
}

/** What jose and the platform's own cryptography say of a JWT that is wrong; anything else is no caller's fault. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Refused || error instanceof errors.JOSEError || error instanceof TypeError;
}

/** In fixed words: of what nobody has signed, nothing is repeated. */
function reasonOf(error: Error, now: number): string {
  if (!(error instanceof errors.JOSEError)) return error.message;
  if (!(error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed)) return error.code;
  const seconds = (claim: unknown) => Math.round(Math.abs(Number(claim) - now / 1000));
  const { exp, nbf } = error.payload;
  if (error.claim === 'exp' && error.reason === 'check_failed')
    return `it expired ${seconds(exp)} s ago by this machine's clock: where it is new, the clocks differ`;
  if (error.claim === 'nbf' && error.reason === 'check_failed')
    return `it is valid only in ${seconds(nbf)} s by this machine's clock: where it is in use already, the clocks differ`;
  return error.message;
}
