import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useCors } from '../../src/server/cors.ts';
import { useCsrfPrevention } from '../../src/server/csrf.ts';
import { createOrigins } from '../../src/server/origins.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Site, startSite } from '../support/site.ts';
import { createPagedGraph, createProtectedYoga, listen } from './protected-graph.ts';

const { schema, ran } = createPagedGraph();
let browser: Browser;
let evil: Site;
let portal: Site;
let server: Awaited<ReturnType<typeof listen>>;
const arrived: string[] = [];
beforeAll(async () => {
  [browser, evil, portal] = await Promise.all([launchBrowser(), startSite(), startSite()]);
  const origins = createOrigins('https://graph.example.com', [portal.origin]);
  server = await listen(createProtectedYoga(schema, [useCors(origins, false), useCsrfPrevention(origins)]).yoga);
  server.http.on('request', (request, response) =>
    response.once('finish', () => arrived.push(`${request.method} ${response.statusCode}`)),
  );
});
afterAll(async () => {
  await Promise.all([browser.close(), server[Symbol.asyncDispose]()]);
  for (const site of [evil, portal]) await site[Symbol.asyncDispose]();
});
beforeEach(() => {
  arrived.length = 0;
  ran.fields = 0;
});

/** Runs a script on a page of a site, with the address of the graph in `graph`. */
async function onPage(site: { origin: string }, script: string): Promise<unknown> {
  const page = await browser.newPage();
  try {
    await page.goto(site.origin);
    return await page.evaluate(`(async () => { const graph = '${server.url}/graphql'; ${script} })()`);
  } finally {
    await expect.poll(() => arrived.length).toBeGreaterThan(0);
    await page.close();
  }
}

const mutation = '{"query":"mutation { change }"}';
const form = (enctype: string) => `
  const form = Object.assign(document.createElement('form'), { method: 'post', action: graph, enctype: '${enctype}' });
  form.append(Object.assign(document.createElement('input'), { name: '{"query":"mutation { change }","x":"', value: '"}' }));
  document.body.append(form);
  form.submit();`;
const blind = (type: string) => `
  await fetch(graph, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': '${type}' }, body: '${mutation}' });`;

describe('a page of a strange site changes and reads nothing, in a real browser, by', () => {
  test.each([
    ['a form as text', form('text/plain')],
    ['a form as a form', form('application/x-www-form-urlencoded')],
    ['a form as multipart', form('multipart/form-data')],
    ['a blind fetch as text', blind('text/plain')],
    ['a blind fetch as a form', blind('application/x-www-form-urlencoded')],
    ['a blind fetch that asks for JSON, which the browser makes text', blind('application/json')],
    ['a beacon', `navigator.sendBeacon(graph, new Blob(['${mutation}'], { type: 'text/plain' }));`],
    ['an image', `new Image().src = graph + '?query={hello}';`],
    [
      'a script',
      `document.body.append(Object.assign(document.createElement('script'), { src: graph + '?query={hello}' }));`,
    ],
    [
      'a frame',
      `document.body.append(Object.assign(document.createElement('iframe'), { src: graph + '?query={hello}' }));`,
    ],
    ['following a link', `location.href = graph + '?query={hello}';`],
  ])('%s', async (_, script) => {
    await onPage(evil, script).catch(() => undefined);

    expect(arrived[0]).toMatch(/^(POST|GET) (403|415)$/);
    expect(ran.fields).toBe(0);
  });

  test('a fetch that asks for leave', async () => {
    const asked = `return fetch(graph, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '${mutation}' }).then(() => 'read', (error) => error.name);`;

    expect(await onPage(evil, asked)).toBe('TypeError');
    expect([arrived, ran.fields]).toEqual([['OPTIONS 403'], 0]);
  });
});

test('a page of an allowed site asks, with a token, and reads', async () => {
  const asked = `return (await fetch(graph, { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer x' }, body: '${mutation}' })).json();`;

  expect(await onPage(portal, asked)).toEqual({ data: { change: 'changed' } });
  expect(arrived).toEqual(['OPTIONS 204', 'POST 200']);
});
