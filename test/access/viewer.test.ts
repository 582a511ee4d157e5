import { expect, test } from 'vitest';
import { accountId, clientKey, scopeOf, type Viewer } from '../../src/access/viewer.ts';

const portal = { account: accountId('main'), name: 'portal', role: 'CLIENT' } as const;

test('a client viewer sees its client; one without, or with a nameless one, sees what is nobody’s', () => {
  const seen = (viewer: Viewer) => scopeOf(viewer).client;
  expect(seen({ ...portal, client: clientKey(' Acme Corp ') })).toBe('acme corp');
  for (const client of [null, clientKey(''), clientKey('   ')]) {
    const key = seen({ ...portal, client });
    expect(key).not.toBeNull();
    expect(clientKey(String(key))).not.toBe(key);
  }
});

test('everybody else sees the whole account', () => {
  for (const role of ['ADMIN', 'OPERATOR', 'READER'] as const)
    expect(scopeOf({ ...portal, role, client: null })).toMatchObject({ account: 'main', client: null });
});

test.each(['', 'a b', '../x', 'a'.repeat(65)])('%j names no account', (name) => {
  expect(() => accountId(name)).toThrow(TypeError);
});
