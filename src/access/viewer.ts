declare const accountBrand: unique symbol;
declare const clientKeyBrand: unique symbol;
declare const scopeBrand: unique symbol;

/** Names one DIDfarm account. Part of every key; made only by {@link accountId}. */
export type AccountId = string & { readonly [accountBrand]: true };

/** A client's name as it is compared: trimmed and lower-case. Made only by {@link clientKey}. */
export type ClientKey = string & { readonly [clientKeyBrand]: true };

/** What a viewer may do at all; what of the account they may see is their {@link Scope}. */
export type Role = 'ADMIN' | 'OPERATOR' | 'READER' | 'CLIENT';

/**
 * The part of an account that a query may touch: all of it (`client: null`) or one client's things.
 * Every read of the local picture takes one, so that a query without an owner does not compile.
 */
export interface Scope {
  readonly account: AccountId;
  readonly client: ClientKey | null;
  readonly [scopeBrand]: true;
}

/** Who is asking. `name` is in the records of operations, and in no log. */
export interface Viewer {
  readonly account: AccountId;
  readonly name: string;
  readonly role: Role;
  readonly client: ClientKey | null;
  /** A CLIENT viewer may text from its own numbers. */
  readonly send?: boolean;
}

/** @throws TypeError where the name is not 1 to 64 letters, digits, `-` or `_` (it is used in paths and keys). */
export function accountId(name: string): AccountId {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw new TypeError(`Not an account name: ${JSON.stringify(name)}`);
  return name as AccountId;
}

/** Two trunks belong to one client where their names give the same key. */
export function clientKey(name: string): ClientKey {
  return name.trim().toLowerCase() as ClientKey;
}

/** Tells one viewer of the gateway from another. */
export function viewerKey({ account, name }: Viewer): string {
  return JSON.stringify([account, name]);
}

/** No trunk's: a client's key is trimmed. */
const nobody = ' ' as ClientKey;

/** What this viewer may see. A CLIENT viewer without a client, or with a nameless one, sees nothing. */
export function scopeOf(viewer: Viewer): Scope {
  const client = viewer.role === 'CLIENT' ? viewer.client || nobody : null;
  return { account: viewer.account, client } as Scope;
}

/** The gateway's own reading of an account: listings, webhooks, imports. Never handed to a viewer's query. */
export function accountScope(account: AccountId): Scope {
  return { account, client: null } as Scope;
}

/** Who asks where no access is configured: the person at this machine. */
export function localAdmin(account: AccountId): Viewer {
  return { account, name: 'local', role: 'ADMIN', client: null };
}
