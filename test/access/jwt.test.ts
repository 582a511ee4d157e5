import { exportSPKI, importJWK, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Recognised } from '../../src/access/credentials.ts';
import { identifyByJwt } from '../../src/access/jwt.ts';
import { secretKeys, type VerificationKeys } from '../../src/access/jwt-keys.ts';
import { accountId } from '../../src/access/viewer.ts';
import { createFakeClock } from '../support/clock.ts';
import { audience, type Claims, claimsAt, createSigningKey, issuer, signWithSecret } from './support/issuer.ts';
import { createTestLog } from './support/log.ts';
import { bearing } from './support/presented.ts';

const secret = 'a secret of thirty-two bytes, at least';

function open({
  accounts = ['main'],
  keys = secretKeys([secret]),
}: {
  accounts?: string[];
  keys?: VerificationKeys;
} = {}) {
  const clock = createFakeClock();
  const log = createTestLog();
  const identify = identifyByJwt({ issuer, audience, keys, accounts: accounts.map(accountId), clock, log });
  const enter = async (token: string): Promise<Recognised | null> => identify(bearing(token));
  const enterWith = async (claims: Claims) => enter(await signWithSecret(secret, clock.now(), claims));
  /** What the log says of the one refusal. */
  const reason = () => {
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]?.message).toBe('A JWT was refused');
    return String(Object.values(log.lines[0]?.fields ?? {}));
  };
  return { clock, log, enter, enterWith, reason };
}

describe('a JWT of the issuer for this audience', () => {
  test('lets in with what its claims grant, until it expires', async () => {
    const { clock, enterWith } = open();
    const exp = Math.floor(clock.now() / 1000) + 600;
    const found = await enterWith({ sub: 'user-7', role: 'CLIENT', client: ' Acme Corp', send: true, exp });

    expect(found?.identity).toEqual({
      viewer: { account: 'main', name: 'jwt:user-7', role: 'CLIENT', client: 'acme corp', send: true },
      expiresAt: (exp + 60) * 1000,
      caller: null,
    });
    expect(found?.holds()).toBe(true);
    await clock.advance(659_999);
    expect(found?.holds()).toBe(true);
    await clock.advance(1);
    expect(found?.holds()).toBe(false);
  });

  test('without a subject is named by what it grants, and unlike any subject', async () => {
    const { enterWith } = open();
    const name = async (claims: Claims) => (await enterWith(claims))?.identity.viewer.name;

    expect(await name({ role: 'CLIENT', client: 'Acme' })).toBe('jwt-without-sub:CLIENT:Acme');
    expect(await name({ role: 'READER' })).toBe('jwt-without-sub:READER:');
    expect(await name({ role: 'READER', sub: '-without-sub:READER:' })).not.toBe('jwt-without-sub:READER:');
  });

  test('names its account where there are several, one of those there are', async () => {
    const { enterWith, log } = open({ accounts: ['main', 'berlin'] });

    expect((await enterWith({ role: 'ADMIN', account: 'berlin' }))?.identity.viewer.account).toBe('berlin');
    expect(await enterWith({ role: 'ADMIN' })).toBeNull();
    expect(await enterWith({ role: 'ADMIN', account: 'paris' })).toBeNull();
    expect(log.lines.map(({ fields }) => fields)).toEqual([
      { reason: 'its claim account is missing: there are several (main, berlin)' },
      { reason: 'its claim account is none of the accounts here (main, berlin)' },
    ]);
  });

  test('may be signed with either of two secrets while one is exchanged for the other', async () => {
    const next = 'another secret of thirty-two bytes…';
    const { clock, enter } = open({ keys: secretKeys([next, secret]) });

    for (const each of [secret, next])
      expect(await enter(await signWithSecret(each, clock.now(), { role: 'READER' }))).not.toBeNull();
  });

  test.each(['HS256', 'HS384', 'HS512'])('may use %s', async (alg) => {
    const { clock, enter } = open();

    expect(await enter(await signWithSecret(secret, clock.now(), { role: 'READER' }, alg))).not.toBeNull();
  });
});

describe('a JWT is refused, and the log alone says why', () => {
  test.each<[string, Claims, string]>([
    ['of another issuer', { iss: 'https://evil.example' }, 'unexpected "iss" claim value'],
    ['of no issuer', { iss: undefined }, 'missing required "iss" claim'],
    ['for another audience', { aud: 'somebody-else' }, 'unexpected "aud" claim value'],
    ['for no audience', { aud: undefined }, 'missing required "aud" claim'],
    ['that never expires', { exp: undefined }, 'missing required "exp" claim'],
    ['that expires when no date can be', { exp: 1e300 }, 'its claim exp '],
    ['without a role', { role: undefined }, 'its claim role is missing'],
    ['of an unknown role', { role: 'admin' }, 'its claim role is none of ADMIN, OPERATOR, READER, CLIENT'],
    ['of several roles', { role: ['ADMIN'] }, 'its claim role is none of'],
    ['of a CLIENT of nobody', { role: 'CLIENT' }, 'its claim client is missing'],
    ['of a CLIENT of a blank', { role: 'CLIENT', client: '  ' }, 'its claim client is no name'],
    [
      'of a role that no client confines',
      { role: 'READER', client: 'Acme' },
      'its claim client goes with the role CLIENT only',
    ],
    [
      'that grants sending in other words',
      { role: 'CLIENT', client: 'Acme', send: 'true' },
      'its claim send is neither',
    ],
    ['of an account that the gateway makes', { account: 'caller-x' }, 'its claim account may not begin with caller-'],
  ])('%s', async (_, claims, expected) => {
    const { enterWith, reason } = open();

    expect(await enterWith({ role: 'READER', ...claims })).toBeNull();
    expect(reason()).toContain(expected);
  });

  test.each<[string, (now: number) => Claims, RegExp]>([
    [
      'has run out',
      (now) => ({ exp: now - 90 }),
      /^it expired 90 s ago by this machine's clock: where it is new, the clocks differ$/,
    ],
    [
      'is not valid yet',
      (now) => ({ nbf: now + 90 }),
      /^it is valid only in 90 s by this machine's clock: .* the clocks differ$/,
    ],
    ['was issued in the future', (now) => ({ iat: now + 90 }), /^it was issued 90 s in the future: the clocks differ$/],
  ])('with the clock off by 90 s, as one that %s; off by 59 s it is taken', async (_, claims, expected) => {
    const { clock, enter, reason } = open();
    const given = { role: 'READER', ...claims(Math.floor(clock.now() / 1000)) };
    const token = await signWithSecret(secret, clock.now(), given);
    expect(await enter(token)).toBeNull();
    expect(reason()).toMatch(expected);

    const difference = Object.values(claims(0)).some((value) => Number(value) < 0) ? -31_000 : 31_000;
    clock.step(difference);
    expect(await enter(token)).not.toBeNull();
  });

  test('signed with another secret, or changed after it was signed', async () => {
    const { clock, enter, log } = open();
    const token = await signWithSecret(secret, clock.now(), { role: 'READER' });
    const [header = '', , signature = ''] = token.split('.');
    const claims = Buffer.from(JSON.stringify(claimsAt(clock.now(), { role: 'ADMIN' }))).toString('base64url');

    expect(await enter(await signWithSecret(`${secret}!`, clock.now(), { role: 'READER' }))).toBeNull();
    expect(await enter(`${header}.${claims}.${signature}`)).toBeNull();
    expect(log.messages()).toEqual(['A JWT was refused']);
  });

  test('with no signature at all', async () => {
    const { clock, enter, reason } = open();
    const none = new UnsecuredJWT(claimsAt(clock.now(), { role: 'ADMIN' })).encode();
    const [, claims = ''] = none.split('.');

    for (const alg of ['none', 'None', 'NONE', '', undefined]) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      for (const signature of ['', 'AAAA']) expect(await enter(`${header}.${claims}.${signature}`)).toBeNull();
    }
    expect(reason()).toBe('its algorithm is none of those taken here');
  });

  test('with a public key’s algorithm where there is a secret, and with a secret’s where there are public keys', async () => {
    const rsa = await createSigningKey('RS256');
    const pem = await exportSPKI((await importJWK(rsa.publicJwk, 'RS256')) as CryptoKey);
    const asked: string[] = [];
    const keys: VerificationKeys = {
      algorithms: ['RS256'],
      candidates: async ({ alg }) => {
        asked.push(String(alg));
        return [];
      },
      close: () => undefined,
    };
    const { clock, enter, reason } = open({ keys });

    for (const confused of [pem, pem.trim(), JSON.stringify(rsa.publicJwk)])
      expect(await enter(await signWithSecret(confused, clock.now(), { role: 'ADMIN' }))).toBeNull();
    expect(reason()).toBe('its algorithm is none of those taken here');
    expect(asked).toEqual([]);
  });

  test('with an extension that it calls critical; the log repeats nothing of what nobody has signed', async () => {
    const { clock, enter, reason, log } = open();
    const token = await signWithSecret(secret, clock.now(), { role: 'ADMIN' });
    const header = { alg: 'HS256', crit: ['planted-text'], 'planted-text': true };
    const [, claims, signature] = token.split('.');
    const forged = [Buffer.from(JSON.stringify(header)).toString('base64url'), claims, signature].join('.');

    expect(await enter(forged)).toBeNull();
    expect(reason()).toBe('ERR_JOSE_NOT_SUPPORTED');
    expect(log.text()).not.toContain('planted');
  });

  test('and the same reason fills no log: once a minute', async () => {
    const { clock, enterWith, log } = open();
    for (let i = 0; i < 100; i++) await enterWith({ role: 'ROOT' });
    expect(log.lines).toHaveLength(1);
    await clock.advance(60_000);
    await enterWith({ role: 'ROOT' });

    expect(log.lines).toHaveLength(2);
  });
});

test('what has not three parts is no JWT, and not worth a line', async () => {
  const { enter, log } = open();

  for (const token of ['dfgw_abc', 'a.b', 'a.b.c.d', '.']) expect(await enter(token)).toBeNull();
  expect(log.lines).toEqual([]);
});
