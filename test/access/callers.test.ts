import { describe, expect, test } from 'vitest';
import { type Access, openAccess } from '../../src/access/access.ts';
import { upstreamHeaders } from '../../src/access/callers.ts';
import type { Credentials } from '../../src/access/credentials.ts';
import { AccessUnavailable, Unauthenticated } from '../../src/access/errors.ts';
import type { Prove } from '../../src/access/proofs.ts';
import { noAccess } from '../../src/access/settings.ts';
import { accountId } from '../../src/access/viewer.ts';
import { createFakeClock } from '../support/clock.ts';
import { otherEmail, otherKey, startDidfarm } from './support/didfarm.ts';
import { createTestLog } from './support/log.ts';
import { bearing, presented } from './support/presented.ts';

const portal = 'https://portal.example.com';

async function open(prove: Prove, callerCredentials: 'key' | 'cookie' = 'key', secret = 'installation') {
  const clock = createFakeClock();
  const log = createTestLog();
  const access = await openAccess({
    settings: { ...noAccess, callerCredentials, origins: [portal] },
    accounts: [accountId('main')],
    secret,
    prove,
    clock,
    log,
  });
  return { access, clock, log };
}

async function refused(access: Access, credentials: Credentials): Promise<void> {
  await expect(access.identify(credentials)).rejects.toThrow(Unauthenticated);
}

describe('a caller with a DIDfarm key of their own', () => {
  test('is the ADMIN of an account that is theirs alone, and whose name does not tell the key', async () => {
    await using didfarm = await startDidfarm();
    const { access } = await open(didfarm.prove);
    const mine = await access.identify(bearing(didfarm.sandbox.apiKey));
    const theirs = await access.identify(bearing(otherKey));

    expect(mine).toEqual({
      viewer: {
        account: expect.stringMatching(/^caller-[A-Za-z0-9_-]{43}$/),
        name: 'caller',
        role: 'ADMIN',
        client: null,
        send: false,
      },
      expiresAt: null,
      caller: { kind: 'key', secret: didfarm.sandbox.apiKey },
    });
    expect(theirs.viewer.account).not.toBe(mine.viewer.account);
    expect((await access.identify(bearing(otherKey))).viewer.account).toBe(theirs.viewer.account);

    const elsewhere = await open(didfarm.prove, 'key', 'another installation');
    expect((await elsewhere.access.identify(bearing(otherKey))).viewer.account).not.toBe(theirs.viewer.account);
  });

  test('is nobody where DIDfarm refuses it, and a flood of it reaches DIDfarm once in half a minute', async () => {
    await using didfarm = await startDidfarm();
    const { access, clock } = await open(didfarm.prove);
    for (let i = 0; i < 20; i++) await refused(access, bearing('df_live_guessed'));
    expect(didfarm.asked()).toBe(1);
    await clock.advance(30_000);
    await refused(access, bearing('df_live_guessed'));

    expect(didfarm.asked()).toBe(2);
  });

  test.each(['df_test_abc', 'df_live_', 'df_live_a.b', 'abc', `df_live_${'a'.repeat(201)}`])(
    'what has not the form of one is never sent on: %s',
    async (token) => {
      await using didfarm = await startDidfarm();
      const { access } = await open(didfarm.prove);
      await refused(access, bearing(token));

      expect(didfarm.asked()).toBe(0);
    },
  );

  test('brings no cookies, and one with cookies no key', async () => {
    await using didfarm = await startDidfarm();
    const { session, xsrf } = await didfarm.logIn();
    const before = didfarm.asked();
    const cookies = presented({ cookie: `${session}; ${xsrf}`, origin: portal });
    await refused((await open(didfarm.prove, 'key')).access, cookies);
    await refused((await open(didfarm.prove, 'cookie')).access, bearing(didfarm.sandbox.apiKey));

    expect(didfarm.asked()).toBe(before);
  });
});

describe('a proof', () => {
  test('is asked for once by any number of callers at a time, and counts for five minutes', async () => {
    await using didfarm = await startDidfarm();
    const { access, clock } = await open(didfarm.prove);
    const key = bearing(didfarm.sandbox.apiKey);
    const [identity] = await Promise.all(Array.from({ length: 20 }, () => access.identify(key)));
    if (!identity) throw new Error('Nobody came in');
    await clock.advance(239_999);
    await access.identify(key);
    expect(access.holds(identity)).toBe(true);
    expect(didfarm.asked()).toBe(1);

    await clock.advance(60_001);
    expect(access.holds(identity)).toBe(false);
    expect((await access.identify(key)).viewer).toEqual(identity.viewer);
    expect(didfarm.asked()).toBe(2);
    expect(access.holds(identity)).toBe(true);
  });

  test('is renewed in the background while somebody goes on asking', async () => {
    await using didfarm = await startDidfarm();
    const { access, clock } = await open(didfarm.prove);
    const identity = await access.identify(bearing(didfarm.sandbox.apiKey));
    for (let minute = 1; minute <= 30; minute++) {
      await clock.advance(59_000);
      expect(access.holds(identity)).toBe(true);
      await expect.poll(() => didfarm.asked()).toBeGreaterThanOrEqual(1 + Math.floor((minute * 59) / 300));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(didfarm.asked()).toBeLessThanOrEqual(8);
  });

  test('that DIDfarm withdraws ends what was let in', async () => {
    const answers = [true, false];
    const { access, clock } = await open(async () => answers.shift() ?? false);
    const identity = await access.identify(bearing('df_live_abc'));
    await clock.advance(240_000);
    expect(access.holds(identity)).toBe(true);
    await clock.advance(0);

    expect(access.holds(identity)).toBe(false);
    await refused(access, bearing('df_live_abc'));
  });

  test('ends at once where another call is refused, even while it is being renewed', async () => {
    const answers: ((isTaken: boolean) => void)[] = [];
    const { access, clock } = await open(() => new Promise((resolve) => answers.push(resolve)));
    const identified = access.identify(bearing('df_live_abc'));
    await clock.advance(0);
    answers.shift()?.(true);
    const identity = await identified;
    await clock.advance(240_000);
    expect(access.holds(identity)).toBe(true);
    access.refused(identity);
    expect(access.holds(identity)).toBe(false);
    answers.shift()?.(true);
    await clock.advance(0);

    expect(access.holds(identity)).toBe(false);
    await refused(access, bearing('df_live_abc'));
  });

  test('that cannot be had lets nobody in, and says that DIDfarm failed', async () => {
    await using didfarm = await startDidfarm();
    const { access } = await open(didfarm.prove);
    didfarm.sandbox.control.faults.add({ kind: 'status', status: 500 });
    const key = bearing(didfarm.sandbox.apiKey);
    await expect(access.identify(key)).rejects.toThrow('DIDfarm answered 500');
    didfarm.sandbox.control.faults.clear();

    expect((await access.identify(key)).viewer.role).toBe('ADMIN');
  });

  test('that cannot be renewed counts to its end and no longer, and DIDfarm is not pressed', async () => {
    await using didfarm = await startDidfarm();
    const { access, clock, log } = await open(didfarm.prove);
    const identity = await access.identify(bearing(didfarm.sandbox.apiKey));
    didfarm.sandbox.control.faults.add({ kind: 'status', status: 500 });
    await clock.advance(240_000);
    for (let i = 0; i < 100; i++) expect(access.holds(identity)).toBe(true);
    await expect.poll(() => log.lines.length).toBe(1);
    for (let i = 0; i < 100; i++) expect(access.holds(identity)).toBe(true);
    expect(didfarm.asked()).toBe(2);
    expect(log.text()).not.toContain(didfarm.sandbox.apiKey);
    await clock.advance(60_000);

    expect(access.holds(identity)).toBe(false);
    await expect(access.identify(bearing(didfarm.sandbox.apiKey))).rejects.toThrow('DIDfarm answered 500');
  });

  test('is asked for by sixteen at a time: guessed keys make no flood', async () => {
    const asked: string[] = [];
    const { access } = await open((caller) => {
      asked.push(caller.kind);
      return new Promise(() => {});
    });
    for (let i = 0; i < 16; i++) void access.identify(bearing(`df_live_guess${i}`));
    await expect(access.identify(bearing('df_live_guess16'))).rejects.toThrow(AccessUnavailable);

    expect(asked).toHaveLength(16);
  });
});

describe('a browser with a DIDfarm login', () => {
  test('is let in from a page that may call, and only the login’s own cookies go on', async () => {
    await using didfarm = await startDidfarm();
    const { access } = await open(didfarm.prove, 'cookie');
    const { session, xsrf } = await didfarm.logIn();
    const cookie = `theme=dark; ${session}; analytics=1; ${xsrf}; remember_web=secret`;
    const identity = await access.identify(presented({ cookie, origin: portal }));

    expect(identity.viewer).toMatchObject({ name: 'caller', role: 'ADMIN', client: null });
    if (!identity.caller) throw new Error('No credential');
    const token = decodeURIComponent(xsrf.slice('XSRF-TOKEN='.length));
    expect(upstreamHeaders(identity.caller)).toEqual({
      cookie: `${session}; ${xsrf}`,
      'x-xsrf-token': token,
      origin: portal,
      referer: `${portal}/`,
    });

    const trunk = await fetch(`${didfarm.sandbox.apiUrl}/portal/sip-trunks`, {
      method: 'POST',
      headers: { ...upstreamHeaders(identity.caller), 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Acme', auth_type: 'digest' }),
    });
    expect(trunk.status).toBe(201);
  });

  test('is an account of its own: another login is another, another XSRF token is not', async () => {
    const { access } = await open(async () => true, 'cookie');
    const account = async (cookie: string) =>
      (await access.identify(presented({ cookie, origin: portal }))).viewer.account;

    const mine = await account('didfarm_session=abc; XSRF-TOKEN=1');
    expect(await account('XSRF-TOKEN=2; didfarm_session=abc')).toBe(mine);
    expect(await account('didfarm_session=abd; XSRF-TOKEN=1')).not.toBe(mine);
    expect((await (await open(async () => true)).access.identify(bearing('df_live_abc'))).viewer.account).not.toBe(
      mine,
    );
  });

  test('whose XSRF token is stale is asked for the login again, and only that token is refused for a while', async () => {
    let asked = 0;
    const { access, clock } = await open(async () => {
      asked += 1;
      return true;
    }, 'cookie');
    const shown = (token: string) => presented({ cookie: `didfarm_session=abc; XSRF-TOKEN=${token}`, origin: portal });
    const stale = await access.identify(shown('old'));
    await access.identify(shown('new'));
    expect(asked).toBe(1);
    access.refused(stale);
    await refused(access, shown('old'));
    expect(asked).toBe(1);

    expect(access.holds(await access.identify(shown('new')))).toBe(true);
    expect(asked).toBe(2);
    await refused(access, shown('old'));
    await clock.advance(30_000);
    await access.identify(shown('old'));
  });

  test('that DIDfarm does not know is nobody', async () => {
    await using didfarm = await startDidfarm();
    const { access } = await open(didfarm.prove, 'cookie');
    const { xsrf } = await didfarm.logIn(otherEmail);
    const before = didfarm.asked();
    await refused(access, presented({ cookie: `didfarm_session=unknown; ${xsrf}`, origin: portal }));

    expect(didfarm.asked()).toBe(before + 1);
  });

  test.each<[string, Partial<Credentials>]>([
    ['another page’s', { origin: 'https://evil.example' }],
    ['another port’s', { origin: `${portal}:8443` }],
    ['a sandboxed page’s', { origin: 'null' }],
    ['of an unknown page', { origin: null }],
    ['without the session', { cookie: 'XSRF-TOKEN=x%3D' }],
    ['without the XSRF token', { cookie: 'didfarm_session=abc' }],
    ['with an XSRF token that no header can carry', { cookie: 'didfarm_session=abc; XSRF-TOKEN=%0d%0aHost:x' }],
    ['with a broken XSRF token', { cookie: 'didfarm_session=abc; XSRF-TOKEN=%E0%A4%A' }],
    ['with a session there twice', { cookie: 'didfarm_session=abc; XSRF-TOKEN=x%3D; didfarm_session=abd' }],
    ['with an XSRF token there twice', { cookie: 'didfarm_session=abc; XSRF-TOKEN=x%3D; XSRF-TOKEN=x%3D' }],
    ['contradicted by its own header', { xsrfToken: 'y' }],
    ['none', { cookie: null }],
  ])('is refused without a question to DIDfarm: cookies %s', async (_, change) => {
    let asked = 0;
    const { access } = await open(async () => {
      asked += 1;
      return true;
    }, 'cookie');
    const fine = presented({ cookie: 'didfarm_session=abc; XSRF-TOKEN=x%3D', xsrfToken: 'x=', origin: portal });
    await refused(access, { ...fine, ...change });
    expect(asked).toBe(0);

    await access.identify(fine);
    expect(asked).toBe(1);
  });
});
