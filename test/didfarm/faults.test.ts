import { describe, expect, onTestFinished, test } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';
import { createSetting, failureOf, type Setting } from './support/upstream.ts';

type FaultInput = Parameters<Sandbox['control']['faults']['add']>[0];

async function begin(options: SandboxOptions = {}): Promise<Setting & { sandbox: Sandbox }> {
  const clock: FakeClock = createFakeClock();
  const sandbox = createSandbox({ clock, rateLimit: null, trunks: 3, ...options });
  await sandbox.listen();
  onTestFinished(() => sandbox.close());
  const setting = createSetting(
    sandbox.apiUrl,
    { apiKey: sandbox.apiKey, regulatoryUrl: sandbox.regulatoryUrl },
    clock,
  );
  return { ...setting, sandbox };
}

const trunk = { name: 'Acme Corp', authType: 'digest' };

interface Outcome {
  readonly fault: FaultInput;
  /** Requests that DIDfarm saw while the fault lasted. */
  readonly get: number;
  readonly post: number;
  readonly failure: object;
  /** Trunks that the POST made. */
  readonly made: number;
  /** Whether one GET gets through once the fault is over. */
  readonly passes: boolean;
}

const lost = { name: 'UpstreamUnreachable', sent: true };
const bad = { name: 'UpstreamBadResponse' };

const matrix: readonly Outcome[] = [
  {
    fault: { kind: 'status', status: 500 },
    get: 4,
    post: 1,
    failure: { name: 'UpstreamServerError', status: 500 },
    made: 0,
    passes: true,
  },
  {
    fault: { kind: 'status', status: 503, processed: true },
    get: 4,
    post: 1,
    failure: { name: 'UpstreamServerError', status: 503 },
    made: 1,
    passes: true,
  },
  {
    fault: { kind: 'status', status: 429 },
    get: 4,
    post: 4,
    failure: { name: 'UpstreamRateLimited', status: 429 },
    made: 0,
    passes: true,
  },
  {
    fault: { kind: 'status', status: 401 },
    get: 1,
    post: 1,
    failure: { name: 'UpstreamInvalidKey', status: 401 },
    made: 0,
    passes: false,
  },
  {
    fault: { kind: 'status', status: 403 },
    get: 1,
    post: 1,
    failure: { name: 'UpstreamForbidden', status: 403 },
    made: 0,
    passes: false,
  },
  {
    fault: { kind: 'status', status: 404 },
    get: 1,
    post: 1,
    failure: { name: 'UpstreamNotFound', status: 404 },
    made: 0,
    passes: false,
  },
  {
    fault: { kind: 'status', status: 422, code: 'odd' },
    get: 1,
    post: 1,
    failure: { name: 'UpstreamValidation', upstreamCode: 'odd' },
    made: 0,
    passes: false,
  },
  { fault: { kind: 'cut-before' }, get: 4, post: 1, failure: lost, made: 0, passes: true },
  { fault: { kind: 'cut-after' }, get: 4, post: 1, failure: lost, made: 1, passes: true },
  { fault: { kind: 'cut-body' }, get: 4, post: 1, failure: lost, made: 1, passes: true },
  { fault: { kind: 'truncated' }, get: 1, post: 1, failure: bad, made: 1, passes: false },
  { fault: { kind: 'html' }, get: 1, post: 1, failure: bad, made: 0, passes: false },
  { fault: { kind: 'redirect' }, get: 1, post: 1, failure: { ...bad, status: 302 }, made: 0, passes: false },
  { fault: { kind: 'empty' }, get: 1, post: 1, failure: bad, made: 0, passes: false },
];

describe.each(matrix)('$fault.kind $fault.status', ({ fault, get, post, failure, made, passes }) => {
  test(`reading is tried ${get} times while it lasts`, async () => {
    const { sandbox, client, clock, ...setting } = await begin();
    sandbox.control.faults.add(fault);
    expect(await clock.through(failureOf(client.readBalance(setting.in(600_000))))).toMatchObject(failure);
    expect(sandbox.control.calls().total).toBe(get);
    const { limitPerMinute, remaining } = client.state().budget;
    expect(limitPerMinute - remaining).toBe(fault.status === 429 ? limitPerMinute : get);
  });

  test(`reading ${passes ? 'succeeds' : 'fails at once'} where it comes once`, async () => {
    const { sandbox, client, clock, ...setting } = await begin();
    sandbox.control.faults.add({ ...fault, times: 1 });
    const answer = client.readBalance(setting.in(600_000));
    if (passes) expect(await clock.through(answer)).toEqual({ balance: '142.50', currency: 'EUR' });
    else expect(await clock.through(failureOf(answer))).toMatchObject(failure);
    expect(sandbox.control.calls().total).toBe(passes ? 2 : 1);
  });

  test(`what changes something is sent ${post} times and done ${made} times`, async () => {
    const { sandbox, client, clock, ...setting } = await begin();
    sandbox.control.faults.add(fault);
    expect(await clock.through(failureOf(client.createTrunk(trunk, setting.in(600_000))))).toMatchObject(failure);
    expect(sandbox.control.calls().total).toBe(post);
    expect(sandbox.control.world.trunks.all()).toHaveLength(3 + made);
  });
});

test('a hanging DIDfarm is given up at the deadline, having been asked once', async () => {
  const { sandbox, client, clock, ...setting } = await begin();
  sandbox.control.faults.add({ kind: 'hang' });
  const read = failureOf(client.readBalance(setting.in(8_000)));
  const change = failureOf(client.createTrunk(trunk, setting.in(8_000)));
  await clock.advance(7_999);
  expect(sandbox.control.calls().total).toBe(2);
  await clock.advance(1);
  expect(await read).toMatchObject({ name: 'UpstreamTimedOut', sent: true, call: 'GET /wallet/balance' });
  expect(await change).toMatchObject({ name: 'UpstreamTimedOut', sent: true, call: 'POST /portal/sip-trunks' });
  expect(sandbox.control.calls().total).toBe(2);
});

test('a slow DIDfarm is waited for', async () => {
  const { sandbox, client, clock, ...setting } = await begin();
  sandbox.control.faults.add({ kind: 'latency', latency: 7_000 });
  const read = client.readBalance(setting.in(8_000));
  await clock.advance(7_000);
  expect(await read).toEqual({ balance: '142.50', currency: 'EUR' });
  expect(sandbox.control.calls().total).toBe(1);
});

test('a change that was refused with 429 is made once, after Retry-After', async () => {
  const { sandbox, client, clock, ...setting } = await begin();
  sandbox.control.faults.add({ kind: 'status', status: 429, times: 1, headers: { 'retry-after': '9' } });
  const before = clock.now();
  expect(await clock.through(client.createTrunk(trunk, setting.in(600_000)))).toMatchObject({ name: 'Acme Corp' });
  expect(clock.now() - before).toBeGreaterThanOrEqual(9_000);
  expect(sandbox.control.calls().total).toBe(2);
  expect(sandbox.control.world.trunks.all()).toHaveLength(4);
});

test('Retry-After beyond the deadline is not waited for', async () => {
  const { sandbox, client, clock, ...setting } = await begin();
  sandbox.control.faults.add({ kind: 'status', status: 503, headers: { 'retry-after': '9' } });
  const before = clock.now();
  const failure = await clock.through(failureOf(client.readBalance(setting.in(9_000))));
  expect(failure).toMatchObject({ name: 'UpstreamServerError', retryAfterMilliseconds: 9_000 });
  expect(clock.now()).toBe(before);
  expect(sandbox.control.calls().total).toBe(1);
});

describe.each(['fixed', 'sliding'] as const)('a limit of 60 a minute in a %s window', (rateLimitWindow) => {
  test.each(['laravel', 'all', 'absent'] as const)('is never met with %s headers', async (rateLimitHeaders) => {
    const { sandbox, client, clock, ...setting } = await begin({
      rateLimit: 60,
      variants: { rateLimitWindow, rateLimitHeaders },
    });
    const call = { ...setting.in(600_000), priority: 'act' } as const;
    const pages = Array.from({ length: 150 }, (_, i) => client.listTransactions({ page: i + 1 }, call));
    await clock.through(Promise.all(pages));
    expect(sandbox.control.calls()).toMatchObject({ total: 150, refused: 0, busiestMinute: 60 });
  });

  test.each(['seconds', 'date', 'absent'] as const)(
    'that another program has used up is waited for with Retry-After as %s',
    async (retryAfter) => {
      const { sandbox, client, clock, ...setting } = await begin({
        rateLimit: 60,
        variants: { rateLimitWindow, retryAfter },
      });
      const headers = { authorization: `Bearer ${sandbox.apiKey}` };
      for (let i = 0; i < 60; i++) await fetch(`${sandbox.apiUrl}/wallet/balance`, { headers });
      sandbox.control.resetCalls();
      expect(await clock.through(client.readBalance(setting.in(600_000)))).toEqual({
        balance: '142.50',
        currency: 'EUR',
      });
      expect(sandbox.control.calls()).toMatchObject({ total: 2, refused: 1 });
    },
  );
});
