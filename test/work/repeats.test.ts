import { describe, expect, test } from 'vitest';
import { dashboard } from '../../bench/documents.ts';
import { startGateway } from '../support/gateway.ts';
import { workOf } from './counting.ts';

const nothing = { statements: 0, upstream: 0, parsed: 0, validated: 0, executed: 0, serialized: 0 };

describe('the work that a repeated query makes', () => {
  test('is none, while nothing is written that it read', async () => {
    await using gateway = await startGateway();
    await gateway.askText(dashboard);
    await gateway.askText(dashboard);
    expect(await workOf(gateway, () => gateway.askText(dashboard))).toEqual(nothing);
  });

  test('is one execution of each root field that has read what was written, of the document that is known', async () => {
    await using gateway = await startGateway();
    await gateway.askText(dashboard);
    await gateway.askText(dashboard);
    const [trunk] = gateway.sandbox.control.world.trunks.all();
    await gateway.deliver('trunk.offline', gateway.clock.now(), { trunk_uuid: trunk?.uuid });
    const cost = await workOf(gateway, () => gateway.askText(dashboard));
    expect(cost).toEqual({ ...nothing, statements: 1, executed: 1, serialized: 1 });
    expect(await workOf(gateway, () => gateway.askText(dashboard))).toEqual(nothing);
  });

  test('is that of one, for many who ask at once', async () => {
    await using gateway = await startGateway();
    await gateway.askText('{ trunks { totalCount } transactions { totalCount } wallet { asOf } }');
    const cost = await workOf(gateway, () => Promise.all(Array.from({ length: 10 }, () => gateway.askText(dashboard))));
    expect(cost).toEqual({ statements: 6, upstream: 0, parsed: 1, validated: 1, executed: 3, serialized: 3 });
  });
});
