import { z } from 'zod';
import { absent, type EntryFault } from './json-list.ts';
import { type AccountId, accountId, clientKey, type Role, type Viewer } from './viewer.ts';

const roles = ['ADMIN', 'OPERATOR', 'READER', 'CLIENT'] as const satisfies readonly Role[];

/** Account names that the gateway makes by itself begin with it. */
export const callerPrefix = 'caller-';

/** What an entry of the access file and the claims of a JWT grant alike. */
export const grantShape = {
  role: z.enum(roles, { error: ({ input }) => absent(input) ?? `is none of ${roles.join(', ')}` }),
  client: z
    .string({ error: 'is no text' })
    .refine((name) => clientKey(name) !== '' && name.length <= 255, 'is no name of 1 to 255 characters')
    .optional(),
  account: z
    .string({ error: 'is no text' })
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'is no account name: 1 to 64 letters, digits, - or _')
    .optional(),
  send: z.boolean({ error: 'is neither true nor false' }).optional(),
};

export type Grant = z.infer<z.ZodObject<typeof grantShape>>;

/** What does not go together. @param accounts those that there are; null: not known here. */
export function grantFaults(grant: Grant, accounts: readonly string[] | null): EntryFault[] {
  const { role, client, account, send } = grant;
  const faults: EntryFault[] = [];
  if (role === 'CLIENT' && client === undefined)
    faults.push({ field: 'client', problem: 'is missing: whose things may a CLIENT see?' });
  // Whoever wrote it meant to confine the viewer, and it would confine nothing.
  if (role !== 'CLIENT' && client !== undefined)
    faults.push({ field: 'client', problem: 'goes with the role CLIENT only' });
  if (role !== 'CLIENT' && send !== undefined)
    faults.push({ field: 'send', problem: 'goes with the role CLIENT only' });
  if (account?.startsWith(callerPrefix))
    faults.push({ field: 'account', problem: `may not begin with ${callerPrefix}: those are made by the gateway` });
  else if (accounts !== null && account !== undefined && !accounts.includes(account))
    faults.push({ field: 'account', problem: `is none of the accounts here (${accounts.join(', ')})` });
  if (accounts !== null && account === undefined && accounts.length !== 1)
    faults.push({ field: 'account', problem: `is missing: there are several (${accounts.join(', ')})` });
  return faults;
}

/** The viewer of a grant without faults. An account that is not named is the only one there is. */
export function viewerOf(name: string, grant: Grant, accounts: readonly AccountId[]): Viewer {
  const { role, client, send = false } = grant;
  const account = accountId(grant.account ?? accounts[0] ?? '');
  return { account, name, role, client: client === undefined ? null : clientKey(client), send };
}
