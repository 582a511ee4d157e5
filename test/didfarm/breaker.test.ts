import { describe, expect, test } from 'vitest';
import { createBreaker } from '../../src/didfarm/breaker.ts';
import { UpstreamBreakerOpen } from '../../src/didfarm/errors.ts';
import { createFakeClock } from '../support/clock.ts';

function createSubject() {
  const clock = createFakeClock();
  const breaker = createBreaker({ clock, failures: 3, openMilliseconds: 10_000 });
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) breaker.enter('GET /x').failed();
  };
  return { clock, breaker, fail };
}

describe('the breaker', () => {
  test('opens after failures in a row, and says for how long', async () => {
    const { breaker, fail, clock } = createSubject();
    fail(2);
    breaker.enter('GET /x').succeeded();
    fail(2);
    expect(breaker.state()).toBe('closed');
    fail(1);
    expect(breaker.state()).toBe('open');
    await clock.advance(4_000);
    expect(() => breaker.check('GET /x')).toThrow(UpstreamBreakerOpen);
    expect(() => breaker.enter('GET /x')).toThrow(expect.objectContaining({ retryAfterMilliseconds: 6_000 }));
  });

  test('then lets one call through, whose success closes it', async () => {
    const { breaker, fail, clock } = createSubject();
    fail(3);
    await clock.advance(10_000);
    expect(breaker.state()).toBe('half-open');
    const probe = breaker.enter('GET /x');
    expect(() => breaker.enter('GET /x')).toThrow(UpstreamBreakerOpen);
    probe.succeeded();
    expect(breaker.state()).toBe('closed');
    fail(2);
    expect(breaker.state()).toBe('closed');
  });

  test('opens again where that call fails', async () => {
    const { breaker, fail, clock } = createSubject();
    fail(3);
    await clock.advance(10_000);
    breaker.enter('GET /x').failed();
    expect(breaker.state()).toBe('open');
    await clock.advance(9_999);
    expect(breaker.state()).toBe('open');
    await clock.advance(1);
    expect(breaker.state()).toBe('half-open');
  });

  test('tries with another call where that one was withdrawn', async () => {
    const { breaker, fail, clock } = createSubject();
    fail(3);
    await clock.advance(10_000);
    breaker.enter('GET /x').withdrawn();
    breaker.enter('GET /x').succeeded();
    expect(breaker.state()).toBe('closed');
  });

  test('does not listen to calls from before it opened', async () => {
    const { breaker, fail, clock } = createSubject();
    const early = breaker.enter('GET /x');
    const alsoEarly = breaker.enter('GET /x');
    fail(3);
    early.succeeded();
    expect(breaker.state()).toBe('open');
    await clock.advance(10_000);
    alsoEarly.failed();
    expect(breaker.state()).toBe('half-open');
  });

  test.each([3_600_000, -3_600_000])('half-opens in its time though the clock is set by %i', async (step) => {
    const { breaker, fail, clock } = createSubject();
    fail(3);
    clock.step(step);
    expect(() => breaker.check('GET /x')).toThrow(
      expect.objectContaining({ retryAfterMilliseconds: step > 0 ? 0 : 10_000 }),
    );
    await clock.advance(10_000);
    expect(breaker.state()).toBe('half-open');
  });

  test('that opened while the clock was ahead half-opens in its time once it is put back', async () => {
    const { breaker, fail, clock } = createSubject();
    clock.step(86_400_000);
    fail(3);
    clock.step(-86_400_000);
    expect(() => breaker.check('GET /x')).toThrow(expect.objectContaining({ retryAfterMilliseconds: 10_000 }));
    await clock.advance(9_999);
    expect(breaker.state()).toBe('open');
    await clock.advance(1);
    expect(breaker.state()).toBe('half-open');
  });
});
