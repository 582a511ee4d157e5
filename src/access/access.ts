import type { FetchImplementation } from 'jose';
import type { Clock } from '../clock.ts';
import { type AccessFile, openAccessFile } from './access-file.ts';
import { identifyCallers } from './callers.ts';
import type { AccessLog, Credentials, Identify, Identity } from './credentials.ts';
import { Unauthenticated } from './errors.ts';
import type { Watch } from './follow-file.ts';
import type { JwksOptions } from './jwks.ts';
import { secretKeys } from './jwt-keys.ts';
import { createProofs, type Prove } from './proofs.ts';
import type { AccessSettings } from './settings.ts';
import { type AccountId, localAdmin } from './viewer.ts';

/** Finds out who asks. */
export interface Access {
  /** Callers have to show who they are; otherwise whoever sits at this machine may do everything, and nobody else anything. */
  readonly configured: boolean;
  /** @throws Unauthenticated, AccessUnavailable, and what `prove` throws where DIDfarm cannot be asked. */
  identify(credentials: Credentials): Promise<Identity>;
  /**
   * Whether an identity is still what it was: false once its token is revoked or its entry changed, its time is over, its key is
   * withdrawn, or DIDfarm has not taken its credential for five minutes. To be asked before each event of a subscription and each
   * change, and of what stays open at least once a minute: a caller's credential is proven again while it is asked for.
   */
  holds(identity: Identity): boolean;
  /** DIDfarm has refused a caller's own credential (401, 419), as it stands in the identity: it stops holding at once. */
  refused(identity: Identity): void;
  /** Calls back whenever an identity may have stopped holding otherwise than by the passing of time. */
  onChange(then: () => void): void;
  /** Follows nothing any more. */
  close(): void;
}

export interface AccessOptions {
  readonly settings: AccessSettings;
  /** The accounts of the gateway. Who says nothing of an account means the only one. */
  readonly accounts: readonly [AccountId, ...AccountId[]];
  /** The installation's own, which stays the same: callers' accounts are named by it. */
  readonly secret: string;
  readonly prove: Prove;
  readonly clock: Clock;
  readonly log: AccessLog;
  readonly watch?: Watch;
  readonly fetch?: FetchImplementation;
}

/** @throws AccessFileError where ACCESS_FILE cannot be used. */
export async function openAccess(given: AccessOptions): Promise<Access> {
  let onChange: () => void = () => undefined;
  const options = { ...given, changed: () => onChange() };
  const { settings, accounts } = options;
  const { file, jwt, callerCredentials, origins } = settings;
  const configured = file !== null || jwt !== null || callerCredentials !== 'off';
  const checks = new WeakMap<Identity, () => boolean>();
  const proofs = createProofs(options);
  const tokens = file === null ? null : await openAccessFile({ ...options, path: file });
  const jwts = jwt === null ? null : await openJwts(jwt, options);
  const callers =
    callerCredentials === 'off' ? null : identifyCallers({ ...options, origins, kind: callerCredentials, proofs });
  const ways = configured ? [tokens?.identify, jwts?.identify, callers] : [identifyLocal(accounts[0])];
  const advice = configured
    ? adviceOf(settings)
    : 'Only this machine is answered: access for others is not configured.';

  return {
    configured,
    async identify(credentials) {
      for (const way of ways) {
        const recognised = await way?.(credentials);
        if (!recognised) continue;
        checks.set(recognised.identity, recognised.holds);
        return recognised.identity;
      }
      throw new Unauthenticated(advice);
    },
    holds: (identity) => checks.get(identity)?.() ?? false,
    refused(identity) {
      if (identity.caller !== null) proofs.refused(identity.viewer.account, identity.caller);
    },
    onChange(then) {
      onChange = then;
    },
    close() {
      tokens?.close();
      jwts?.close();
    },
  };
}

/** What verifies JWTs is loaded only where they are taken. */
async function openJwts(
  { keys, ...jwt }: NonNullable<AccessSettings['jwt']>,
  options: AccessOptions & Pick<JwksOptions, 'changed'>,
): Promise<AccessFile> {
  const { identifyByJwt } = await import('./jwt.ts');
  const { remoteKeys } = await import('./jwks.ts');
  const source = keys.kind === 'secret' ? secretKeys(keys.secrets) : remoteKeys({ ...options, url: keys.url });
  return { identify: identifyByJwt({ ...options, ...jwt, keys: source }), close: () => source.close() };
}

function identifyLocal(account: AccountId): Identify {
  return async ({ fromLoopback }) =>
    fromLoopback
      ? { identity: { viewer: localAdmin(account), expiresAt: null, caller: null }, holds: () => true }
      : null;
}

/** The same words whatever was wrong. */
function adviceOf({ file, jwt, callerCredentials }: AccessSettings): string {
  const bearers = [
    ...(file === null ? [] : ['a token of this gateway']),
    ...(jwt === null ? [] : ['a JWT of its issuer']),
    ...(callerCredentials === 'key' ? ['your DIDfarm API key'] : []),
  ];
  const ways = [
    ...(bearers.length > 0
      ? [`send \`Authorization: Bearer …\` (over WebSocket in connection_init) with ${bearers.join(' or ')}`]
      : []),
    ...(callerCredentials === 'cookie' ? ['log in to DIDfarm, on a page that may call'] : []),
  ];
  return `Who is asking is not known: ${ways.join(', or ')}.`;
}
