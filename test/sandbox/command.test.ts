import { expect, test } from 'vitest';
import { runSandbox } from '../../src/sandbox/command.ts';
import { read } from './harness.ts';

const ignore = () => {};

test('the command starts a sandbox and prints its address, key and control', async () => {
  const lines: string[] = [];
  const { sandbox, close } = await runSandbox(['--port', '0', '--api-key', 'df_live_mine'], (line) => lines.push(line));
  const printed = lines.join('\n');
  for (const part of [sandbox?.apiUrl, 'df_live_mine', `${sandbox?.url}/__sandbox/`, 'EUR 142.50']) {
    expect(printed).toContain(part);
  }
  const headers = { authorization: 'Bearer df_live_mine', accept: 'application/json' };
  expect((await read(await fetch(`${sandbox?.apiUrl}/wallet/balance`, { headers }))).json.balance).toBe('142.50');
  await close();
});

test('sizes, limit, webhooks and every variant are flags', async () => {
  const flags = [
    '--port',
    '0',
    '--seed',
    '4',
    '--trunks',
    '3',
    '--numbers',
    '5',
    '--transactions',
    '9',
    '--balance',
    '7',
  ];
  const variants = ['--envelope', 'bare', '--per-page', '10', '--extra-fields', 'true', '--missing-fields', 'trunk.id'];
  const more = ['--missing-fields', 'city', '--rate-limit', 'none', '--webhook-url', 'http://127.0.0.1:9', '--lively'];
  const { sandbox, close } = await runSandbox([...flags, ...variants, ...more, '--webhook-secret', 's'], ignore);
  expect(sandbox?.control.state()).toMatchObject({ trunks: 3, numbers: 5, transactions: 9, balance: '7.00' });
  expect(sandbox?.webhookSecret).toBe('s');
  expect(sandbox?.control.variants.current()).toMatchObject({
    envelope: 'bare',
    perPage: 10,
    extraFields: true,
    missingFields: ['trunk.id', 'city'],
  });
  await close();
});

test.each([
  ['--colour', 'red', /colour/],
  ['--numbers', 'many', /--numbers must be a whole number/],
  ['--numbers', '100001', /numbers must be a whole number from 0 to 100000/],
  ['--envelope', 'paper', /envelope/],
  ['--extra-fields', 'yes', /extraFields/],
  ['--balance', '1,50', /not an amount in euros/],
])('%s %s is refused by name', async (flag, value, message) => {
  await expect(runSandbox(['--port', '0', flag, value], ignore)).rejects.toThrow(message);
});

test('--help prints the flags and starts nothing', async () => {
  const lines: string[] = [];
  const { sandbox, close } = await runSandbox(['--help'], (line) => lines.push(line));
  expect(sandbox).toBeUndefined();
  for (const line of [
    '--trunks NUMBER\n    SIP trunks. Default: 20',
    '--webhook-url URL\n    Where events are delivered. Default: nowhere',
    '--per-page NUMBER\n    Rows a page where the caller does not ask. Default: 25',
    '--null-fields FIELD, repeatable\n    Fields that are null, named likewise. Default: none',
  ])
    expect(lines).toContain(line);
  expect(lines.join('\n')).toMatch(/--envelope data\|bare\n {4}.* around resources and lists.*Default: data/);
  expect(lines.filter((line) => line.startsWith('--') && !/\n {4}\S.+\. Default: \S+$/.test(line))).toEqual([]);
  await close();
});
