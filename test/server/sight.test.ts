import { expect, test } from 'vitest';
import { healthRoutes } from '../../src/server/health.ts';
import { useRoutes } from '../../src/server/http-routes.ts';
import { createLogger } from '../../src/server/log.ts';
import { type Sight, shownBySight } from '../../src/server/sight.ts';
import { createPagedGraph, createProtectedYoga } from './protected-graph.ts';

const log = createLogger({ level: 'silent', destination: { write: () => undefined } });
const sights: Readonly<Record<string, Sight>> = { 'Bearer operator': 'all', 'Bearer berliner': { account: 'berlin' } };
const sightOf = async ({ headers }: Request) => sights[headers.get('authorization') ?? ''] ?? 'nothing';
const ready = async (account: string | null) => ({ ok: false, checks: { storage: 'the disk is full', of: account } });
const { yoga } = createProtectedYoga(createPagedGraph().schema, [
  useRoutes(
    [
      ...healthRoutes(ready, () => false, sightOf),
      shownBySight('/metrics', sightOf, async (account) => new Response(`counts of ${account}`)),
    ],
    log,
  ),
]);
const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const response = await yoga.fetch(`http://gateway${path}`, { method, headers });
  return [response.status, await response.text()];
};

test.each([
  ['operator', null],
  ['berliner', 'berlin'],
])('who may look inside is told what is missing, and the counts, of what they see: %s', async (who, of) => {
  const authorization = `Bearer ${who}`;
  const checks = { storage: 'the disk is full', of };
  expect(await get('/health/ready', { authorization })).toEqual([
    503,
    JSON.stringify({ status: 'unavailable', checks }),
  ]);
  expect(await get('/metrics', { authorization })).toEqual([200, `counts of ${of}`]);
});

test('everybody else is told whether it is ready, and that there are no counts, in the words of any unknown path', async () => {
  expect(await get('/health/ready')).toEqual([503, '{"status":"unavailable"}']);
  expect(await get('/health/live')).toEqual([200, '{"status":"ok"}']);
  for (const method of ['GET', 'POST']) expect(await get('/metrics', {}, method)).toEqual(await get('/nothing'));
});
