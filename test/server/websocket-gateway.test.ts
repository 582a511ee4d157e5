import { expect, test } from 'vitest';
import { accountId } from '../../src/access/viewer.ts';
import { createCursors } from '../../src/graph/cursors.ts';
import { readOrCreateSetting } from '../../src/storage/settings.ts';
import { eventRows } from '../../src/webhooks/listing.ts';
import { startGateway } from '../support/gateway.ts';
import { openInitialised } from './raw-socket.ts';

const events = 'subscription ($after: String) { events(after: $after) { cursor } }';

test('a cursor of another account, and what is none, are bad input of their operation; one of its own goes on', async () => {
  await using gateway = await startGateway();
  const { url } = await gateway.app.listen();
  const cursors = createCursors(await readOrCreateSetting(gateway.app.storage, 'secret', () => 'none yet'));
  const cursorOf = (account: string) => cursors.encode(accountId(account), eventRows.name, [0]);
  const caller = await openInitialised(url);

  for (const after of [cursorOf('another'), 'no cursor', '']) {
    caller.subscribe('1', events, { after });
    expect(await caller.next()).toMatchObject({
      type: 'next',
      payload: { errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }] },
    });
    expect(await caller.next()).toEqual({ id: '1', type: 'complete' });
  }
  caller.subscribe('1', events, { after: cursorOf('sandbox') });
  const [trunk] = gateway.sandbox.control.world.trunks.all();
  await gateway.deliver('trunk.offline', gateway.clock.now(), { trunk_uuid: trunk?.uuid });
  expect(await caller.next()).toMatchObject({ payload: { data: { events: { cursor: expect.any(String) } } } });
  caller.socket.close();
  await caller.closed;
});
