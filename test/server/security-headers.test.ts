import { expect, test } from 'vitest';
import { useRoutes } from '../../src/server/http-routes.ts';
import { createLogger } from '../../src/server/log.ts';
import { useSecurityHeaders } from '../../src/server/security-headers.ts';
import { createPagedGraph, createProtectedYoga } from './protected-graph.ts';

const { schema } = createPagedGraph();
const log = createLogger({ level: 'silent', destination: { write: () => undefined } });
const own = { 'content-security-policy': "default-src 'self'", 'cache-control': 'max-age=60' };
const yogaAt = (publicUrl: string) =>
  createProtectedYoga(schema, [
    useSecurityHeaders(publicUrl),
    useRoutes([{ path: '/own', methods: ['GET'], handle: () => new Response('', { headers: own }) }], log),
  ]).yoga;

test.each(['/graphql?query={hello}', '/graphql?query={', '/graphql', '/nothing', '/own'])(
  'every answer tells browsers what not to do with it: %s',
  async (path) => {
    const { headers } = await yogaAt('http://127.0.0.1:4000').fetch(`http://gateway${path}`);

    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.get('content-security-policy')).toMatch(
      path === '/own' ? /'self'/ : /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(headers.get('cache-control')).toBe(path === '/own' ? 'max-age=60' : 'no-store');
  },
);

test('a browser is held to https only where the public address has it', async () => {
  const secure = await yogaAt('https://graph.example.com').fetch('http://gateway/nothing');
  const plain = await yogaAt('http://127.0.0.1:4000').fetch('http://gateway/nothing');

  expect(secure.headers.get('strict-transport-security')).toBe('max-age=31536000');
  expect(plain.headers.get('strict-transport-security')).toBeNull();
});
