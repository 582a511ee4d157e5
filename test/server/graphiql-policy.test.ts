import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withContentPolicy } from '../../src/server/graphiql-policy.ts';
import { launchBrowser } from '../support/browser.ts';
import { createSmallServer } from './small-graph.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Told by the browser of each thing that a page's policy kept it from. */
const watchViolations = `
  globalThis.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));
`;

test('GraphiQL works under its policy: editor, completion, an answer and a subscription, with no violation', async () => {
  const server = createSmallServer();
  const { url } = await server.listen();
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const said: string[] = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(error.message));
  await page.addInitScript(watchViolations);

  await page.goto(`${url}/graphql?query=${encodeURIComponent('{ hello(times: 2) }')}`);
  await page.click('.graphiql-execute-button');
  await page.locator('.graphiql-response', { hasText: 'hellohello' }).waitFor();
  // The worker that completes names is one of the editor's blobs.
  await page.locator('.graphiql-query-editor .view-lines').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type(' ag');
  await page.locator('.suggest-widget', { hasText: 'again' }).waitFor();

  await page.goto(`${url}/graphql?query=${encodeURIComponent('subscription { countdown(from: 2) }')}`);
  await page.click('.graphiql-execute-button');
  await page.locator('.graphiql-response', { hasText: '"countdown": 0' }).waitFor();

  expect(await page.evaluate('violations')).toEqual([]);
  expect(said.filter((line) => /error|policy|violat/i.test(line))).toEqual([]);
  await page.close();
  await server.close();
});

test('a page with the policy runs its own script, and none that was slipped into it or comes from elsewhere', async () => {
  const page = await browser.newPage();
  await page.addInitScript(watchViolations);
  const html = `<!doctype html><script>globalThis.own = true;</script>
    <script>globalThis.slipped = true;</script>
    <img src="x" onerror="globalThis.handled = true">
    <script src="/graphql.js"></script>`;
  await page.route('**/*', async (route) => {
    const response = withContentPolicy(html);
    await route.fulfill({ body: await response.text(), headers: Object.fromEntries(response.headers) });
  });
  await page.goto('http://127.0.0.1:1/');
  await expect.poll(() => page.evaluate('violations.length')).toBe(4);

  expect(await page.evaluate('[globalThis.own, globalThis.slipped, globalThis.handled]')).toEqual([
    true,
    undefined,
    undefined,
  ]);
  await page.close();
});

test('each page has a nonce of its own', () => {
  const [one, other] = [withContentPolicy('<script></script>'), withContentPolicy('<script></script>')];

  expect(one.headers.get('content-security-policy')).not.toBe(other.headers.get('content-security-policy'));
});
