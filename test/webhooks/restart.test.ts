import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';

const hour = 3_600_000;

test('after a start nobody is told what was known before, however fresh it is; what changed meanwhile is an event, and the time without webhooks is left out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-restart-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await using gateway = await startGateway({ databaseUrl: `sqlite:${join(folder, 'gateway.db')}`, imported: false });
  const { trunks } = gateway.sandbox.control.world;
  const trunk = trunks.all().find(({ status }) => status === 'registered');
  if (trunk === undefined) throw new Error('The sandbox has no registered trunk');
  const began = gateway.clock.now();
  gateway.app.start();
  const query = `query ($uuid: ID!, $from: DateTime!) { trunk(uuid: $uuid) {
    status availability(from: $from) events(first: 1) { nodes { source name } } } }`;
  const ask = async () => {
    const variables = { uuid: trunk.uuid, from: new Date(began).toISOString() };
    return (await gateway.askText(query, variables)).data?.['trunk'];
  };
  expect(await ask()).toMatchObject({ status: 'REGISTERED', availability: null });
  await gateway.clock.advance(1_000);

  await gateway.restart();
  trunks.setStatus(trunk, 'offline');
  gateway.app.start();
  expect(await ask()).toMatchObject({
    status: 'OFFLINE',
    events: { nodes: [{ source: 'RECONCILED', name: 'trunk.offline' }] },
  });
  await gateway.clock.advance(10 * hour);
  await gateway.restart();
  gateway.clock.jump(48 * hour);
  gateway.app.start();
  await gateway.app.settled();
  trunks.setStatus(trunk, 'registered');
  await gateway.deliver('trunk.registered', gateway.clock.now(), { trunk_uuid: trunk.uuid });
  await gateway.clock.advance(hour);

  const shown = (await ask()) as { status: string; availability: number };
  expect(shown.status).toBe('REGISTERED');
  // Offline for the first ten hours, unknown for a day, offline for the last one before it came back, registered for one hour.
  expect(shown.availability).toBeCloseTo(1 / (10 + 24 + 1), 3);
});
