import type { JsonList } from './access/json-list.ts';
import { accessFaults, isAccessGiven } from './access/settings.ts';
import type { FileAccount } from './accounts-file.ts';

/** The environment without what is empty. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with one variable. Never holds the value: it may be a secret. */
export interface VariableFault {
  readonly variable: string;
  readonly problem: string;
}

/** Variables that do not go together, each of which may be fine by itself. @param file what ACCOUNTS_FILE holds; null: not set. */
export function faultsBetween(given: Environment, file: JsonList<FileAccount> | null): VariableFault[] {
  return [
    ...hostFaults(given),
    ...accessFaults(given),
    ...(file === null ? [] : accountsFaults(given, file)),
    ...persistedFaults(given),
    ...callersFaults(given),
  ];
}

/** Settings of the real DIDfarm while the sandbox would be used: most likely the key was forgotten or misspelt. */
export function idleFaults(given: Environment): VariableFault[] {
  if (given['DIDFARM_API_KEY'] !== undefined || given['ACCOUNTS_FILE'] !== undefined) return [];
  const problem = 'has no effect without DIDFARM_API_KEY: the embedded sandbox would be used';
  return ['DIDFARM_BASE_URL', 'DIDFARM_REGULATORY_URL', 'DIDFARM_RATE_LIMIT']
    .filter((variable) => given[variable] !== undefined)
    .map((variable) => ({ variable, problem }));
}

/** Whether only this machine reaches a server at this host. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whoever reaches it may do everything as long as nobody has to show who they are. */
function hostFaults(given: Environment): VariableFault[] {
  const host = given['HOST'];
  if (host === undefined || isLoopback(host) || isAccessGiven(given)) return [];
  const problem =
    'is reachable from other machines, and no access is configured (ACCESS_FILE, JWT_… or CALLER_CREDENTIALS)';
  return [{ variable: 'HOST', problem }];
}

function accountsFaults(given: Environment, { entries, faults }: JsonList<FileAccount>): VariableFault[] {
  const beside = ['DIDFARM_API_KEY', 'DIDFARM_RATE_LIMIT', 'DIDFARM_WEBHOOK_SECRET']
    .filter((variable) => given[variable] !== undefined)
    .map((variable) => ({ variable, problem: 'is set beside ACCOUNTS_FILE, which says it of each account' }));
  const problems = (faults ?? []).map((fault) => `has a fault: ${fault}`);
  if (entries !== null && entries.length > 1 && !isAccessGiven(given))
    problems.push('has several accounts, and no access is configured that tells which one a caller belongs to');
  return [...problems.map((problem) => ({ variable: 'ACCOUNTS_FILE', problem })), ...beside];
}

function persistedFaults(given: Environment): VariableFault[] {
  const isOff = ['false', 'off', '0'].includes(given['PERSISTED_ONLY'] ?? 'off');
  if (isOff || given['PERSISTED_OPERATIONS'] !== undefined) return [];
  return [{ variable: 'PERSISTED_OPERATIONS', problem: 'is missing: with PERSISTED_ONLY nothing at all would run' }];
}

/** Keys and logins of the real DIDfarm would go to the embedded sandbox. A gateway for callers alone has nothing of its own to be known by. */
function callersFaults(given: Environment): VariableFault[] {
  const { CALLER_CREDENTIALS: callers = 'off', DIDFARM_API_KEY: key, ACCOUNTS_FILE: accounts } = given;
  if (!['key', 'cookie'].includes(callers) || key !== undefined || accounts !== undefined) return [];
  const problem =
    'is missing: with CALLER_CREDENTIALS, callers would send their own keys or logins to the embedded sandbox. The gateway needs a DIDfarm account of its own beside theirs';
  return [{ variable: 'DIDFARM_API_KEY', problem }];
}
