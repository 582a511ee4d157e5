import type { CryptoKey, JWSHeaderParameters } from 'jose';

/** A key that may have signed a JWT. */
export interface VerificationKey {
  readonly key: CryptoKey | Uint8Array;
  /** It is still one of those that sign. */
  readonly trusted: () => boolean;
}

/** The keys that JWTs are verified with. One kind of key verifies its own algorithms only: a public key is no secret. */
export interface VerificationKeys {
  readonly algorithms: readonly string[];
  /** Those that may have signed a JWT with such a header. @throws AccessUnavailable where they cannot be found out. */
  candidates(header: JWSHeaderParameters): Promise<readonly VerificationKey[]>;
  close(): void;
}

/** The secrets of JWT_SECRET: more than one while one is exchanged for another. */
export function secretKeys(secrets: readonly string[]): VerificationKeys {
  const keys = secrets.map((secret) => ({ key: new TextEncoder().encode(secret), trusted: () => true }));
  return { algorithms: ['HS256', 'HS384', 'HS512'], candidates: async () => keys, close: () => undefined };
}
