import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { acme, createReceiver } from './support/receiver.ts';

const hour = 3_600;

eachDatabase('an event in the graph', (open) => {
  test('says whether its time can be right, and whether the picture followed it', async () => {
    const receiver = createReceiver(await open());
    const send = (status: 'registered' | 'offline', second: number) =>
      receiver.sendEvent(`trunk.${status}`, second, { trunk_uuid: acme });
    await send('registered', 0);
    await send('offline', -20);
    await send('offline', -25 * hour);
    await send('offline', -25 * hour - 1);
    await send('registered', 5 * 60);
    await send('offline', 5 * 60 + 1);
    await send('offline', 6 * 60 + 1);
    await receiver.sendEvent('trunk.renamed', 0, { trunk_uuid: acme });

    const { events } = await callerOf(receiver).ask<{ events: { nodes: object[] } }>(
      '{ events { nodes { name timeliness applied } } }',
    );

    expect(events.nodes.toReversed()).toEqual([
      { name: 'trunk.registered', timeliness: 'TIMELY', applied: true },
      { name: 'trunk.offline', timeliness: 'TIMELY', applied: false },
      { name: 'trunk.offline', timeliness: 'TIMELY', applied: false },
      { name: 'trunk.offline', timeliness: 'OLD', applied: false },
      { name: 'trunk.registered', timeliness: 'TIMELY', applied: true },
      { name: 'trunk.offline', timeliness: 'FUTURE', applied: false },
      { name: 'trunk.offline', timeliness: 'FUTURE', applied: false },
      { name: 'trunk.renamed', timeliness: 'TIMELY', applied: false },
    ]);
    expect(await receiver.trunk()).toMatchObject({ status: 'REGISTERED' });
  });
});
