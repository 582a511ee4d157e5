import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { type Site, startSite } from '../support/site.ts';
import { logIn } from './support/didfarm.ts';

let browser: Browser;
let context: BrowserContext;
let sites: { readonly portal: Site; readonly strange: Site };
let gateway: Installation;
beforeAll(async () => {
  browser = await launchBrowser();
  sites = { portal: await startSite(), strange: await startSite() };
  gateway = await startInstallation({
    sandbox: { accounts: [{ apiKey: 'df_live_other', email: 'other@example.com', seed: 9, trunks: 3 }] },
    variables: { CALLER_CREDENTIALS: 'cookie', CORS_ORIGINS: sites.portal.origin },
  });
  context = await browser.newContext();
  const { session, xsrf } = await logIn(gateway.sandbox.url, 'other@example.com');
  // As DIDfarm's own pages left them in the browser; ports are no part of whose they are.
  for (const pair of [session, xsrf, 'theme=dark']) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    await context.addCookies([{ name, value, domain: '127.0.0.1', path: '/', httpOnly: pair === session }]);
  }
});
afterAll(async () => {
  await browser.close();
  await gateway[Symbol.asyncDispose]();
  for (const site of [sites.portal, sites.strange]) await site[Symbol.asyncDispose]();
});

/** What a page of this site comes to that brings its browser's cookies along, by each way that a page has. */
async function tried({ origin }: Site): Promise<Record<string, unknown>> {
  const page = await context.newPage();
  await page.goto(origin);
  const outcome = await page.evaluate<Record<string, unknown>>(`(async () => {
    const graph = '${gateway.url}/graphql';
    const body = JSON.stringify({ query: '{ viewer { role } trunks { totalCount } }' });
    const headers = { 'content-type': 'application/json' };
    const told = (answer) => answer.then((response) => response.json()).then(({ data }) => data, ({ name }) => name);
    const acknowledged = (socket) => new Promise((resolve) => {
      socket.onopen = () => socket.send('{"type":"connection_init"}');
      socket.onmessage = ({ data }) => resolve(JSON.parse(data).type);
      socket.onclose = ({ code }) => resolve(code);
    });
    const opened = (source) => new Promise((resolve) => {
      source.onopen = () => resolve('opened');
      source.onerror = () => resolve('refused');
    });
    const events = graph + '?query=' + encodeURIComponent('subscription { events { id } }');
    return {
      post: await told(fetch(graph, { method: 'POST', credentials: 'include', headers, body })),
      withoutCookies: await told(fetch(graph, { method: 'POST', headers, body })),
      socket: await acknowledged(new WebSocket(graph.replace('http', 'ws'), 'graphql-transport-ws')),
      events: await opened(new EventSource(events, { withCredentials: true })),
    };
  })()`);
  await page.close();
  return outcome;
}

test('in a real browser, pages that may call bring its DIDfarm login along, over HTTP, WebSocket and EventSource; no others do', async () => {
  const asked = () => gateway.sandbox.control.calls().total;
  const before = asked();
  const strange = await tried(sites.strange);
  expect(strange).toEqual({
    post: 'TypeError',
    withoutCookies: 'TypeError',
    socket: 1006,
    events: 'refused',
  });
  expect(asked()).toBe(before);

  expect(await tried(sites.portal)).toEqual({
    post: { viewer: { role: 'ADMIN' }, trunks: { totalCount: 3 } },
    withoutCookies: undefined,
    socket: 'connection_ack',
    events: 'opened',
  });
  expect(gateway.log.join('')).not.toContain('theme=dark');
});
