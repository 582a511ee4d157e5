import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { balanceBody, createSetting, createUpstream, failureOf, json } from './support/upstream.ts';

test('every request carries the key, asks for JSON and goes where it is published', async () => {
  const upstream = await createUpstream((response, { method }) =>
    json(response, method === 'GET' ? { data: [] } : { data: { order_id: 1, uuid: 't', name: 'n', password: 'p' } }),
  );
  const { client, ...setting } = createSetting(upstream.url);
  const call = setting.in(60_000);
  await client.searchNumbers({ country: 'NL', city: 'The Hague & more' }, call);
  await client.listTrunks({}, call);
  await client.listTransactions({ page: 3 }, call);
  await client.checkout([{ number: '+31201234567', country: 'NL', type: 'local' }], call);
  await client.routeNumber({ didNumberId: 42, sipTrunkId: 7 }, call);
  await client.createTrunk({ name: 'Acme', authType: 'digest' }, call);
  await client.regenerateCredentials('trk_a/../b', call);
  await client.regenerateCredentials('..', call);
  await client.sendMessage({ from: '+31612345678', to: '+31687654321', body: 'Hello' }, call);
  expect(upstream.seen.map(({ method, path, body }) => [method, path, body === '' ? '' : JSON.parse(body)])).toEqual([
    ['GET', '/numbers/search?country=NL&city=The+Hague+%26+more', ''],
    ['GET', '/portal/sip-trunks', ''],
    ['GET', '/wallet/transactions?page=3', ''],
    ['POST', '/wallet/checkout', { items: [{ number: '+31201234567', country: 'NL', type: 'local' }] }],
    ['POST', '/portal/did-routing', { did_number_id: 42, sip_trunk_id: 7 }],
    ['POST', '/portal/sip-trunks', { name: 'Acme', auth_type: 'digest' }],
    ['POST', '/portal/sip-trunks/trk_a%2F..%2Fb/regenerate-credentials', {}],
    ['POST', '/portal/sip-trunks/-/regenerate-credentials', {}],
    ['POST', '/messages/send', { from: '+31612345678', to: '+31687654321', body: 'Hello' }],
  ]);
  for (const { headers } of upstream.seen) {
    expect(headers).toMatchObject({ authorization: 'Bearer df_live_topsecret', accept: 'application/json' });
  }
});

test('documents go as a form to the address for them', async () => {
  const upstream = await createUpstream((response) => json(response, { data: { id: 9, status: 'submitted' } }, 201));
  const { client, ...setting } = createSetting(upstream.url);
  const content = new TextEncoder().encode('%PDF-1.7');
  const documents = [{ type: 'passport', filename: 'id "1".pdf', contentType: 'application/pdf', content }];
  const answer = await client.submitRegulatory({ number: '+31201234567', documents }, setting.in(60_000));
  expect(answer).toEqual({ submissionId: '9', status: 'submitted' });
  const [seen] = upstream.seen;
  expect(seen).toMatchObject({ method: 'POST', path: '/regulatory' });
  const form = await new Response(seen?.body ?? '', {
    headers: { 'content-type': seen?.headers['content-type'] ?? '' },
  }).formData();
  expect([form.get('number'), form.get('documents[0][type]')]).toEqual(['+31201234567', 'passport']);
  const file = form.get('documents[0][file]');
  expect(file instanceof File ? [file.type, await file.text()] : file).toEqual(['application/pdf', '%PDF-1.7']);
});

describe('a call is not begun', () => {
  test('for a caller that is gone, nor after the deadline', async () => {
    const upstream = await createUpstream((response) => json(response, balanceBody));
    const { client, ...setting } = createSetting(upstream.url);
    const gone = await failureOf(client.readBalance(setting.in(60_000, AbortSignal.abort())));
    const late = await failureOf(client.readBalance(setting.in(0)));
    expect(gone).toMatchObject({ name: 'UpstreamCancelled', sent: false });
    expect(late).toMatchObject({ name: 'UpstreamTimedOut', sent: false });
    expect(upstream.seen).toHaveLength(0);
  });

  test('without a place in the budget in time, and the refusal says when there is one', async () => {
    const upstream = await createUpstream((response) => json(response, balanceBody));
    const { client, clock, ...setting } = createSetting(upstream.url, { rateLimit: 1 });
    await client.readBalance(setting.in(60_000));
    await clock.advance(20_000);
    const failure = await failureOf(client.createTrunk({ name: 'n', authType: 'digest' }, setting.in(30_000)));
    expect(failure).toMatchObject({ name: 'UpstreamRateLimited', retryAfterMilliseconds: 40_025 });
    expect(client.state().budget).toEqual({
      limitPerMinute: 1,
      remaining: 0,
      queued: 0,
      resetsAt: clock.now() + 40_025,
    });
    expect(upstream.seen).toHaveLength(1);
  });
});

test('a far deadline is no timer that would fire at once', async () => {
  const upstream = await createUpstream((response) => json(response, balanceBody));
  const fake = createFakeClock();
  const spans: number[] = [];
  const after: FakeClock['after'] = (milliseconds, run) => {
    spans.push(milliseconds);
    return fake.after(milliseconds, run);
  };
  const { client, ...setting } = createSetting(upstream.url, {}, { ...fake, after });
  expect(await client.readBalance(setting.in(Number.POSITIVE_INFINITY))).toEqual(balanceBody);
  expect(Math.max(...spans)).toBeLessThan(2 ** 31);
});

test('a call leaves nothing behind but its place in the budget', async () => {
  const upstream = await createUpstream((response) => json(response, balanceBody));
  const { client, clock, ...setting } = createSetting(upstream.url);
  const { signal } = new AbortController();
  await client.readBalance(setting.in(60_000, signal));
  expect([clock.pending(), getEventListeners(signal, 'abort').length]).toEqual([1, 0]);
});

test('a change that finds nobody listening is made once somebody does', async () => {
  const first = await createUpstream((response) => response.end());
  await first.close();
  const { client, clock, ...setting } = createSetting(first.url);
  const creation = client.createTrunk({ name: 'n', authType: 'digest' }, setting.in(600_000));
  await clock.advance(0);
  const port = Number(new URL(first.url).port);
  const second = await createUpstream((response) => json(response, { uuid: 't', name: 'n', password: 'p' }), port);
  expect(await clock.through(creation)).toMatchObject({ uuid: 't' });
  expect(second.seen).toHaveLength(1);
  expect(client.state().budget.remaining).toBe(59);
});

test('closing sends every caller away, and later ones too', async () => {
  const upstream = await createUpstream(() => {});
  const { client, clock, ...setting } = createSetting(upstream.url, { rateLimit: 1 });
  const sent = failureOf(client.readBalance(setting.in(600_000)));
  const queued = failureOf(client.listTrunks({}, setting.in(600_000)));
  await clock.advance(0);
  await client.close();
  expect(await sent).toMatchObject({ name: 'UpstreamCancelled', sent: true });
  expect(await queued).toMatchObject({ name: 'UpstreamCancelled', sent: false });
  expect(await failureOf(client.readBalance(setting.in(600_000)))).toMatchObject({ name: 'UpstreamCancelled' });
  expect(upstream.seen).toHaveLength(1);
});
