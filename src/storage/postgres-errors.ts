import { StorageError, type StorageErrorCode } from './storage-error.ts';

const unreachable =
  'cannot be reached. Check that it runs and that DATABASE_URL names its host and port; the gateway tries again by itself.';
const refused = 'refused the connection. Check the user, the password and the database name in DATABASE_URL.';
const notWritable = 'does not let this user write. Grant it the rights, or connect to the primary.';
const full = 'has no room left. Free some disk space there.';

/** SQLSTATE codes or their classes (https://www.postgresql.org/docs/current/errcodes-appendix.html), the longer one first. */
const states: readonly (readonly [prefix: string, code: StorageErrorCode, advice: string])[] = [
  ['57P0', 'UNREACHABLE', unreachable],
  ['53300', 'UNREACHABLE', 'has no connection left. Raise its max_connections, or run fewer gateways.'],
  ['53100', 'FULL', full],
  ['25006', 'NOT_WRITABLE', notWritable],
  ['42501', 'NOT_WRITABLE', notWritable],
  ['3D000', 'REFUSED', refused],
  ['XX001', 'DAMAGED', 'has damaged data. Restore it from a copy.'],
  ['XX002', 'DAMAGED', 'has a damaged index. Rebuild it with REINDEX.'],
  ['28', 'REFUSED', refused],
  ['08', 'UNREACHABLE', unreachable],
];

const systemError = /^E[A-Z]+$/;
const brokenConnection = /^(connection terminated|timeout exceeded when trying to connect|client has encountered)/i;

/** A {@link StorageError} where the server or the way to it is at fault; anything else (a constraint, bad SQL) as it came. */
export function explainPostgresError(error: unknown, server: string): unknown {
  if (!(error instanceof Error)) return error;
  const state = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = states.find(([prefix]) => state.startsWith(prefix));
  if (known) return new StorageError(known[1], `The database at ${server} ${known[2]}`, { cause: error });
  const broken = 'syscall' in error || systemError.test(state) || brokenConnection.test(error.message);
  if (!broken) return error;
  return new StorageError('UNREACHABLE', `The database at ${server} ${unreachable}`, { cause: error });
}
