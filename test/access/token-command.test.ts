import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAccessFile } from '../../src/access/access-file.ts';
import { runTokenCommand } from '../../src/access/token-command.ts';
import { accountId } from '../../src/access/viewer.ts';
import { createFakeClock } from '../support/clock.ts';
import { startGateway } from '../support/process.ts';
import { createTestAccessFile, entryFor } from './support/access-file.ts';
import { createTestLog } from './support/log.ts';
import { bearing } from './support/presented.ts';

const noc = entryFor('noc-token', { name: 'noc', role: 'OPERATOR' });

/** Runs a command on a file; a refusal comes back as its text. */
async function run(file: string | undefined, ...args: string[]) {
  const printed: string[] = [];
  const remarks: string[] = [];
  const parts = {
    file,
    print: (line: string) => void printed.push(line),
    remark: (line: string) => void remarks.push(line),
  };
  const refusal = await runTokenCommand(args, parts).then(
    () => null,
    (error: Error) => `${error.name}: ${error.message}`,
  );
  return { printed, remarks, refusal };
}

const entriesOf = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as { name: string }[];
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('create', () => {
  test('prints a token once that lets in from then on, and keeps what is there', async () => {
    await using written = await createTestAccessFile([noc]);
    const { printed, remarks, refusal } = await run(
      written.path,
      ...['create', '--name', 'portal', '--role', 'CLIENT', '--client', 'Acme Corp', '--account', 'main', '--send'],
    );
    const [token = '', ...more] = printed;

    expect([refusal, more]).toEqual([null, []]);
    expect(token).toMatch(/^dfgw_[A-Za-z0-9_-]{43}$/);
    expect(remarks.join()).toContain('portal');
    expect(remarks.join()).not.toContain(token);
    expect(await readFile(written.path, 'utf8')).not.toContain(token);
    expect((await entriesOf(written.path))[0]).toEqual(noc);

    const accounts = [accountId('main')];
    const file = await openAccessFile({ path: written.path, accounts, clock: createFakeClock(), log: createTestLog() });
    expect((await file.identify(bearing(token)))?.identity.viewer).toEqual({
      account: 'main',
      name: 'portal',
      role: 'CLIENT',
      client: 'acme corp',
      send: true,
    });
    expect(await file.identify(bearing('noc-token'))).not.toBeNull();
    file.close();
  });

  test('never makes the same token twice', async () => {
    await using written = await createTestAccessFile([]);
    const tokens = new Set<string | undefined>();
    for (let i = 0; i < 20; i++)
      tokens.add((await run(written.path, 'create', '--name', `n${i}`, '--role', 'READER')).printed[0]);

    expect(tokens.size).toBe(20);
    expect(await entriesOf(written.path)).toHaveLength(20);
  });

  test('makes a file that is not there, for its owner alone, and leaves nothing else behind', async () => {
    await using written = await createTestAccessFile([]);
    const path = join(written.folder, 'new.json');
    await run(undefined, 'create', '--name', 'noc', '--role', 'ADMIN', '--file', path);

    expect(await modeOf(path)).toBe('600');
    expect((await readdir(written.folder)).toSorted()).toEqual(['access.json', 'new.json']);
  });

  test('takes from others what they may do with the file, but not from the gateway’s group', async () => {
    await using written = await createTestAccessFile([]);
    for (const [before, after] of [
      [0o644, '640'],
      [0o666, '640'],
      [0o600, '600'],
      [0o400, '600'],
    ] as const) {
      await chmod(written.path, before);
      await run(written.path, 'create', '--name', `of-${before}`, '--role', 'READER');
      expect(await modeOf(written.path)).toBe(after);
    }
  });

  test('changes the file behind a link, not the link', async () => {
    await using written = await createTestAccessFile([noc]);
    const link = join(written.folder, 'link.json');
    await symlink(written.path, link);
    await run(link, 'create', '--name', 'b', '--role', 'READER');

    expect(await readlink(link)).toBe(written.path);
    expect(await entriesOf(written.path)).toHaveLength(2);
  });

  test.each<[string, string[], string]>([
    ['no name', ['--role', 'ADMIN'], '--name is missing'],
    ['a bad name', ['--name', 'a b', '--role', 'ADMIN'], '--name is no name: 1 to 64 letters, digits, ., _, @ or -'],
    ['a name that is taken', ['--name', 'NOC', '--role', 'ADMIN'], '--name is that of entry 1 already'],
    ['no role', ['--name', 'a'], '--role is missing'],
    ['an unknown role', ['--name', 'a', '--role', 'admin'], '--role is none of ADMIN, OPERATOR, READER, CLIENT'],
    ['a CLIENT of nobody', ['--name', 'a', '--role', 'CLIENT'], '--client is missing: whose things may a CLIENT see?'],
    [
      'more than one fault',
      ['--name', 'a', '--role', 'READER', '--client', 'Acme', '--send', '--account', 'caller-x'],
      '--client goes with the role CLIENT only\n--send goes with the role CLIENT only\n--account may not begin with caller-: those are made by the gateway',
    ],
    ['an unknown flag', ['--name', 'a', '--rôle', 'ADMIN'], "Unknown option '--rôle'"],
    ['a flag without its value', ['--name'], "Option '--name <value>' argument missing"],
    ['a value without its flag', ['noc'], "Unexpected argument 'noc'"],
  ])('refuses %s, and changes nothing', async (_, flags, problem) => {
    await using written = await createTestAccessFile([noc]);
    const { refusal, printed } = await run(written.path, 'create', ...flags);

    expect(refusal).toContain(`TokenRefusal: ${problem}`);
    expect(printed).toEqual([]);
    expect(await entriesOf(written.path)).toEqual([noc]);
    expect(await readdir(written.folder)).toEqual(['access.json']);
  });
});

describe('a file that cannot be changed is left as it is', () => {
  test.each<[string, string, string]>([
    ['broken', '[{"name":', 'it is no JSON'],
    ['with a faulty entry', '[{"name": "noc"}]', 'entry 1, role: is missing'],
  ])('%s', async (_, content, fault) => {
    await using written = await createTestAccessFile(content);
    const { refusal, printed } = await run(written.path, 'create', '--name', 'a', '--role', 'ADMIN');

    expect(refusal).toContain(`AccessFileError: The access file ${written.path} cannot be used:\n  ${fault}`);
    expect(printed).toEqual([]);
    expect(await readFile(written.path, 'utf8')).toBe(content);
  });

  test('a directory, or one in a folder that is not there', async () => {
    await using written = await createTestAccessFile([]);
    const directory = join(written.folder, 'directory');
    await mkdir(directory);
    const create = ['create', '--name', 'a', '--role', 'ADMIN'];

    expect((await run(directory, ...create)).refusal).toContain('it cannot be read (EISDIR)');
    expect((await run(join(written.folder, 'no', 'where'), ...create)).refusal).toContain(
      'nothing can be written beside it (ENOENT)',
    );
    expect((await readdir(written.folder)).toSorted()).toEqual(['access.json', 'directory']);
  });

  test('while another command is at work on it; of many at a time none undoes another', async () => {
    await using written = await createTestAccessFile([]);
    await writeFile(`${written.path}.new`, '');
    expect((await run(written.path, 'create', '--name', 'a', '--role', 'ADMIN')).refusal).toContain(
      `another command is at work on it; where none is, one was cut off: remove ${written.path}.new`,
    );
    expect(await readdir(written.folder)).toHaveLength(2);

    await using other = await createTestAccessFile([]);
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, i) => run(other.path, 'create', '--name', `n${i}`, '--role', 'ADMIN')),
    );
    const names = (await entriesOf(other.path)).map(({ name }) => name);
    expect(names.toSorted()).toEqual(made.flatMap(({ printed }, i) => (printed.length > 0 ? [`n${i}`] : [])));
  });
});

describe('list', () => {
  test('names who holds a token, and nothing secret', async () => {
    const portal = entryFor('t', { name: 'portal', role: 'CLIENT', client: 'Acme Corp', account: 'main', send: true });
    await using written = await createTestAccessFile([noc, portal]);

    expect((await run(written.path, 'list')).printed).toEqual([
      'NAME    ROLE      CLIENT     ACCOUNT  MAY SEND',
      'noc     OPERATOR  -          -        -',
      'portal  CLIENT    Acme Corp  main     yes',
    ]);
  });

  test('says so where nobody does', async () => {
    await using written = await createTestAccessFile([]);

    expect(await run(written.path, 'list')).toEqual({
      printed: [],
      remarks: [`Nobody holds a token of ${written.path}.`],
      refusal: null,
    });
  });
});

describe('revoke', () => {
  test('takes one out and leaves the others', async () => {
    await using written = await createTestAccessFile([noc, entryFor('t', { name: 'b', role: 'READER' })]);

    expect((await run(written.path, 'revoke', '--name', 'b')).remarks).toEqual(['The token of b is revoked.']);
    expect(await entriesOf(written.path)).toEqual([noc]);
  });

  test('says who there is where there is none of that name', async () => {
    await using written = await createTestAccessFile([noc]);
    const { refusal } = await run(written.path, 'revoke', '--name', 'nco');

    expect(refusal).toBe(`TokenRefusal: nco holds no token of ${written.path}. Who does: noc.`);
    expect((await run(written.path, 'revoke')).refusal).toBe('TokenRefusal: --name is missing');
    expect((await run(written.path, 'revoke', '--name', 'noc', '--role', 'ADMIN')).refusal).toBe(
      'TokenRefusal: revoke takes no --role',
    );
  });
});

test.each([undefined, '', ' '])('without a file it asks for one: %j', async (file) => {
  expect((await run(file, 'list')).refusal).toBe(
    'TokenRefusal: Which access file? Set ACCESS_FILE, or add --file PATH.',
  );
});

describe('npm run token', () => {
  test('prints the token alone to standard output and ends well', async () => {
    await using written = await createTestAccessFile([]);
    const made = startGateway(['token', 'create', '--name', 'noc', '--role', 'OPERATOR'], {
      env: { ACCESS_FILE: written.path },
    });
    expect(await made.exited).toBe(0);

    expect(made.output.stdout).toMatch(/^dfgw_[A-Za-z0-9_-]{43}\n$/);
    expect(await entriesOf(written.path)).toMatchObject([{ name: 'noc', role: 'OPERATOR' }]);
  });

  test.each<[string, string[], number, 'stdout' | 'stderr', RegExp]>([
    ['--help tells its flags', ['--help'], 0, 'stdout', /--role ROLE +ADMIN, OPERATOR/],
    ['nothing to do', [], 1, 'stderr', /^npm run token -- create/],
    ['an unknown command', ['add'], 1, 'stderr', /^npm run token -- create/],
    ['a bad flag', ['create', '--nme', 'x'], 1, 'stderr', /^Unknown option '--nme'/],
    ['a file that cannot be used', ['list', '--file', '/'], 1, 'stderr', /^The access file \/ cannot be used:/],
  ])('%s', async (_, args, code, stream, expected) => {
    const command = startGateway(['token', ...args]);

    expect(await command.exited).toBe(code);
    expect(command.output[stream]).toMatch(expected);
    expect(command.output.stderr).not.toMatch(/^ +at /m);
  });
});
