import { expect, test } from 'vitest';
import { startAccessGateway } from '../support/access-gateway.ts';

const day = 86_400_000;

test('a gateway that runs forgets the events that are older than it is to keep them, by itself', async () => {
  await using gateway = await startAccessGateway({ environment: () => ({ EVENT_LOG_DAYS: '1' }) });
  const kept = async () =>
    (await gateway.ask({}, '{ events(first: 100) { nodes { name } } }')).text.split('number.suspended');
  for (const number of ['+31201234567', '+31201234568']) await gateway.deliver('number.suspended', { number });
  gateway.app.start();
  await gateway.clock.advance(day / 2);
  expect(await kept()).toHaveLength(3);
  await gateway.clock.advance(day);

  await expect.poll(kept).toHaveLength(1);
});
