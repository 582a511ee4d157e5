import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CallOptions, DidfarmClient } from '../../src/didfarm/client.ts';
import { createSetting, createUpstream, failureOf, json, type Seen } from './support/upstream.ts';

const key = 'df_live_topsecret';
const password = 'Rn8kP2mQ-secret'; // even its beginning must not be told
const text = 'Your code is 4711';
const cookie = 'laravel_session=eyJpdiI6';

const calls: readonly [string, (client: DidfarmClient, call: CallOptions) => Promise<unknown>][] = [
  ['reading', (client, call) => client.readBalance(call)],
  ['creating a trunk', (client, call) => client.createTrunk({ name: 'Acme', authType: 'digest' }, call)],
  ['regenerating', (client, call) => client.regenerateCredentials('trk_1', call)],
  [
    'sending a text',
    (client, call) => client.sendMessage({ from: '+31612345678', to: '+31687654321', body: text }, call),
  ],
];

/** Says back all that it was sent, as a careless server would. */
const echo =
  (status: number) =>
  (response: ServerResponse, { headers, body }: Seen) => {
    const message = `${headers.authorization} ${body}`;
    const sent = body === '' ? key : (JSON.parse(body).body ?? key);
    json(response, { error: { code: sent, message, status }, errors: { [sent]: [sent, message] } }, status, {
      'set-cookie': cookie,
    });
  };

const answers: readonly [string, (response: ServerResponse, seen: Seen) => void][] = [
  ...[401, 403, 404, 422, 429, 500].map((status): (typeof answers)[number] => [`${status}, echoing`, echo(status)]),
  [
    'half of its JSON',
    (response) =>
      response.writeHead(200, { 'set-cookie': cookie }).end(`{"data":{"password":"${password}","body":"${text}"`),
  ],
  ['JSON that is none', (response) => response.end(`{"data":${password}}`)],
  [
    'another shape',
    (response) => json(response, { data: [{ password, body: text, name: password }] }, 200, { 'set-cookie': cookie }),
  ],
  [
    'half of its JSON and a cut',
    (response) =>
      response
        .writeHead(200, { 'content-length': '999', 'set-cookie': cookie })
        .write(password, () => response.destroy()),
  ],
  ['a cut', (response) => response.destroy()],
  [
    'a redirect',
    (response) => response.writeHead(302, { location: `/login?key=${key}`, 'set-cookie': cookie }).end(key),
  ],
  ['HTML', (response) => response.end(`<html>${key} ${text} ${password}</html>`)],
  ['silence', () => {}],
];

describe.each(calls)('what fails in %s', (_, make) => {
  test.each(answers)('with %s tells nothing secret', async (name, answer) => {
    const upstream = await createUpstream(answer);
    const { client, clock, ...setting } = createSetting(upstream.url, { apiKey: key });
    const failing = failureOf(make(client, setting.in(30_000)));
    if (name === 'silence') await clock.advance(30_000);
    const failure = await clock.through(failing);
    expect(failure).toMatchObject({ name: expect.stringMatching(/^Upstream/) });
    const told = `${inspect(failure, { depth: 20, showHidden: true })} ${JSON.stringify(failure)} ${String(failure)}`;
    for (const secret of [key, 'topsecret', 'Rn8kP2', text, cookie]) expect(told).not.toContain(secret);
  });
});

test('a refused connection tells nothing secret', async () => {
  const upstream = await createUpstream((response) => response.end());
  await upstream.close();
  const { client, clock, ...setting } = createSetting(upstream.url, { apiKey: key });
  const failure = await clock.through(failureOf(client.readBalance(setting.in(30_000))));
  expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('topsecret');
});

test('a key that no header can carry is refused without being told', async () => {
  const upstream = await createUpstream((response) => response.end());
  const { client, clock, ...setting } = createSetting(upstream.url, { apiKey: 'df_live_top\nsecret' });
  const failure = await clock.through(failureOf(client.readBalance(setting.in(30_000))));
  expect(failure).toMatchObject({ name: 'UpstreamUnreachable', sent: false });
  expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain('df_live_top');
  expect(upstream.seen).toHaveLength(0);
});
