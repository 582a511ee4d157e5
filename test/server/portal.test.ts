import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientKey } from '../../src/access/viewer.ts';
import { audience, issuer, signWithSecret } from '../access/support/issuer.ts';
import { launchBrowser } from '../support/browser.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { type Site, startSite } from '../support/site.ts';

const secret = 'a-secret-of-thirty-two-bytes-or-more';
const liveTrunks = 'subscription { trunkStatus { previous trunk { uuid status } } }';

let browser: Browser;
let sites: { readonly portal: Site; readonly strange: Site };
beforeAll(async () => {
  browser = await launchBrowser();
  const page = await readFile(new URL('portal/portal.html', import.meta.url));
  sites = { portal: await startSite(page), strange: await startSite(page) };
});
afterAll(async () => {
  await browser.close();
  for (const site of [sites.portal, sites.strange]) await site[Symbol.asyncDispose]();
});

let gateway: Installation;
let page: Page;
beforeEach(async () => {
  gateway = await startInstallation({
    variables: {
      JWT_SECRET: secret,
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: audience,
      CORS_ORIGINS: sites.portal.origin,
      DIDFARM_WEBHOOK_SECRET: 'whsec_sandbox',
    },
  });
  gateway.sandbox.control.webhooks.configure({ url: `${gateway.url}/webhooks/didfarm` });
  await gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv');
  page = await browser.newPage();
});
afterEach(async () => {
  await page.close();
  await gateway[Symbol.asyncDispose]();
});

/** The sandbox's own books: whose trunks are whose. */
function trunksOf(client: string) {
  const all = gateway.sandbox.control.world.trunks.all();
  const isOwn = ({ name }: { readonly name: string }) => clientKey(name) === clientKey(client);
  return { own: all.filter(isOwn), others: all.filter((trunk) => !isOwn(trunk)) };
}

function firstClient(): string {
  return gateway.sandbox.control.world.trunks.all()[0]?.name ?? '';
}

/** Opens the page with the JWT of a client's portal; what is done in it is done as its origin. */
async function open({ origin }: Site): Promise<string> {
  const jwt = await signWithSecret(secret, gateway.clock.now(), {
    role: 'CLIENT',
    client: firstClient(),
    sub: 'portal',
  });
  await page.goto(`${origin}/#${new URLSearchParams({ gateway: gateway.url, jwt })}`);
  await page.waitForFunction('globalThis.portal');
  return jwt;
}

async function ask(query: string): Promise<unknown> {
  return page.evaluate(`portal.ask(${JSON.stringify(query)})`);
}

describe('a client’s portal on another origin', () => {
  test('reads the client’s own trunks with its JWT, and no others', async () => {
    await open(sites.portal);
    const { own, others } = trunksOf(firstClient());
    expect([own.length, others.length]).not.toContain(0);

    expect(await ask('{ viewer { role client { name } } trunks { totalCount nodes { uuid } } }')).toMatchObject({
      status: 200,
      requestId: expect.stringMatching(/./),
      data: {
        viewer: { role: 'CLIENT' },
        trunks: {
          totalCount: own.length,
          nodes: expect.arrayContaining(own.map(({ uuid }) => ({ uuid }))),
        },
      },
    });
  });

  test('follows them over a WebSocket and over server-sent events: what they are, then each change, and none of others', async () => {
    await open(sites.portal);
    const { own, others } = trunksOf(firstClient());
    await page.evaluate(`
      globalThis.seen = { socket: [], events: [] };
      portal.overSocket(${JSON.stringify(liveTrunks)}, seen.socket);
      void portal.overEvents(${JSON.stringify(liveTrunks)}, seen.events);
    `);
    const seen = () => page.evaluate<{ socket: unknown[]; events: unknown[] }>('seen');
    const counts = async () => Object.values(await seen()).map(({ length }) => length);
    await expect.poll(counts).toEqual([own.length, own.length]);

    const [mine, theirs] = [own[0], others[0]];
    if (mine === undefined || theirs === undefined) throw new Error('The sandbox has trunks of several clients');
    const change = async ({ uuid, status }: typeof mine) => {
      const next = status === 'registered' ? 'offline' : 'registered';
      gateway.sandbox.control.setTrunkStatus(uuid, next);
      await gateway.sandbox.control.webhooks.idle();
      return next.toUpperCase();
    };
    await change(theirs);
    const status = await change(mine);

    await expect.poll(counts).toEqual([own.length + 1, own.length + 1]);
    const told = await seen();
    for (const payloads of [told.socket, told.events]) {
      expect(payloads.at(-1)).toMatchObject({ data: { trunkStatus: { trunk: { uuid: mine.uuid, status } } } });
      for (const { uuid } of others) expect(JSON.stringify(payloads)).not.toContain(uuid);
    }
  });

  test('is refused everything else: other clients, the wallet, the schema, the gateway, and every change', async () => {
    await open(sites.portal);
    const { others } = trunksOf(firstClient());
    const theirs = others[0]?.uuid ?? '';
    const books = gateway.sandbox.control.state();
    const calls = gateway.sandbox.control.calls().total;

    expect(
      await ask(`{ theirs: trunk(uuid: "${theirs}") { name } nobodys: trunk(uuid: "trk_nothing") { name } }`),
    ).toMatchObject({
      status: 200,
      data: { theirs: null, nobodys: null },
    });
    expect(await ask('{ wallet { balance { amount } } gateway { version } }')).toMatchObject({
      data: { wallet: null, gateway: null },
    });
    expect(await ask('{ clients { totalCount } }')).toMatchObject({ data: { clients: { totalCount: 1 } } });
    for (const introspection of ['{ __schema { description } }', '{ __type(name: "Wallet") { __typename } }'])
      expect(await ask(introspection)).toEqual({
        status: 400,
        requestId: expect.anything(),
        errors: [expect.objectContaining({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })],
      });
    expect(JSON.stringify(await ask('{ walet { balance { amount } } }'))).not.toContain('wallet');
    const mutations = [
      'createTrunk(input: { name: "Mine", idempotencyKey: "a" }) { __typename }',
      'sendMessage(input: { from: "+31201234567", to: "+31201234568", body: "Hello", idempotencyKey: "b" }) { __typename }',
      `regenerateTrunkCredentials(input: { trunk: "${theirs}", idempotencyKey: "c" }) { __typename }`,
    ];
    for (const mutation of mutations)
      expect(await ask(`mutation { ${mutation} }`)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });

    expect(gateway.sandbox.control.state()).toEqual(books);
    expect(gateway.sandbox.control.calls().total).toBe(calls);
  });
});

test('a page of any other origin reads nothing, though it holds the same JWT: not by fetch, socket, EventSource or script', async () => {
  const jwt = await open(sites.strange);
  expect(await gateway.ask('{ trunks { totalCount } }', jwt)).toMatchObject({ status: 200, data: { trunks: {} } });
  const operations = () => gateway.log.filter((line) => line.includes('"msg":"Operation"')).length;
  expect(operations()).toBe(1);

  const failed = await page.evaluate<Record<string, string | number>>(`(async () => {
    const query = '{ trunks { totalCount } }';
    const address = portal.gateway + '/graphql?query=' + encodeURIComponent(query);
    const failureOf = (attempt) => attempt.then(() => 'none', ({ name }) => name);
    const loaded = (element) => new Promise((resolve) => {
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('refused');
      element.src = address;
      document.body.append(element);
    });
    const simple = (body, type) => fetch(address, { method: 'POST', mode: 'no-cors', headers: { 'content-type': type }, body });
    const opened = (source) => new Promise((resolve) => {
      source.onopen = () => resolve('opened');
      source.onerror = () => resolve('refused');
    });
    return {
      fetch: await failureOf(portal.ask(query)),
      events: await failureOf(portal.overEvents(${JSON.stringify(liveTrunks)}, [])),
      get: await failureOf(fetch(address)),
      simple: await failureOf(simple(JSON.stringify({ query }), 'text/plain')),
      socket: await portal.overSocket(${JSON.stringify(liveTrunks)}, []),
      source: await opened(new EventSource(address)),
      script: await loaded(document.createElement('script')),
      image: await loaded(new Image()),
    };
  })()`);

  expect(failed).toEqual({
    fetch: 'TypeError',
    events: 'TypeError',
    get: 'TypeError',
    simple: 'TypeError',
    socket: 1006,
    source: 'refused',
    script: 'refused',
    image: 'refused',
  });
  expect(operations()).toBe(1);
});
