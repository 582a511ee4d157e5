import { describe, expect, test } from 'vitest';
import { dashboard } from '../../bench/documents.ts';
import { startGateway } from '../support/gateway.ts';
import { mark, workOf } from './counting.ts';

const question = dashboard.replace('{', `{ ${mark} `);
const nothing = { statements: 0, upstream: 0, parsed: 0, validated: 0, executed: 0, serialized: 0 };

describe('the work that a repeated query makes', () => {
  test('is none, while nothing is written that it read', async () => {
    await using gateway = await startGateway();
    await gateway.askText(question);
    await gateway.askText(question);
    expect(await workOf(gateway, () => gateway.askText(question))).toEqual(nothing);
  });

  test('is one execution of the document that is known, after what it read was written', async () => {
    await using gateway = await startGateway();
    await gateway.askText(question);
    await gateway.askText(question);
    const [trunk] = gateway.sandbox.control.world.trunks.all();
    await gateway.deliver('trunk.offline', gateway.clock.now(), { trunk_uuid: trunk?.uuid });
    const cost = await workOf(gateway, () => gateway.askText(question));
    // Two pages, the trunks by their keys and the clients, which are made of trunks; the numbers are known.
    expect(cost).toEqual({ ...nothing, statements: 4, executed: 1, serialized: 1 });
    expect(await workOf(gateway, () => gateway.askText(question))).toEqual(nothing);
  });

  test('is that of one, for many who ask at once', async () => {
    await using gateway = await startGateway();
    await gateway.askText('{ trunks { totalCount } transactions { totalCount } wallet { asOf } }');
    const cost = await workOf(gateway, () => Promise.all(Array.from({ length: 10 }, () => gateway.askText(question))));
    expect(cost).toEqual({ statements: 5, upstream: 0, parsed: 1, validated: 1, executed: 1, serialized: 1 });
  });
});
