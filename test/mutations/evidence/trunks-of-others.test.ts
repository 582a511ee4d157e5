import { describe, expect, test } from 'vitest';
import {
  CreateTrunkDocument,
  OnboardClientDocument,
  RegenerateTrunkCredentialsDocument,
} from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { begin, breakOnce, buying, calls, later, minute, minutes, operation, rest } from './lost.ts';

const name = 'Nieuwe Klant';
const making = '/portal/sip-trunks';
const day = 1_440 * minute;
const notDone = { status: 'FAILED', error: { code: 'NOT_DONE' } };

async function create(gateway: Gateway) {
  const input = { name, idempotencyKey: 'k' };
  return (await gateway.ask(CreateTrunkDocument, { input })).data?.createTrunk;
}

/** Somebody makes a trunk in DIDfarm's portal, and it is listed. */
async function madeElsewhere(gateway: Gateway, called: string) {
  gateway.sandbox.control.world.trunks.create(called, 'digest');
  for (let read = 0; read < 2; read++) {
    await gateway.askText('{ trunks(first: 1) { nodes { uuid } } }');
    await rest(gateway);
    await minutes(gateway, 3);
  }
}

describe('a trunk that was judged as not made', () => {
  test('is none of those that are made in the portal later, whatever their name', async () => {
    await using gateway = await begin();
    breakOnce(gateway, 'cut-before', making);
    await create(gateway);
    await minutes(gateway, 15);
    expect(await operation(gateway)).toMatchObject(notDone);
    await madeElsewhere(gateway, 'Heel Anders');
    expect(await operation(gateway)).toMatchObject(notDone);
    await later(gateway, 5 * day);
    await madeElsewhere(gateway, name);
    expect(await operation(gateway)).toMatchObject(notDone);
    expect(await create(gateway)).toMatchObject({ code: 'NOT_DONE' });
  });

  test('leaves its onboarding what can go on, whatever other trunk is made', async () => {
    await using gateway = await begin();
    const input = { name, country: 'GB', type: 'LOCAL' as const, idempotencyKey: 'k' };
    const onboard = async () => (await gateway.ask(OnboardClientDocument, { input })).data?.onboardClient;
    breakOnce(gateway, 'cut-before', making);
    expect(await onboard()).toMatchObject({ __typename: 'OutcomeUnknownError' });
    await minutes(gateway, 13);
    expect(await operation(gateway)).toMatchObject({ status: 'PENDING' });
    await madeElsewhere(gateway, 'Heel Anders');
    expect(await operation(gateway)).toMatchObject({ status: 'PENDING' });
    expect(await onboard()).toMatchObject({ __typename: 'OnboardClientPayload', trunk: { name } });
    expect(calls(gateway, buying)).toBe(1);
  });

  test('was made after all where the listing shows it some minutes late', async () => {
    await using gateway = await begin();
    const { trunks } = gateway.sandbox.control.world;
    const { all } = trunks;
    const before = all().length;
    trunks.all = () => all().slice(0, before);
    breakOnce(gateway, 'cut-after', making);
    await create(gateway);
    await minutes(gateway, 12);
    expect(await operation(gateway)).toMatchObject(notDone);
    trunks.all = all;
    await minutes(gateway, 1);
    await gateway.askText('{ trunks(first: 1) { nodes { uuid } } }');
    await minutes(gateway, 2);
    expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

test('a trunk is found by the first listing that could be read since, however late that is', async () => {
  await using gateway = await begin();
  const { faults, world } = gateway.sandbox.control;
  const { create: make } = world.trunks;
  let up = () => {};
  world.trunks.create = (...trunk) => {
    up = faults.add({ kind: 'status', status: 503, method: 'GET', path: making });
    return make(...trunk);
  };
  breakOnce(gateway, 'cut-after', making);
  await create(gateway);
  await minutes(gateway, 40);
  expect(await operation(gateway)).toMatchObject({ status: 'UNKNOWN' });
  up();
  await minutes(gateway, 12);
  expect(await operation(gateway)).toMatchObject({ status: 'SUCCEEDED' });
});

test('credentials that were made in the portal a day later are not those that were asked for', async () => {
  await using gateway = await begin();
  const { trunks } = gateway.sandbox.control.world;
  const [trunk] = trunks.all();
  await gateway.askText('{ trunks { nodes { uuid } } }');
  breakOnce(gateway, 'cut-before', '*regenerate-credentials');
  const input = { trunk: trunk?.uuid ?? '', idempotencyKey: 'k' };
  await gateway.ask(RegenerateTrunkCredentialsDocument, { input });
  for (let hour = 0; hour < 24; hour++) await later(gateway, 60 * minute);
  if (trunk !== undefined) trunks.regenerate(trunk);
  await minutes(gateway, 70);
  expect(await operation(gateway)).toMatchObject({
    status: 'UNKNOWN',
    findings: [expect.stringContaining('with another username, which')],
  });
});
