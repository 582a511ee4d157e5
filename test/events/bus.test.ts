import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import { createBus, type Waiter } from '../../src/events/bus.ts';

const main = accountId('main');
const wokenByNow = (waiter: Waiter) => Promise.race([waiter.woken(), setImmediate('waiting')]);

test('a waiter is woken by its own account alone', async () => {
  const bus = createBus();
  const waiter = bus.waiter(main);

  const wait = waiter.woken();

  bus.wake(accountId('other'));
  expect(await Promise.race([wait, setImmediate('waiting')])).toBe('waiting');
  bus.wake(main);
  expect(await wait).toBe(true);
});

test('a wake that comes before the wait is not lost, and many are one', async () => {
  const bus = createBus();
  const waiter = bus.waiter(main);

  for (let times = 0; times < 3; times++) bus.wake(main);

  expect(await wokenByNow(waiter)).toBe(true);
  expect(await wokenByNow(waiter)).toBe('waiting');
});

test('every waiter of the account is woken, each by itself', async () => {
  const bus = createBus();
  const waiters = [bus.waiter(main), bus.waiter(main)];
  const waits = waiters.map((waiter) => waiter.woken());

  bus.wake(main);

  expect(await Promise.all(waits)).toEqual([true, true]);
});

test('closing ends the wait of that waiter alone', async () => {
  const bus = createBus();
  const [waiter, other] = [bus.waiter(main), bus.waiter(main)];
  const wait = waiter.woken();

  waiter.close();
  waiter.close();
  bus.wake(main);

  expect(await wait).toBe(false);
  expect(await waiter.woken()).toBe(false);
  expect(await wokenByNow(other)).toBe(true);
});

test('an account whose waiters are all gone can be waited for anew', async () => {
  const bus = createBus();
  const gone = bus.waiter(main);
  gone.close();

  const waiter = bus.waiter(main);
  bus.wake(main);

  expect(await wokenByNow(waiter)).toBe(true);
});
