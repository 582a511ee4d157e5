import { parseArgs } from 'node:util';
import { type AccessEntry, readEntries } from './access-entries.ts';
import { editAccessFile, readAccessFile } from './edit-access-file.ts';
import { hashToken, newToken } from './tokens.ts';

/** What the command works with. */
export interface TokenCommandParts {
  /** ACCESS_FILE; undefined where it is not set. */
  readonly file: string | undefined;
  /** Standard output: the new token alone, or the list. */
  readonly print: (line: string) => void;
  /** Standard error: what is said to the person besides. */
  readonly remark: (line: string) => void;
}

/** The command cannot be done as it was given. The message is for the person who gave it. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';
}

const usage = `npm run token -- create --name noc --role OPERATOR    a new token, shown this once
npm run token -- list                                 who holds one
npm run token -- revoke --name noc                    its token is worth nothing any more

  --name NAME      who holds it: 1 to 64 letters, digits, ., _, @ or -
  --role ROLE      ADMIN, OPERATOR, READER or CLIENT
  --client NAME    with CLIENT: whose things it sees
  --send           with CLIENT: it may text from its own numbers
  --account NAME   where there are several accounts: which one
  --file PATH      the access file; default: ACCESS_FILE

The gateway follows the file: nothing has to be restarted.`;

const text = { type: 'string' } as const;
const options = { name: text, role: text, client: text, account: text, send: { type: 'boolean' }, file: text } as const;

const commands: Readonly<Record<string, readonly string[]>> = {
  create: Object.keys(options),
  list: ['file'],
  revoke: ['name', 'file'],
};

type Flags = ReturnType<typeof parseFlags>;

/** `npm run token`: makes, lists and revokes the tokens of ACCESS_FILE. @throws TokenRefusal, AccessFileError */
export async function runTokenCommand(args: readonly string[], parts: TokenCommandParts): Promise<void> {
  const [command = '', ...rest] = args;
  if (args.includes('--help')) return parts.print(usage);
  if (!Object.hasOwn(commands, command)) throw new TokenRefusal(usage);
  const flags = readFlags(rest);
  const strange = Object.keys(flags).filter((flag) => !commands[command]?.includes(flag));
  if (strange.length > 0)
    throw new TokenRefusal(`${command} takes no ${strange.map((flag) => `--${flag}`).join(', ')}`);
  const path = flags.file ?? parts.file ?? '';
  if (path.trim() === '') throw new TokenRefusal('Which access file? Set ACCESS_FILE, or add --file PATH.');
  if (command === 'list') return list(path, parts);
  if (flags.name === undefined) throw new TokenRefusal('--name is missing');
  return command === 'create' ? create(path, flags, parts) : revoke(path, flags.name, parts);
}

function readFlags(args: readonly string[]): Flags {
  try {
    return parseFlags(args);
  } catch (error) {
    throw new TokenRefusal(error instanceof Error ? error.message : String(error));
  }
}

function parseFlags(args: readonly string[]) {
  return parseArgs({ args: [...args], options }).values;
}

async function create(path: string, { file: _, ...grant }: Flags, { print, remark }: TokenCommandParts): Promise<void> {
  const token = newToken();
  const entry = { ...grant, tokenSha256: hashToken(token).toString('hex') };
  await editAccessFile(path, (entries) => {
    const read = readEntries(JSON.stringify([...entries, entry]), null);
    if (read.faults !== null) throw new TokenRefusal(read.faults.map(asFlag).join('\n'));
    return read.entries;
  });
  print(token);
  remark(
    `This token of ${grant.name} is shown this once. It is sent as "Authorization: Bearer …"; ${path} lets it in.`,
  );
}

/** What is wrong with the entry, as it is wrong with the flag that it came from. */
function asFlag(fault: string): string {
  return fault.replace(/^entry \d+, (\w+):/, '--$1');
}

async function list(path: string, { print, remark }: TokenCommandParts): Promise<void> {
  const entries = await readAccessFile(path);
  if (entries.length === 0) return remark(`Nobody holds a token of ${path}.`);
  const rows = [['NAME', 'ROLE', 'CLIENT', 'ACCOUNT', 'MAY SEND'], ...entries.map(rowOf)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function rowOf({ name, role, client = '-', account = '-', send = false }: AccessEntry): string[] {
  return [name, role, client, account, role !== 'CLIENT' ? '-' : send ? 'yes' : 'no'];
}

async function revoke(path: string, name: string, { remark }: TokenCommandParts): Promise<void> {
  await editAccessFile(path, (entries) => {
    const others = entries.filter((entry) => entry.name !== name);
    if (others.length === entries.length) {
      const names = entries.map((entry) => entry.name).join(', ') || 'nobody';
      throw new TokenRefusal(`${name} holds no token of ${path}. Who does: ${names}.`);
    }
    return others;
  });
  remark(`The token of ${name} is revoked.`);
}
