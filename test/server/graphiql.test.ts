import { getOperationAST, parse, validate } from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';
import { examplesAt } from '../../src/server/examples.ts';
import { launchBrowser } from '../support/browser.ts';
import { startGateway } from '../support/gateway.ts';
import { createSmallServer } from './small-graph.ts';

const now = Date.parse('2026-01-15T12:00:00Z');

describe('the examples', () => {
  test.each(examplesAt(now))('are documents of the graph: $query', ({ query }) => {
    expect(validate(schema, parse(query)).map((error) => error.message)).toEqual([]);
  });

  test('ask for the bills of the last three months, also across a new year', () => {
    const [variables] = examplesAt(now).flatMap((example) => example.variables ?? []);

    expect(JSON.parse(variables ?? '')).toEqual({ from: '2025-11-01', to: '2026-02-01' });
  });

  test('that ask all run without an error', async () => {
    await using gateway = await startGateway();
    const questions = examplesAt(gateway.clock.now()).filter(
      ({ query }) => getOperationAST(parse(query))?.operation !== 'subscription',
    );
    expect(questions).toHaveLength(4);
    for (const { query, variables } of questions) {
      const { data, errors } = await gateway.askText(query, JSON.parse(variables ?? '{}'));
      expect(errors).toBeUndefined();
      for (const part of Object.values(data ?? { nothing: null })) expect(part).not.toBeNull();
      expect(JSON.stringify(data)).not.toContain('Error"');
    }
    expect(gateway.sandbox.control.state()).toMatchObject({ liveOrders: 1, trunks: 9, messages: 1 });
  });
});

describe('in a browser without a network', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** A page that keeps the addresses it asked for and what went wrong in it. */
  async function openPage(): Promise<{ page: Page; asked: string[]; faults: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const asked: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    return { page, asked, faults };
  }

  test('GraphiQL loads, opens with the examples, runs the dashboard and shows the docs', async () => {
    await using gateway = await startGateway();
    const { url } = await gateway.app.listen();
    const { page, asked, faults } = await openPage();

    await page.goto(url);
    await page.waitForSelector('.graphiql-execute-button');
    expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual([
      'Dashboard',
      'ClientBill',
      'NumberSearch',
      'LiveTrunks',
      'FirstClient',
    ]);

    const answered = page.waitForResponse(
      (response) => response.request().postData()?.includes('query Dashboard') === true,
    );
    await page.click('.graphiql-execute-button');
    const answer = (await (await answered).json()) as { data: { trunks: { nodes: object[] } }; errors?: object[] };
    expect(answer.errors).toBeUndefined();
    expect(answer.data.trunks.nodes).toHaveLength(8);
    await page.locator('.graphiql-response', { hasText: '"wallet"' }).waitFor();

    await page.getByLabel('Show Documentation Explorer').click();
    await page.locator('.graphiql-doc-explorer').getByText('Query', { exact: true }).click();
    await page.locator('.graphiql-doc-explorer', { hasText: 'availableNumbers' }).waitFor();

    expect(asked.filter((address) => !address.startsWith(url) && !address.startsWith(`blob:${url}`))).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('GraphiQL buys, creates, routes and texts from its tab, once however often it is pressed', async () => {
    await using gateway = await startGateway();
    const { url } = await gateway.app.listen();
    const { page, faults } = await openPage();
    const press = async () => {
      const answered = page.waitForResponse(
        (response) => response.request().postData()?.includes('FirstClient') === true,
      );
      await page.click('.graphiql-execute-button');
      return (await (await answered).json()) as { data: { onboardClient: object; sendMessage: object } };
    };

    await page.goto(url);
    await page.locator('.graphiql-tab-button', { hasText: 'FirstClient' }).click();
    await page.locator('.graphiql-query-editor', { hasText: 'SPENDS MONEY' }).waitFor();
    // GraphiQL goes by the operation of the tab before for a moment, and is done with that when it has stored which tab is open.
    const openTab = "JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}').activeTabIndex";
    await expect.poll(() => page.evaluate(openTab)).toBe(4);
    const { data } = await press();
    expect(data).toMatchObject({
      onboardClient: {
        __typename: 'OnboardClientPayload',
        number: { e164: expect.stringMatching(/^\+1212/), status: 'PROVISIONING' },
        trunk: { name: 'Blue Bicycle Repairs' },
        order: { total: { formatted: '€0.95' } },
        credentials: { password: expect.stringMatching(/^.{24}$/) },
      },
      sendMessage: { __typename: 'SendMessagePayload', text: { status: 'QUEUED', segments: 1 } },
    });
    await page.locator('.graphiql-response', { hasText: 'Blue Bicycle Repairs' }).waitFor();
    const books = gateway.sandbox.control.state();
    expect(books).toMatchObject({ liveOrders: 1, trunks: 9, messages: 1 });

    const again = await press();
    expect(again.data).toEqual({ ...data, onboardClient: { ...data.onboardClient, credentials: null } });
    expect(gateway.sandbox.control.state()).toEqual(books);
    expect(faults).toEqual([]);
    await page.close();
  });

  test('GraphiQL follows the trunks by the example over its WebSocket, each with its status first, then a change', async () => {
    await using gateway = await startGateway();
    const { url } = await gateway.app.listen();
    const { control } = gateway.sandbox;
    control.webhooks.configure({ url: `${url}/webhooks/didfarm` });
    const { page, faults } = await openPage();
    const frames: string[] = [];
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
    });
    const statuses = () => frames.filter((frame) => frame.includes('"trunkStatus"'));
    const liveTrunks = examplesAt(now).find(({ query }) => query.includes('trunkStatus'))?.query ?? '';

    await page.goto(`${url}/graphql?query=${encodeURIComponent(liveTrunks)}`);
    await page.click('.graphiql-execute-button');
    await page.locator('.graphiql-response', { hasText: '"trunkStatus"' }).waitFor();
    await expect.poll(() => statuses().length).toBe(8);
    const trunk = control.world.trunks.all().find(({ status }) => status === 'registered');
    control.setTrunkStatus(trunk?.uuid ?? '', 'offline');
    await control.webhooks.idle();

    await expect.poll(() => statuses().length).toBe(9);
    expect(JSON.parse(statuses().at(-1) ?? '')).toMatchObject({
      payload: { data: { trunkStatus: { trunk: { name: trunk?.name, status: 'OFFLINE' } } } },
    });
    const [firstWord = 'none'] = trunk?.name.split(' ') ?? [];
    await page.locator('.graphiql-response', { hasText: '"OFFLINE"' }).filter({ hasText: firstWord }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  test('GraphiQL runs a subscription over the WebSocket', async () => {
    const server = createSmallServer();
    const { url } = await server.listen();
    const { page, faults } = await openPage();
    const frames: string[] = [];
    const done = Promise.withResolvers<void>();
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        frames.push(String(payload));
        if (String(payload).includes('"complete"')) done.resolve();
      });
    });

    await page.goto(`${url}/graphql?query=${encodeURIComponent('subscription { countdown(from: 2) }')}`);
    await page.click('.graphiql-execute-button');
    await done.promise;

    expect(frames.join().match(/"countdown":\d/g)).toEqual(['"countdown":2', '"countdown":1', '"countdown":0']);
    await page.locator('.graphiql-response', { hasText: '"countdown": 0' }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
    await server.close();
  });
});
