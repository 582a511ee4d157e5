import { expect, test } from 'vitest';
import { healthRoutes } from '../../src/server/health.ts';
import { useRoutes } from '../../src/server/http-routes.ts';
import { createLogger } from '../../src/server/log.ts';
import { onlyForTrusted } from '../../src/server/trusted.ts';
import { createPagedGraph, createProtectedYoga } from './protected-graph.ts';

const log = createLogger({ level: 'silent', destination: { write: () => undefined } });
const isTrusted = async (request: Request) => request.headers.get('authorization') === 'Bearer operator';
const ready = async () => ({ ok: false, checks: { storage: 'the disk is full' } });
const { yoga } = createProtectedYoga(createPagedGraph().schema, [
  useRoutes(
    [
      ...healthRoutes(ready, () => false, isTrusted),
      onlyForTrusted({ path: '/metrics', methods: ['GET'], handle: () => new Response('counts 1') }, isTrusted),
    ],
    log,
  ),
]);
const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await yoga.fetch(`http://gateway${path}`, { headers });
  return [response.status, await response.text()];
};
const trusted = { authorization: 'Bearer operator' };

test('who may look inside is told what is missing, and the counts', async () => {
  expect(await get('/health/ready', trusted)).toEqual([
    503,
    '{"status":"unavailable","checks":{"storage":"the disk is full"}}',
  ]);
  expect(await get('/metrics', trusted)).toEqual([200, 'counts 1']);
});

test('everybody else is told whether it is ready, and that there are no counts, in the words of any unknown path', async () => {
  expect(await get('/health/ready')).toEqual([503, '{"status":"unavailable"}']);
  expect(await get('/health/live')).toEqual([200, '{"status":"ok"}']);
  expect(await get('/metrics')).toEqual(await get('/nothing'));
});
