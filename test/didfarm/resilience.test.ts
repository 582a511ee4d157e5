import { describe, expect, test } from 'vitest';
import { balanceBody, createSetting, createUpstream, failureOf, json } from './support/upstream.ts';

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
