import { describe, expect, test } from 'vitest';
import { everyMutation } from '../mutations/support/everything.ts';
import { startShop } from '../mutations/support/shop.ts';
import { type EventStream, subscribe } from '../server/sse.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { workOf } from './counting.ts';

/** Statements and requests to DIDfarm of each mutation, in the order of {@link everyMutation}. */
const mutations: readonly (readonly [name: string, statements: number, upstream: number])[] = [
  ['checkout', 28, 2],
  ['assignNumber', 22, 1],
  ['submitRegulatory', 12, 1],
  ['createTrunk', 34, 2],
  ['regenerateTrunkCredentials', 11, 1],
  ['sendMessage', 32, 3],
  ['onboardClient', 90, 6],
  ['importNumbers', 8, 0],
  ['assignTrunkToClient', 12, 0],
];

describe('the work that a write makes', () => {
  test('each mutation', async () => {
    await using gateway = await startShop();
    await gateway.askText('{ trunks { totalCount } transactions { totalCount } wallet { asOf } }');
    const costs: [string, number, number][] = [];
    for (const [index, send] of everyMutation(gateway).entries()) {
      const { statements, upstream, ...rest } = await workOf(gateway, send);
      expect(rest).toEqual({ parsed: 1, validated: 1, executed: 1, serialized: 1 });
      costs.push([mutations[index]?.[0] ?? '', statements, upstream]);
    }
    expect(costs).toEqual(mutations);
  });

  test('a webhook is written in one commit, and asks nothing of DIDfarm', async () => {
    await using gateway = await startGateway();
    await gateway.askText('{ trunks { totalCount } }');
    const [trunk] = gateway.sandbox.control.world.trunks.all();
    const deliver = () => gateway.deliver('trunk.offline', gateway.clock.now(), { trunk_uuid: trunk?.uuid });
    const nothing = { upstream: 0, parsed: 0, validated: 0, executed: 0, serialized: 0 };
    expect(await workOf(gateway, deliver)).toEqual({ statements: 5, ...nothing });
    // The same once more is known by its digest.
    expect(await workOf(gateway, deliver)).toEqual({ statements: 4, ...nothing });
  });

  test('an event is read and written as JSON once, however many have the same subscription', async () => {
    await using gateway = await startGateway();
    await gateway.askText('{ trunks { totalCount } }');
    const [trunk] = gateway.sandbox.control.world.trunks.all();
    const query = 'subscription { trunkStatus { trunk { status client { name } } } }';
    const streams = await Promise.all(Array.from({ length: 20 }, () => begin(gateway, query)));
    const costs = await workOf(gateway, async () => {
      await gateway.deliver('trunk.offline', gateway.clock.now(), { trunk_uuid: trunk?.uuid });
      await Promise.all(streams.map((stream) => stream.next()));
    });
    expect(costs).toEqual({ statements: 9, upstream: 0, parsed: 0, validated: 0, executed: 0, serialized: 1 });
    await Promise.all(streams.map((stream) => stream.leave()));
  });
});

/** A subscription whose first payloads were read. */
async function begin({ clock, app }: Gateway, query: string): Promise<EventStream> {
  const stream = await clock.through(subscribe(app, query));
  for (let block = await stream.next(); block.event !== undefined; ) block = await stream.next();
  return stream;
}
