import { describe, expect, test } from 'vitest';
import { useCors } from '../../src/server/cors.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { createPagedGraph, createProtectedYoga } from './protected-graph.ts';

const portal = 'https://portal.example.com';
const { schema, ran } = createPagedGraph();
const yogaFor = (allowed: string[], credentials = false) =>
  createProtectedYoga(schema, [useCors(createOrigins('https://graph.example.com', allowed), credentials)]).yoga;
const yoga = yogaFor([portal, 'null']);

const ask = (origin: string | null, from = yoga) =>
  from.fetch('http://gateway/graphql?query={hello}', { headers: origin === null ? {} : { origin } });
const preflight = (origin: string, from = yoga, path = '/graphql') =>
  from.fetch(`http://gateway${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  });
const permissions = (response: Response) =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')));

describe('a page of an allowed site', () => {
  test('may read the answer', async () => {
    expect(permissions(await ask(portal))).toEqual({
      'access-control-allow-origin': portal,
      'access-control-expose-headers': 'x-request-id, retry-after',
    });
  });

  test('may read an error, too', async () => {
    const response = await yoga.fetch('http://gateway/graphql?query=mutation{change}', { headers: { origin: portal } });

    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([405, portal]);
  });

  test('is told by a preflight that it may post with the headers that it asks for, and nothing runs', async () => {
    const before = ran.fields;
    const response = await preflight(portal);

    expect(response.status).toBe(204);
    expect(permissions(response)).toMatchObject({
      'access-control-allow-origin': portal,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    });
    expect(ran.fields).toBe(before);
  });

  test('may send cookies only where cookies say who asks', async () => {
    const withCookies = yogaFor([portal], true);

    expect(permissions(await ask(portal, withCookies))['access-control-allow-credentials']).toBe('true');
    expect(permissions(await preflight(portal, withCookies))['access-control-allow-credentials']).toBe('true');
    expect(permissions(await preflight(portal))['access-control-allow-credentials']).toBeUndefined();
  });
});

describe('any other page gets no permission', () => {
  test.each([
    'https://evil.example',
    'null',
    'https://portal.example.com.evil.example',
    'https://PORTAL.example.com',
    '*',
  ])('%s', async (origin) => {
    expect(permissions(await ask(origin))).toEqual({});
    expect((await preflight(origin)).status).toBe(403);
    expect(permissions(await preflight(origin))).toEqual({});
  });

  test('nor does an allowed one on another path', async () => {
    expect(permissions(await preflight(portal, yoga, '/metrics'))).toEqual({});
  });

  test('nor anybody where none is allowed', async () => {
    expect(permissions(await ask(portal, yogaFor([])))).toEqual({});
    expect((await preflight(portal, yogaFor([]))).status).toBe(403);
  });
});

test('every answer says that it depends on the origin', async () => {
  for (const origin of [portal, 'https://evil.example', null])
    expect((await ask(origin)).headers.get('vary')?.toLowerCase()).toContain('origin');
  expect((await preflight(portal)).headers.get('vary')).toBe('Access-Control-Request-Headers, Origin');
});
