import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { acme, moment, sign } from './support/receiver.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-closing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a gateway that is stopped in a burst keeps exactly what it answered 200', async () => {
  await using gateway = await startGateway({
    databaseUrl: `sqlite:${join(folder, 'gateway.db')}`,
    imported: false,
    sandbox: { trunks: 0 },
  });
  const { url } = await gateway.app.listen();
  const send = async (place: number) => {
    const body = JSON.stringify({
      event: 'trunk.registered',
      timestamp: moment(place),
      data: { trunk_uuid: acme, place },
    });
    const headers = { 'x-didfarm-signature': sign(body, gateway.sandbox.webhookSecret) };
    // What comes after the end is not accepted any more.
    const response = await fetch(`${url}/webhooks/didfarm`, { method: 'POST', body, headers }).catch(() => null);
    return response?.status === 200 ? [place] : [];
  };

  const sending = Array.from({ length: 400 }, (_, place) => send(place));
  await Promise.race(sending);
  await gateway.restart();

  const answered = (await Promise.all(sending)).flat();
  const rows = await gateway.app.storage.db
    .selectFrom('events')
    .select('data')
    .where('source', '=', 'WEBHOOK')
    .execute();
  const kept = rows.map(({ data }) => (JSON.parse(data) as { place: number }).place);
  expect(answered.length).toBeGreaterThan(0);
  expect(kept.sort((a, b) => a - b)).toEqual(answered);
});
