import { expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

const day = 24 * 3_600_000;

async function shown(gateway: Gateway, uuid: string): Promise<unknown> {
  return (await gateway.askText('query ($uuid: ID!) { trunk(uuid: $uuid) { status statusSince } }', { uuid })).data?.[
    'trunk'
  ];
}

/** A trunk whose status was learnt from a listing while the clock was a day ahead, after which the clock was put back. */
async function learntAhead(gateway: Gateway) {
  const { trunks } = gateway.sandbox.control.world;
  const uuid = trunks.all().find((trunk) => trunk.status === 'registered')?.uuid ?? '';
  const asListed = (status: 'registered' | 'offline') => {
    const trunk = trunks.byUuid(uuid);
    if (trunk) trunks.setStatus(trunk, status);
  };
  await shown(gateway, uuid);
  gateway.clock.step(day);
  asListed('offline');
  expect(await shown(gateway, uuid)).toMatchObject({ status: 'OFFLINE' });
  gateway.clock.step(-day);
  return { uuid, asListed };
}

test('a status that was learnt by a clock that was ahead gives way to the next listing', async () => {
  await using gateway = await startGateway();
  const { uuid, asListed } = await learntAhead(gateway);

  asListed('registered');

  expect(await shown(gateway, uuid)).toEqual({
    status: 'REGISTERED',
    statusSince: new Date(gateway.clock.now()).toISOString(),
  });
});

test('a status that was learnt by a clock that was ahead gives way to the next event', async () => {
  await using gateway = await startGateway();
  const { uuid } = await learntAhead(gateway);

  await gateway.deliver('trunk.registered', gateway.clock.now(), { trunk_uuid: uuid });

  expect(await shown(gateway, uuid)).toEqual({
    status: 'REGISTERED',
    statusSince: new Date(gateway.clock.now()).toISOString(),
  });
});
