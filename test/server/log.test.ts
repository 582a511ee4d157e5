import { expect, test } from 'vitest';
import { createLogger } from '../../src/server/log.ts';
import { withRequestId } from '../../src/server/request-id.ts';

function loggerOf(level = 'info') {
  const lines: string[] = [];
  return { lines, log: createLogger({ level, destination: { write: (line) => lines.push(line) } }) };
}

test('every line is JSON with level, time and message, and the id of the request it belongs to', () => {
  const { lines, log } = loggerOf();
  withRequestId('page-1', () => log.warn({ resource: 'trunks' }, 'DIDfarm cannot be asked'));
  log.info('Started');

  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/Z$/),
      requestId: 'page-1',
      resource: 'trunks',
      msg: 'DIDfarm cannot be asked',
    },
    { level: 'info', time: expect.stringMatching(/Z$/), msg: 'Started' },
  ]);
});

test('what is named like a secret is blanked, however deep', () => {
  const { lines, log } = loggerOf();
  const secrets = {
    authorization: 'hidden',
    Cookie: 'hidden',
    'set-cookie': 'hidden',
    'x-xsrf-token': 'hidden',
    password: 'hidden',
    apiKey: 'hidden',
    body: 'hidden',
    variables: { to: 'hidden' },
  };
  log.info(secrets, 'flat');
  log.info({ headers: secrets }, 'one deep');
  log.info({ request: { headers: secrets } }, 'two deep');
  log.error({ err: Object.assign(new Error('failed'), secrets) }, 'on an error');

  expect(lines).toHaveLength(4);
  expect(lines.join('')).not.toContain('hidden');
  expect(lines.join('')).toContain('[redacted]');
});

test('a key or token inside a text is blanked as well', () => {
  const { lines, log } = loggerOf();
  log.info('asked with df_live_abc123DEF');
  log.error({ err: new Error('401 for Bearer eyJhbGciOi.J9-x_y=') }, 'failed');

  expect(lines.join('')).not.toMatch(/abc123DEF|eyJ/);
});

test('lines below the level are not written', () => {
  const { lines, log } = loggerOf('warn');
  log.info('quiet');

  expect(lines).toEqual([]);
});
