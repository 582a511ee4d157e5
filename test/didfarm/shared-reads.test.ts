import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
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
