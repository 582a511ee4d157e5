import { expect } from 'vitest';
import { subjects, text } from './deeds.ts';
import type { Deed } from './differences.ts';
import type { Gateway } from './gateway.ts';

/** What the mutations answer by DIDfarm's own books once all of them are done. */
export function usual(gateway: Gateway): Readonly<Record<Deed, object>> {
  const { world } = gateway.sandbox.control;
  const { sender, number, trunk: before } = subjects(gateway);
  const trunk = world.trunks.byUuid(before.uuid) ?? before;
  const [order, other] = world.orders.live();
  const bought = order?.numbers[0];
  const e164 = other?.numbers[0]?.e164;
  const named = (name: string) => world.trunks.all().find((each) => each.name === name);
  const [second, third] = [named('Second'), named('Nieuwe Klant')];
  const routed = world.numbers.all().filter((each) => each.trunkId === trunk.id);
  const sent = world.messages.all()[0];
  const rate = { monthlyRate: { amount: '1.50' } };
  const credentials = (of = second) => ({
    sipServer: of?.sipServer,
    username: of?.username,
    password: expect.stringMatching(/^.{24}$/),
  });
  return {
    checkout: {
      order: {
        orderId: order?.id,
        placedAt: new Date(Number(order?.transaction.createdAt)).toISOString(),
        requiresRegulatory: true,
        total: { amount: '1.50' },
        items: [{ e164: number.e164, didNumberId: bought?.id, ...rate, setupFee: { amount: '0.00' } }],
      },
      bought: [
        {
          ...number,
          status: 'PROVISIONING',
          regulatoryStatus: 'REQUIRED',
          didNumberId: bought?.id,
          smsEnabled: false,
          rawType: 'local',
          city: 'Amsterdam',
          ...rate,
          order: { orderId: order?.id },
        },
      ],
      wallet: { balance: { amount: '8.50' } },
    },
    assignNumber: {
      number: { e164: number.e164, trunk: { uuid: trunk.uuid }, client: { name: trunk.name } },
      trunk: {
        uuid: trunk.uuid,
        numbers: {
          nodes: routed
            .map((each) => each.e164)
            .toArray()
            .sort()
            .map((each) => ({ e164: each })),
        },
      },
    },
    createTrunk: {
      trunk: {
        id: expect.any(String),
        uuid: second?.uuid,
        sipTrunkId: second?.id,
        name: 'Second',
        status: 'PROVISIONING',
        username: second?.username,
        sipServer: second?.sipServer,
        authType: 'digest',
        client: { name: 'Second' },
      },
      credentials: credentials(),
    },
    regenerateTrunkCredentials: {
      trunk: { uuid: trunk.uuid, username: trunk.username },
      credentials: credentials(trunk),
    },
    sendMessage: {
      text: {
        id: expect.any(String),
        direction: 'OUTBOUND',
        from: sender.e164,
        ...text,
        status: 'QUEUED',
        rawStatus: 'queued',
        segments: 1,
        cost: { amount: '0.008', currency: 'EUR' },
        at: new Date(Number(sent?.createdAt)).toISOString(),
        number: { e164: sender.e164 },
        client: { name: world.trunks.byId(Number(sender.trunkId))?.name },
      },
    },
    submitRegulatory: { number: { e164: number.e164, status: 'PROVISIONING', regulatoryStatus: 'SUBMITTED' } },
    onboardClient: {
      client: { name: 'Nieuwe Klant', trunks: { nodes: [{ uuid: third?.uuid }] }, numbers: { nodes: [{ e164 }] } },
      number: {
        e164,
        status: 'PROVISIONING',
        trunk: { uuid: third?.uuid },
        client: { name: 'Nieuwe Klant' },
        order: { orderId: other?.id },
      },
      trunk: { uuid: third?.uuid, name: 'Nieuwe Klant', username: third?.username },
      order: { orderId: other?.id, total: { amount: '1.20' } },
      credentials: credentials(third),
    },
  };
}
