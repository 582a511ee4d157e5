import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AccessFile, openAccessFile } from '../../src/access/access-file.ts';
import type { Recognised } from '../../src/access/credentials.ts';
import { AccessFileError } from '../../src/access/errors.ts';
import type { Watch } from '../../src/access/follow-file.ts';
import { accountId } from '../../src/access/viewer.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { createTestAccessFile, entryFor } from './support/access-file.ts';
import { createTestLog, type TestLog } from './support/log.ts';
import { bearing, presented } from './support/presented.ts';

const noc = entryFor('noc-token', { name: 'noc', role: 'OPERATOR' });
const portal = entryFor('portal-token', { name: 'portal', role: 'CLIENT', client: ' Acme Corp ', send: true });

/** Notices nothing: what changes is found by looking. */
const blind: Watch = () => () => undefined;

interface Opened {
  readonly file: AccessFile;
  readonly clock: FakeClock;
  readonly log: TestLog;
}

async function open(path: string, { accounts = ['main'], watch = blind } = {}): Promise<Opened> {
  const clock = createFakeClock();
  const log = createTestLog();
  const file = await openAccessFile({ path, accounts: accounts.map(accountId), clock, log, watch });
  return { file, clock, log };
}

async function enter(file: AccessFile, token: string): Promise<Recognised> {
  const recognised = await file.identify(bearing(token));
  if (!recognised) throw new Error(`${token} was not let in`);
  return recognised;
}

/** Lets the file be looked at, until what is expected is there. */
async function looked(clock: FakeClock, expected: () => boolean): Promise<void> {
  await expect
    .poll(async () => {
      await clock.advance(3_000);
      return expected();
    })
    .toBe(true);
}

async function faultsAt(path: string, accounts?: string[]): Promise<readonly string[]> {
  const error: unknown = await open(path, accounts ? { accounts } : {}).catch((reason: unknown) => reason);
  if (!(error instanceof AccessFileError)) throw new Error('It was taken');
  for (const fault of error.faults) expect(error.message).toContain(fault);
  expect(error.message).toContain(path);
  return error.faults;
}

describe('a token', () => {
  test('lets in who holds it, with what its entry grants', async () => {
    await using written = await createTestAccessFile([noc, portal]);
    const { file } = await open(written.path);

    expect((await enter(file, 'noc-token')).identity).toEqual({
      viewer: { account: 'main', name: 'noc', role: 'OPERATOR', client: null, send: false },
      expiresAt: null,
      caller: null,
    });
    expect((await enter(file, 'portal-token')).identity.viewer).toEqual({
      account: 'main',
      name: 'portal',
      role: 'CLIENT',
      client: 'acme corp',
      send: true,
    });
    file.close();
  });

  test('that is another, or its own hash, or none, lets nobody in', async () => {
    await using written = await createTestAccessFile([noc]);
    const { file } = await open(written.path);
    const { tokenSha256 } = noc as { tokenSha256: string };

    for (const token of ['noc-toke', 'noc-token2', 'NOC-TOKEN', tokenSha256])
      expect(await file.identify(bearing(token))).toBeNull();
    for (const authorization of [null, '', 'noc-token', 'Basic noc-token', 'Bearer', 'Bearer noc-token x'])
      expect(await file.identify(presented({ authorization }))).toBeNull();
    expect(await file.identify(presented({ authorization: 'bearer  noc-token ' }))).not.toBeNull();
    file.close();
  });

  test('names its account where there are several', async () => {
    await using written = await createTestAccessFile([{ ...noc, account: 'berlin' }]);
    const { file } = await open(written.path, { accounts: ['main', 'berlin'] });

    expect((await enter(file, 'noc-token')).identity.viewer.account).toBe('berlin');
    file.close();
  });
});

describe('a file that cannot be used at the start is refused with everything that is wrong with it', () => {
  test.each<[string, unknown, string[]]>([
    ['empty', '', ['it is empty: a list without entries is []']],
    ['broken', '[{"name": "noc"', ['it is no JSON']],
    ['no list', { name: 'noc' }, ['it is no list: [{"name": …, "role": …, "tokenSha256": …}]']],
    ['of other things', [1, null, []], [1, 2, 3].map((place) => `entry ${place}: is no object`)],
    [
      'without what it must have',
      [{}],
      ['entry 1, name: is missing', 'entry 1, role: is missing', 'entry 1, tokenSha256: is missing'],
    ],
    [
      'with values of another kind',
      [{ name: 'a b', role: 'ROOT', client: ' ', account: '../x', send: 'yes', tokenSha256: 'abc' }],
      [
        'entry 1, name: is no name: 1 to 64 letters, digits, ., _, @ or -',
        'entry 1, role: is none of ADMIN, OPERATOR, READER, CLIENT',
        'entry 1, client: is no name of 1 to 255 characters',
        'entry 1, account: is no account name: 1 to 64 letters, digits, - or _',
        'entry 1, send: is neither true nor false',
        'entry 1, tokenSha256: is no SHA-256 in 64 hexadecimal digits',
      ],
    ],
    ['with a misspelt field', [{ ...noc, cleint: 'Acme' }], ['entry 1: has fields that mean nothing here: "cleint"']],
    [
      'with a name or a token twice',
      [noc, portal, { ...noc, name: 'PORTAL' }],
      ['entry 3, name: is that of entry 2 already', 'entry 3, tokenSha256: is that of entry 1 already'],
    ],
    [
      'with a CLIENT of nobody',
      [{ ...noc, role: 'CLIENT' }],
      ['entry 1, client: is missing: whose things may a CLIENT see?'],
    ],
    [
      'that seems to confine a role which it cannot confine',
      [{ ...noc, client: 'Acme', send: false }],
      ['entry 1, client: goes with the role CLIENT only', 'entry 1, send: goes with the role CLIENT only'],
    ],
    [
      'of an account that is not there',
      [{ ...noc, account: 'x' }],
      ['entry 1, account: is none of the accounts here (main)'],
    ],
    [
      'of an account that the gateway makes by itself',
      [{ ...noc, account: 'caller-x' }],
      ['entry 1, account: may not begin with caller-: those are made by the gateway'],
    ],
    [
      'with the gateway’s own name',
      [{ ...noc, name: 'local' }],
      ['entry 1, name: is the name of who asks where no access is configured'],
    ],
  ])('%s', async (_, content, faults) => {
    await using written = await createTestAccessFile(content);

    expect(await faultsAt(written.path)).toEqual(faults);
  });

  test('one that is not there, a directory, a device, one that is too large', async () => {
    await using written = await createTestAccessFile([]);
    const large = join(written.folder, 'large.json');
    await writeFile(large, ' '.repeat(1_048_577));

    expect(await faultsAt(join(written.folder, 'nowhere.json'))).toEqual(['it is not there']);
    expect(await faultsAt(written.folder)).toEqual(['it is a directory']);
    expect(await faultsAt('/dev/zero')).toEqual(['it is no file']);
    expect(await faultsAt(large)).toEqual(['it is larger than 1 MiB']);
  });

  test('one that leaves open which of several accounts it means', async () => {
    await using written = await createTestAccessFile([noc]);

    expect(await faultsAt(written.path, ['main', 'berlin'])).toEqual([
      'entry 1, account: is missing: there are several (main, berlin)',
    ]);
  });

  test('and neither the refusal nor the log repeats a hash', async () => {
    await using written = await createTestAccessFile([noc, noc]);
    const error: unknown = await open(written.path).catch((reason: unknown) => reason);

    expect(String(error)).toContain('is that of entry 1 already');
    expect(String(error)).not.toMatch(/[0-9a-f]{16}/);
  });
});

describe('a file that may be used', () => {
  test('but that every user can read is warned of', async () => {
    await using written = await createTestAccessFile([noc]);
    await chmod(written.path, 0o644);
    const { file, log } = await open(written.path);

    expect(log.messages()).toEqual(['Every user of this machine may read the access file: chmod 600 it']);
    expect(await file.identify(bearing('noc-token'))).not.toBeNull();
    file.close();
  });

  test('but has no entries is warned of', async () => {
    await using written = await createTestAccessFile('\uFEFF[]');
    const { file, log } = await open(written.path);

    expect(log.messages()).toEqual(['The access file has no entries: nobody comes in by a token']);
    file.close();
  });
});

describe('a changed file', () => {
  test.each(['replace', 'overwrite'] as const)('is in force at the next look: %s', async (change) => {
    await using written = await createTestAccessFile([noc, portal]);
    const { file, clock, log } = await open(written.path);
    const [operator, client] = [await enter(file, 'noc-token'), await enter(file, 'portal-token')];
    await written[change]([portal]);
    await looked(clock, () => !operator.holds());

    expect(client.holds()).toBe(true);
    expect(await file.identify(bearing('noc-token'))).toBeNull();
    expect(log.messages()).toEqual(['The access file has changed, and is in force']);
    file.close();
  });

  test.each<[string, object]>([
    ['another client', { client: 'Other' }],
    ['another role', { role: 'READER', client: undefined, send: undefined }],
    ['another name', { name: 'web' }],
    ['less to do', { send: false }],
  ])('ends what was found by an entry that says something else now: %s', async (_, change) => {
    await using written = await createTestAccessFile([noc, portal]);
    const { file, clock } = await open(written.path);
    const client = await enter(file, 'portal-token');
    await written.replace([{ ...portal, ...change }]);
    await looked(clock, () => !client.holds());

    expect((await enter(file, 'portal-token')).holds()).toBe(true);
    file.close();
  });

  test('whose entries only moved ends nothing', async () => {
    await using written = await createTestAccessFile([noc, portal]);
    const { file, clock, log } = await open(written.path);
    const client = await enter(file, 'portal-token');
    await written.replace([{ ...portal, client: 'ACME corp' }, noc]);
    await looked(clock, () => log.lines.length === 1);

    expect(client.holds()).toBe(true);
    file.close();
  });

  test('that is faulty leaves the one before in force, and is logged once with everything that is wrong', async () => {
    await using written = await createTestAccessFile([noc]);
    const { file, clock, log } = await open(written.path);
    const operator = await enter(file, 'noc-token');
    await written.replace([{ ...noc, role: 'ROOT', name: '' }]);
    await looked(clock, () => log.lines.length > 0);
    await clock.advance(60_000);

    expect(log.lines).toEqual([
      {
        fields: {
          path: written.path,
          faults: [expect.stringContaining('entry 1, name'), expect.stringContaining('entry 1, role')],
        },
        message: 'The access file cannot be used: the one before it stays in force',
      },
    ]);
    expect(operator.holds()).toBe(true);

    await written.replace([]);
    await looked(clock, () => !operator.holds());
    file.close();
  });

  test.each<[string, (path: string) => Promise<unknown>, string]>([
    ['is gone', (path) => rm(path), 'it is not there'],
    ['is a directory', (path) => rm(path).then(() => mkdir(path)), 'it is a directory'],
  ])('that %s leaves the one before in force until it is back', async (_, break_, fault) => {
    await using written = await createTestAccessFile([noc]);
    const { file, clock, log } = await open(written.path);
    const operator = await enter(file, 'noc-token');
    await break_(written.path);
    await looked(clock, () => log.lines.length > 0);

    expect(log.lines[0]?.fields).toEqual({ path: written.path, faults: [fault] });
    expect(operator.holds()).toBe(true);

    await rm(written.path, { recursive: true, force: true });
    await written.overwrite([portal]);
    await looked(clock, () => !operator.holds());
    file.close();
  });

  test('behind a link is found when the link leads elsewhere, as Kubernetes does it', async () => {
    await using written = await createTestAccessFile([noc]);
    const mounted = join(written.folder, 'mounted.json');
    await symlink(written.path, mounted);
    const { file, clock } = await open(mounted);
    const operator = await enter(file, 'noc-token');
    const next = join(written.folder, 'next.json');
    await writeFile(next, JSON.stringify([portal]), { mode: 0o600 });
    await symlink(next, `${mounted}~`);
    await rename(`${mounted}~`, mounted);
    await looked(clock, () => !operator.holds());
    file.close();
  });

  test('is looked at soon after the system gives notice, even where notices never cease', async () => {
    await using written = await createTestAccessFile([noc]);
    let notice = () => {};
    const { file, clock } = await open(written.path, {
      watch: (folder, changed) => {
        expect(folder).toBe(written.folder);
        notice = changed;
        return () => undefined;
      },
    });
    const operator = await enter(file, 'noc-token');
    const before = clock.now();
    await written.replace([]);
    await expect
      .poll(async () => {
        notice();
        await clock.advance(10);
        return operator.holds();
      })
      .toBe(false);

    expect(clock.now() - before).toBeLessThan(3_000);
    file.close();
  });

  test('is not looked at any more once closed', async () => {
    await using written = await createTestAccessFile([noc]);
    const { file, clock } = await open(written.path);
    file.close();

    expect(clock.pending()).toBe(0);
  });
});

test('with the system’s own notices a revoked token stops holding without any time passing by the clock but a moment', async () => {
  await using written = await createTestAccessFile([noc]);
  const clock = createFakeClock();
  const file = await openAccessFile({ path: written.path, accounts: [accountId('main')], clock, log: createTestLog() });
  const operator = await enter(file, 'noc-token');
  await written.replace([portal]);
  await expect
    .poll(async () => {
      // Too little in all for a look by the clock alone.
      if (clock.now() < Date.parse('2026-04-05T12:00:02Z')) await clock.advance(20);
      return operator.holds();
    })
    .toBe(false);
  file.close();
});
