import { expect, test } from 'vitest';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { createFakeClock } from '../support/clock.ts';

test('a closed sandbox answers nothing and plans nothing more', async () => {
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, lively: true });
  await sandbox.listen();
  const { url } = sandbox;
  expect(clock.pending()).toBeGreaterThan(0);
  await sandbox.close();
  expect(clock.pending()).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  await sandbox.close();
});

test('its addresses follow from where it listens, and are unknown before', async () => {
  const sandbox = createSandbox();
  expect(() => sandbox.url).toThrow('does not listen yet');
  await sandbox.listen();
  expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(sandbox.apiUrl).toBe(`${sandbox.url}/api/v1`);
  expect(sandbox.regulatoryUrl).toBe(`${sandbox.url}/api/regulatory/submit`);
  await sandbox.close();
});

test('a port that is taken is an error', async () => {
  const [first, second] = [createSandbox(), createSandbox()];
  await first.listen();
  await expect(second.listen({ port: Number(new URL(first.url).port) })).rejects.toThrow('EADDRINUSE');
  await first.close();
  await second.close();
});
