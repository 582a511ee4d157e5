import { expect, test } from 'vitest';
import { z } from 'zod';
import { accessSettings, accessVariables, noAccess } from '../../src/access/settings.ts';

const read = (given: Record<string, string>) => accessSettings(z.object(accessVariables).parse(given));

test('nothing set is nobody but this machine', () => {
  expect(read({})).toEqual(noAccess);
});

test('every way in is read', () => {
  expect(
    read({
      ACCESS_FILE: './access.json',
      JWT_JWKS_URL: 'https://login.example.com/jwks',
      JWT_ISSUER: 'https://login.example.com',
      JWT_AUDIENCE: 'graph',
      CALLER_CREDENTIALS: 'cookie',
      CORS_ORIGINS: 'https://a.example, http://localhost:5173',
    }),
  ).toEqual({
    file: './access.json',
    jwt: {
      issuer: 'https://login.example.com',
      audience: 'graph',
      keys: { kind: 'jwks', url: 'https://login.example.com/jwks' },
    },
    callerCredentials: 'cookie',
    origins: ['https://a.example', 'http://localhost:5173'],
  });
});

test('several secrets are several keys, while one is exchanged for the other', () => {
  const secrets = ['a new secret of thirty-two bytes or more', 'the old secret of thirty-two bytes or more'];
  const { jwt } = read({ JWT_SECRET: secrets.join(' , '), JWT_ISSUER: 'x', JWT_AUDIENCE: 'y' });

  expect(jwt?.keys).toEqual({ kind: 'secret', secrets });
});

test('what was read may not be changed', () => {
  const settings = read({ ACCESS_FILE: 'x', CORS_ORIGINS: 'https://a.example' });

  for (const part of [settings, settings.origins]) expect(Object.isFrozen(part)).toBe(true);
});
