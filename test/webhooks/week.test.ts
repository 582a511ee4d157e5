import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { liveThroughWeek, type Week } from './support/week.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-week-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Statuses = Readonly<Record<string, string>>;

function statusesOf(rows: readonly { readonly key: string | null; readonly status: string }[]): Statuses {
  return Object.fromEntries(rows.map(({ key, status }) => [key, status.toUpperCase()]));
}

/** The statuses by the gateway's rows and by the sandbox's truth, of numbers by E.164 and of trunks by uuid. */
async function compared({ gateway }: Week) {
  const { db } = gateway.app.storage;
  const { trunks, numbers } = gateway.sandbox.control.world;
  const trunkRows = await db.selectFrom('trunks').select(['uuid as key', 'status']).execute();
  const numberRows = await db.selectFrom('numbers').select(['e164 as key', 'status']).execute();
  return {
    trunks: {
      shown: statusesOf(trunkRows),
      true: statusesOf(trunks.all().map(({ uuid, status }) => ({ key: uuid, status }))),
    },
    numbers: {
      shown: statusesOf(numberRows),
      true: statusesOf([...numbers.all()].map(({ e164, status }) => ({ key: e164, status }))),
    },
  };
}

/** Those whose latest event came through: of the others no webhook tells how they are. */
function told(statuses: Statuses, { sent }: Week): Statuses {
  const last = new Map<unknown, boolean>();
  for (const { event, data, delivered } of sent.values()) {
    if (event.startsWith('trunk.')) last.set(data['trunk_uuid'], delivered);
    if (event.startsWith('number.')) last.set(data['number'], delivered);
  }
  return Object.fromEntries(Object.entries(statuses).filter(([key]) => last.get(key) !== false));
}

/** What the latest event that was applied says of each trunk: DIDfarm's own, or one for what only a listing showed. */
async function lastTold({ gateway }: Week): Promise<Statuses> {
  const events = await gateway.app.storage.db
    .selectFrom('events')
    .innerJoin('trunks', (join) => join.onRef('trunks.trunk_key', '=', 'events.trunk_key'))
    .select(['uuid as key', 'events.name'])
    .where('events.applied', '=', 1)
    .where('type', 'in', ['TRUNK_REGISTERED', 'TRUNK_OFFLINE'])
    .orderBy('seq')
    .execute();
  return statusesOf(events.map(({ key, name }) => ({ key, status: name.replace('trunk.', '') })));
}

test.each([1, 2, 3])(
  'after a week of every trouble the picture is the truth, and the log has what was delivered (seed %i)',
  { timeout: 600_000 },
  async (seed) => {
    const week = await liveThroughWeek(seed, `sqlite:${join(folder, `${seed}.db`)}`);
    try {
      const { gateway, sent } = week;
      const delivered = new Set([...sent].flatMap(([digest, each]) => (each.delivered ? [digest] : [])));
      const events = await gateway.app.storage.db.selectFrom('events').selectAll().orderBy('seq').execute();

      // It was such a week: much was sent, some of it was dropped, some was stamped with a time to come, some came late.
      expect(delivered.size).toBeGreaterThan(300);
      expect(sent.size - delivered.size).toBeGreaterThan(5);
      expect(events.filter(({ at, received_at }) => at > received_at + 300_000).length).toBeGreaterThan(0);
      expect(events.filter(({ applied }) => applied === 0).length).toBeGreaterThan(5);

      expect(events.filter(({ source }) => source === 'RECONCILED').length).toBeGreaterThan(0);

      const webhooks = events.flatMap(({ source, digest }) => (source === 'WEBHOOK' ? [digest] : []));
      expect(webhooks).toHaveLength(delivered.size);
      expect(new Set(webhooks)).toEqual(delivered);

      const { trunks, numbers } = await compared(week);
      expect(told(numbers.shown, week)).toEqual(told(numbers.true, week));
      expect(told(trunks.shown, week)).toEqual(told(trunks.true, week));

      const texts = [...sent.values()].flatMap(({ event, data, delivered: came }) =>
        event === 'message.received' && came ? [String(data['id'])] : [],
      );
      const kept = await gateway.app.storage.db.selectFrom('messages').select('message_id').execute();
      expect(kept.map(({ message_id }) => message_id).sort()).toEqual(texts.sort());

      await week.listTrunks();
      const listed = await compared(week);
      expect(listed.trunks.shown).toEqual(listed.trunks.true);
      expect(await lastTold(week)).toEqual(listed.trunks.true);
    } finally {
      await week.close();
    }
  },
);
