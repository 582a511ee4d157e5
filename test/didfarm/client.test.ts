import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { balanceBody, createSetting, createUpstream, failureOf, json } from './support/upstream.ts';

/** An upstream that answers when told to. */
async function createPatientUpstream() {
  const open: ServerResponse[] = [];
  const upstream = await createUpstream((response) => open.push(response));
  const answer = () => {
    for (const response of open.splice(0)) json(response, balanceBody);
  };
  return { upstream, answer };
}

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

describe('identical reads under way', () => {
  test('are one call, which counts for the first caller', async () => {
    const { upstream, answer } = await createPatientUpstream();
    const { client, clock, ...setting } = createSetting(upstream.url);
    const counted = [0, 0];
    const reads = counted.map((_, i) =>
      client.readBalance({ ...setting.in(60_000), onSent: () => (counted[i] = (counted[i] ?? 0) + 1) }),
    );
    await clock.advance(0);
    answer();
    expect(await Promise.all(reads)).toEqual([balanceBody, balanceBody]);
    expect([upstream.seen.length, counted]).toEqual([1, [1, 0]]);
    const again = client.readBalance(setting.in(60_000));
    await clock.advance(0);
    answer();
    await again;
    expect(upstream.seen).toHaveLength(2);
  });

  test('other queries and changes are calls of their own', async () => {
    const upstream = await createUpstream((response) => json(response, { data: [] }));
    const { client, ...setting } = createSetting(upstream.url);
    const call = setting.in(60_000);
    await Promise.allSettled([
      client.listTransactions({ page: 1 }, call),
      client.listTransactions({ page: 2 }, call),
      client.sendMessage({ from: 'a', to: 'b', body: 'c' }, call),
      client.sendMessage({ from: 'a', to: 'b', body: 'c' }, call),
      client.createTrunk({ name: 'n', authType: 'digest' }, call),
      client.listTrunks({}, call),
    ]);
    expect(upstream.seen).toHaveLength(6);
  });

  test('one caller that leaves leaves the others their answer', async () => {
    const { upstream, answer } = await createPatientUpstream();
    const { client, clock, ...setting } = createSetting(upstream.url);
    const controller = new AbortController();
    const leaving = failureOf(client.readBalance(setting.in(60_000, controller.signal)));
    const staying = client.readBalance(setting.in(60_000));
    const late = failureOf(client.readBalance(setting.in(1_000)));
    await clock.advance(0);
    controller.abort();
    expect(await leaving).toMatchObject({ name: 'UpstreamCancelled', sent: true });
    await clock.advance(1_000);
    expect(await late).toMatchObject({ name: 'UpstreamTimedOut', sent: true });
    answer();
    expect(await staying).toEqual(balanceBody);
    expect(upstream.seen).toHaveLength(1);
  });

  test('the last one that leaves ends the call, and who comes then starts another', async () => {
    let closed = 0;
    const upstream = await createUpstream((response, _, count) => {
      if (count > 1) json(response, balanceBody);
      else response.on('close', () => (closed += 1));
    });
    const { client, clock, ...setting } = createSetting(upstream.url);
    const controllers = [new AbortController(), new AbortController()];
    const reads = controllers.map(({ signal }) => failureOf(client.readBalance(setting.in(60_000, signal))));
    await clock.advance(0);
    for (const controller of controllers) controller.abort();
    expect(await client.readBalance(setting.in(60_000))).toEqual(balanceBody);
    await Promise.all(reads);
    await clock.advance(0);
    expect([closed, upstream.seen.length]).toEqual([1, 2]);
  });

  test('are tried again for the caller that has time, while the other hears why', async () => {
    const upstream = await createUpstream((response, _, count) =>
      count === 1 ? json(response, {}, 503, { 'retry-after': '9' }) : json(response, balanceBody),
    );
    const { client, clock, ...setting } = createSetting(upstream.url);
    const patient = client.readBalance(setting.in(60_000));
    const impatient = failureOf(client.readBalance(setting.in(5_000)));
    await clock.advance(5_000);
    expect(await impatient).toMatchObject({ name: 'UpstreamServerError', retryAfterMilliseconds: 9_000 });
    expect(await clock.through(patient)).toEqual(balanceBody);
    expect(upstream.seen).toHaveLength(2);
  });

  test('wait as the most urgent of their callers does', async () => {
    const upstream = await createUpstream((response) => json(response, balanceBody));
    const { client, clock, ...setting } = createSetting(upstream.url, { rateLimit: 1 });
    await client.readBalance(setting.in(60_000));
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    const call = setting.in(600_000);
    const all = Promise.allSettled([
      client.listTrunks({}, { ...call, priority: 'ask', onSent: note('trunks') }),
      client.readBalance({ ...call, priority: 'refresh', onSent: note('balance') }),
      client.readBalance({ ...call, priority: 'act' }),
    ]);
    await clock.through(all);
    expect(order).toEqual(['balance', 'trunks']);
  });

  test('one whose deadline comes before the place in the queue is refused at once', async () => {
    const upstream = await createUpstream((response) => json(response, balanceBody));
    const { client, clock, ...setting } = createSetting(upstream.url, { rateLimit: 1 });
    await client.readBalance(setting.in(60_000));
    const patient = client.readBalance(setting.in(600_000));
    const impatient = failureOf(client.readBalance(setting.in(5_000)));
    expect(await impatient).toMatchObject({ name: 'UpstreamRateLimited', status: undefined });
    expect(await clock.through(patient)).toEqual(balanceBody);
    expect(upstream.seen).toHaveLength(2);
  });
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

describe('when DIDfarm fails again and again', () => {
  test('it is left alone, then tried with one call, and taken back', async () => {
    let broken = true;
    const upstream = await createUpstream((response) =>
      broken ? json(response, {}, 500) : json(response, balanceBody),
    );
    const { client, clock, ...setting } = createSetting(upstream.url);
    await clock.through(failureOf(client.readBalance(setting.in(600_000))));
    expect(client.state().breaker).toBe('closed');
    // The fifth failure in a row opens it; the caller hears of the failure, not of the breaker.
    const fifth = await clock.through(failureOf(client.readBalance(setting.in(600_000))));
    expect(fifth).toMatchObject({ name: 'UpstreamServerError', status: 500 });
    expect([client.state().breaker, upstream.seen.length]).toEqual(['open', 5]);

    const refused = await failureOf(client.createTrunk({ name: 'n', authType: 'digest' }, setting.in(600_000)));
    expect(refused).toMatchObject({ name: 'UpstreamBreakerOpen' });
    expect(upstream.seen).toHaveLength(5);
    expect(client.state().budget.remaining).toBe(55);

    await clock.advance(10_000);
    expect(client.state().breaker).toBe('half-open');
    broken = false;
    expect(await client.readBalance(setting.in(600_000))).toEqual(balanceBody);
    expect([client.state().breaker, upstream.seen.length]).toEqual(['closed', 6]);
  });

  test('silence is a failure like any other', async () => {
    const upstream = await createUpstream(() => {});
    const { client, clock, ...setting } = createSetting(upstream.url);
    for (let i = 0; i < 5; i++) {
      const failure = failureOf(client.readBalance(setting.in(5_000)));
      await clock.advance(5_000);
      expect(await failure).toMatchObject({ name: 'UpstreamTimedOut', sent: true });
    }
    expect([client.state().breaker, upstream.seen.length]).toEqual(['open', 5]);
  });

  test('one call tries it, and the others give their place back', async () => {
    const upstream = await createUpstream((response, _, count) => json(response, balanceBody, count <= 5 ? 500 : 200));
    const { client, clock, ...setting } = createSetting(upstream.url, { rateLimit: 7 });
    const send = () => failureOf(client.sendMessage({ from: 'a', to: 'b', body: 'c' }, setting.in(600_000)));
    for (let i = 0; i < 5; i++) await send();
    await clock.advance(10_000);
    const probe = client.readBalance({ ...setting.in(600_000), priority: 'act' });
    expect(await failureOf(client.listTrunks({}, { ...setting.in(600_000), priority: 'act' }))).toMatchObject({
      name: 'UpstreamBreakerOpen',
    });
    expect(await probe).toEqual(balanceBody);
    expect([client.state().breaker, client.state().budget.remaining, upstream.seen.length]).toEqual(['closed', 1, 6]);
  });

  test('nobody waits for the budget only to be refused then', async () => {
    const upstream = await createUpstream((response) => json(response, {}, 500));
    const { client, ...setting } = createSetting(upstream.url, { rateLimit: 5 });
    const send = (span: number) => failureOf(client.sendMessage({ from: 'a', to: 'b', body: 'c' }, setting.in(span)));
    for (let i = 0; i < 5; i++) await send(600_000);
    expect(await send(600_000)).toMatchObject({ name: 'UpstreamBreakerOpen', retryAfterMilliseconds: 10_000 });
    expect(client.state().budget.queued).toBe(0);
  });

  test('refusals are no failures', async () => {
    const upstream = await createUpstream((response) => json(response, {}, 422));
    const { client, ...setting } = createSetting(upstream.url);
    for (let i = 0; i < 8; i++) await failureOf(client.readBalance(setting.in(600_000)));
    expect([client.state().breaker, upstream.seen.length]).toEqual(['closed', 8]);
  });
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
