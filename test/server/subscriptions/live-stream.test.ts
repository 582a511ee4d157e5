import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Sink } from '../../../src/server/subscriptions/stream.ts';
import { startSubscriptions } from './support.ts';

const turns = async (count: number) => {
  for (let left = count; left > 0; left--) await setImmediate();
};

function sinkOf(room: number) {
  const seen: (string | null)[] = [];
  const ended = vi.fn<Sink['ended']>();
  const next: Sink['next'] = ({ cursor }) => {
    if (seen.length === room) return false;
    seen.push(cursor);
    return true;
  };
  const last = vi.fn<Sink['last']>();
  return { seen, next, last, ended };
}

test('a socket that has no room ends as too slow, with the cursor of the last it took, and gets nothing more', async () => {
  const live = startSubscriptions(async () => undefined);
  const [slow, quick] = [sinkOf(2), sinkOf(100)];
  const streams = [await live.open(null), await live.open(null)].map(({ stream }) => stream);
  streams[0]?.deliverTo(slow);
  streams[1]?.deliverTo(quick);
  const ends = streams.map((stream) => stream.pull());
  await turns(3);

  for (let count = 0; count < 5; count++) live.log.append();
  await turns(10);

  expect(slow.seen).toEqual(['1', '2']);
  expect(slow.ended.mock.calls).toEqual([['TOO_SLOW', '2', 1_003]]);
  expect(await ends[0]).toBeNull();
  expect(quick.seen).toEqual(['1', '2', '3', '4', '5']);
  expect(live.count()).toBe(1);
  await streams[1]?.return();
});

test('one that is too slow for what its channel kept for it leaves nothing behind', async () => {
  let pause: () => Promise<void> = async () => undefined;
  const live = startSubscriptions(() => pause());
  const [first, second] = [sinkOf(100), sinkOf(0)];
  const channel = await live.open(null);
  channel.stream.deliverTo(first);
  void channel.stream.pull();
  await turns(3);
  const late = await live.open(null);
  late.stream.deliverTo(second);
  const atEnd = Promise.withResolvers<void>();
  pause = () => atEnd.promise;
  void late.stream.pull();
  await turns(3);
  pause = async () => undefined;

  live.log.append();
  await turns(3);
  expect(first.seen).toEqual(['1']);
  atEnd.resolve();
  await turns(3);

  expect(second.ended).toHaveBeenCalledWith('TOO_SLOW', '0', expect.any(Number));
  expect(live.count()).toBe(1);
  await channel.stream.return();
  await turns(3);
  expect(live.log.waiting()).toBe(0);
});

test('whoever leaves while waiting gets the end at once, and the source is told', async () => {
  const live = startSubscriptions(async () => undefined);
  const { stream } = await live.open(null);
  const waiting = stream.next();
  await turns(3);
  expect(live.log.waiting()).toBe(1);

  await stream.return();

  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(live.log.waiting()).toBe(0);
});

test('one whose own reading of the log fails is told after which event it goes on', async () => {
  const live = startSubscriptions(async () => undefined);
  for (let count = 0; count < 3; count++) live.log.append();
  const { stream } = await live.open(1);
  expect((await stream.pull())?.cursor).toBe('2');

  live.log.fail(new Error('no storage'));

  expect((await stream.pull())?.result.errors).toMatchObject([{ extensions: { cursor: '2' } }]);
  expect(await stream.pull()).toBeNull();
  expect(live.count()).toBe(0);
});

test('is asked for one result at a time', async () => {
  const live = startSubscriptions(async () => undefined);
  const { stream } = await live.open(null);
  const waiting = stream.pull();

  await expect(stream.pull()).rejects.toThrow('One result is asked for at a time');
  await stream.return();
  await waiting;
});
