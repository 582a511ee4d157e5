import { expect, test } from 'vitest';
import { eachDatabase, onPostgres } from '../support/databases.ts';
import { startPostgresProxy } from '../support/postgres-proxy.ts';
import { callerOf } from './support/graph.ts';
import { activated, createReceiver } from './support/receiver.ts';

onPostgres('a commit whose answer is lost', (open, { url }) => {
  test('is delivered to who follows the log, though its sender is told that it failed', async () => {
    await using proxy = await startPostgresProxy(await url());
    const storage = await open(proxy.url);
    const receiver = createReceiver(storage);
    const stream = await callerOf(receiver).follow('subscription { events { name } }');
    const next = stream.next();
    await expect.poll(() => receiver.waiters()).toBe(1);

    proxy.loseNextCommit();
    await expect(receiver.send(activated)).rejects.toMatchObject({ code: 'UNREACHABLE' });

    expect(await next).toEqual({ name: 'number.activated' });
    expect(await receiver.log()).toHaveLength(1);
    await stream.end();
    await storage.close();
  });
});

eachDatabase('a delivery that comes again', (open) => {
  test('has the readers of the log look again: the first one may have been committed without anybody hearing of it', async () => {
    const receiver = createReceiver(await open());
    await receiver.send(activated);
    const waiter = receiver.bus.waiter(receiver.account.id);
    const woken = waiter.woken();

    expect((await receiver.send(activated)).status).toBe(200);

    waiter.close();
    expect(await woken).toBe(true);
    expect(await receiver.log()).toHaveLength(1);
  });
});
