import type { Role, Viewer } from './viewer.ts';

/**
 * What can be read, each part with its own sensitivity:
 * - `own`: what a viewer's scope holds. All of the account's clients, trunks, numbers, texts, events and transactions, or one client's.
 * - `account`: what belongs to the reseller alone. The wallet, orders (one may hold several clients' numbers), and what DIDfarm sent
 *   word for word (nobody knows what else it names).
 * - `market`: what is for sale: a search spends the account's ration of requests.
 * - `gateway`: the gateway's own state.
 * - `password`: a trunk's new password, in the one answer that shows it.
 */
export type Reading = 'own' | 'account' | 'market' | 'gateway' | 'password';

/** What can be done: the mutations, by their names. */
export type Deed =
  | 'checkout'
  | 'assignNumber'
  | 'createTrunk'
  | 'regenerateTrunkCredentials'
  | 'sendMessage'
  | 'submitRegulatory'
  | 'onboardClient'
  | 'importNumbers'
  | 'assignTrunkToClient';

interface Abilities {
  readonly reads: readonly Reading[];
  readonly does: readonly Deed[];
}

/** The one table of who may see and do what. What is not named here is nobody's. */
export const abilities: Readonly<Record<Role, Abilities>> = {
  ADMIN: {
    reads: ['own', 'account', 'market', 'gateway', 'password'],
    does: [
      'checkout',
      'assignNumber',
      'createTrunk',
      'regenerateTrunkCredentials',
      'sendMessage',
      'submitRegulatory',
      'onboardClient',
      'importNumbers',
      'assignTrunkToClient',
    ],
  },
  // Spends no money beyond texts. Which numbers the account has and whose a trunk is decide what a client sees and pays: not theirs to say.
  OPERATOR: {
    reads: ['own', 'account', 'market', 'gateway'],
    does: ['assignNumber', 'sendMessage', 'submitRegulatory'],
  },
  READER: { reads: ['own', 'account', 'market', 'gateway'], does: [] },
  CLIENT: { reads: ['own'], does: [] },
};

/** Whether a viewer may see this at all; which rows of it is the where-clauses' to say, by their scope. */
export function mayRead({ role }: Viewer, what: Reading): boolean {
  return abilities[role].reads.includes(what);
}

/** Whether a viewer may do this at all. A CLIENT whose entry grants `send` may text, from its own numbers. */
export function mayDo({ role, send }: Viewer, deed: Deed): boolean {
  return abilities[role].does.includes(deed) || (role === 'CLIENT' && send === true && deed === 'sendMessage');
}
