import { describe, expect, test } from 'vitest';
import { useCsrfPrevention } from '../../src/server/csrf.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { createPagedGraph, createProtectedYoga } from './protected-graph.ts';

const portal = 'https://portal.example.com';
const { schema, ran } = createPagedGraph();
const { yoga } = createProtectedYoga(schema, [useCsrfPrevention(createOrigins('https://graph.example.com', [portal]))]);

async function send(method: 'GET' | 'POST', headers: Record<string, string>, body = '{"query":"{ hello }"}') {
  const before = ran.fields;
  const url = method === 'GET' ? 'http://127.0.0.1:4000/graphql?query={hello}' : 'http://127.0.0.1:4000/graphql';
  const response = await yoga.fetch(url, {
    method,
    headers: { host: '127.0.0.1:4000', ...headers },
    ...(method === 'POST' ? { body } : {}),
  });
  const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return { status: response.status, code: errors?.[0]?.extensions.code, ran: ran.fields - before };
}

const json = { 'content-type': 'application/json' };
const taken = { status: 200, code: undefined, ran: 1 };
const foreign = { status: 403, code: 'FOREIGN_SITE', ran: 0 };
const notJson = { status: 415, code: 'NOT_JSON', ran: 0 };

describe('what a form or a no-cors fetch can post runs nothing, whoever posts it:', () => {
  test.each([
    ['text/plain', '{"query":"{ hello }"}'],
    ['text/plain;charset=UTF-8', '{"query":"{ hello }"}'],
    ['text/plain; application/json', '{"query":"{ hello }"}'],
    ['application/x-www-form-urlencoded', 'query=%7Bhello%7D'],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{hello}"}\r\n--b--',
    ],
    ['application/graphql', '{ hello }'],
    ['application/graphql+json', '{"query":"{ hello }"}'],
    ['text/plain, application/json', '{"query":"{ hello }"}'],
    ['application/json, text/plain', '{"query":"{ hello }"}'],
    ['', '{"query":"{ hello }"}'],
  ])('%s', async (type, body) => {
    const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };

    expect(await send('POST', headers, body)).toEqual(notJson);
    expect(await send('POST', { ...headers, 'sec-fetch-site': 'same-origin' }, body)).toEqual(notJson);
    expect(await send('POST', { ...headers, origin: 'https://evil.example' }, body)).toEqual(foreign);
  });
});

describe('a page of another site runs nothing, by any method and content type', () => {
  test.each([
    'https://evil.example',
    'null',
    'https://portal.example.com.evil.example',
    'http://portal.example.com',
    'not an origin',
  ])('as its Origin says: %s', async (origin) => {
    expect(await send('GET', { origin })).toEqual(foreign);
    expect(await send('POST', { ...json, origin })).toEqual(foreign);
    expect(await send('POST', { ...json, origin, 'sec-fetch-site': 'same-origin' })).toEqual(foreign);
  });

  test.each(['cross-site', 'same-site', 'nonsense'])(
    'as Sec-Fetch-Site says where there is no Origin: %s',
    async (site) => {
      expect(await send('GET', { 'sec-fetch-site': site })).toEqual(foreign);
      expect(await send('POST', { ...json, 'sec-fetch-site': site })).toEqual(foreign);
    },
  );

  test('nor one that brings a cookie and says nothing of where it comes from', async () => {
    expect(await send('GET', { cookie: 'session=1' })).toEqual(foreign);
  });
});

describe('an operation is taken', () => {
  test.each<[string, Record<string, string>]>([
    ['from a program', {}],
    ['from a page of an allowed site', { origin: portal, 'sec-fetch-site': 'cross-site', cookie: 'session=1' }],
    ['from a page of the public address', { origin: 'https://graph.example.com' }],
    ['from a page of the host that was asked', { origin: 'http://127.0.0.1:4000' }],
    ['from the server’s own page by GET', { 'sec-fetch-site': 'same-origin', cookie: 'session=1' }],
    ['from the address bar', { 'sec-fetch-site': 'none', cookie: 'session=1' }],
  ])('%s', async (_, headers) => {
    expect(await send('GET', headers)).toEqual(taken);
    expect(await send('POST', { ...headers, 'content-type': 'application/json; charset=utf-8' })).toEqual(taken);
  });
});

test('a GET changes nothing, whoever sends it', async () => {
  const response = await yoga.fetch('http://gateway/graphql?query=mutation{change}');

  expect([response.status, response.headers.get('allow'), ran.fields]).toEqual([405, 'POST', ran.fields]);
});
