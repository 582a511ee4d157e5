import { describe, expect, test } from 'vitest';
import type { RawSocket } from '../server/raw-socket.ts';
import type { EventStream } from '../server/sse.ts';
import { type AccessGateway, startAccessGateway } from '../support/access-gateway.ts';

const holders = {
  boss: '--role ADMIN',
  noc: '--role READER',
  other: '--role READER',
  acme: '--role CLIENT --client Acme Corp',
} as const;
type Started = AccessGateway<keyof typeof holders>;

const events = 'subscription { events { id ... on TrunkEvent { trunk { uuid } } } }';
/** How often it is asked whether a subscription may go on, in milliseconds. */
const sweep = 30_000;

const trunksOf = ({ sandbox }: Started, name: string) =>
  sandbox.control.world.trunks
    .all()
    .flatMap((trunk) => (trunk.name.trim().toLowerCase() === name.toLowerCase() ? [trunk.uuid] : []));
/** A trunk registers or drops, at DIDfarm too. */
const set = (gateway: Started, status: 'offline' | 'registered', uuid = '') => {
  gateway.sandbox.control.setTrunkStatus(uuid, status);
  return gateway.deliver(`trunk.${status}`, { trunk_uuid: uuid });
};
const drop = (gateway: Started, uuid: string | undefined) => set(gateway, 'offline', uuid);

async function socketOf(gateway: Started, holder: keyof typeof holders): Promise<RawSocket> {
  const socket = await gateway.connect(gateway.bearers[holder]);
  await socket.next();
  socket.subscribe('1', events);
  return socket;
}

async function isToldBySocket(socket: RawSocket, uuid: string | undefined): Promise<void> {
  expect(await socket.next()).toMatchObject({ payload: { data: { events: { trunk: { uuid } } } } });
}

/** So many subscriptions have begun. */
async function subscribed(gateway: Started, count: number): Promise<void> {
  const metrics = async () => (await gateway.fetch('/metrics')).text();
  await expect.poll(metrics).toContain(`gateway_subscribers ${count}\n`);
}

async function isTold(stream: EventStream, uuid: string | undefined): Promise<void> {
  expect(await stream.take(1)).toMatchObject([{ trunk: { uuid } }]);
}

/** What the last result says of why it is the last; nothing came before it that was not yet read. */
async function ending(stream: EventStream): Promise<unknown> {
  const [last, complete, ...more] = (await stream.rest()).filter(({ event }) => event !== undefined);
  expect([complete?.event, more]).toEqual(['complete', []]);
  return JSON.parse(last?.data ?? '').errors.map(({ extensions }: { extensions: object }) => extensions);
}

async function started(): Promise<Started> {
  const gateway = await startAccessGateway({ holders });
  await gateway.ask(gateway.bearers.boss, '{ trunks { totalCount } }');
  return gateway;
}

describe('while a subscription lives', () => {
  test('one whose token is revoked ends with that, and with where to go on; the others go on', async () => {
    await using gateway = await started();
    const [trunk] = trunksOf(gateway, 'Acme Corp');
    const streams = [
      await gateway.follow(gateway.bearers.noc, events),
      await gateway.follow(gateway.bearers.acme, events),
    ];
    const sockets = [await socketOf(gateway, 'noc'), await socketOf(gateway, 'acme'), await socketOf(gateway, 'other')];
    await subscribed(gateway, 5);
    await drop(gateway, trunk);
    for (const stream of streams) await isTold(stream, trunk);
    for (const socket of sockets) await isToldBySocket(socket, trunk);

    await gateway.change(async () => void (await gateway.token('revoke', '--name', 'noc')));
    const [gone, kept] = streams;
    if (!gone || !kept) throw new Error('There are two');
    expect(await ending(gone)).toEqual([{ code: 'FORBIDDEN', cursor: expect.any(String) }]);
    expect(await sockets[0]?.closed).toEqual({ code: 4403, reason: 'Forbidden' });

    const [, second] = trunksOf(gateway, 'Acme Corp');
    await drop(gateway, second);
    await isTold(kept, second);
    for (const socket of sockets.slice(1)) await isToldBySocket(socket, second);
    await kept.leave();
    expect((await gateway.follow(gateway.bearers.noc, events)).status).toBe(401);
  });

  test('one whose entry names another client ends, and sees that client alone from then on', async () => {
    await using gateway = await started();
    const [acme] = trunksOf(gateway, 'Acme Corp');
    const [bakery] = trunksOf(gateway, 'Bakkerij De Zon');
    const before = await gateway.follow(gateway.bearers.acme, events);
    await gateway.change(async () => {
      const entries = JSON.parse(await gateway.accessFile.text());
      await gateway.accessFile.replace(
        entries.map((entry: { name: string }) =>
          entry.name === 'acme' ? { ...entry, client: 'Bakkerij De Zon' } : entry,
        ),
      );
    });
    expect(await ending(before)).toMatchObject([{ code: 'FORBIDDEN' }]);

    const after = await gateway.follow(gateway.bearers.acme, events);
    await drop(gateway, acme);
    await drop(gateway, bakery);
    await isTold(after, bakery);
    await after.leave();
  });

  test('a file that cannot be used changes nothing of it', async () => {
    await using gateway = await started();
    const [trunk] = trunksOf(gateway, 'Acme Corp');
    const stream = await gateway.follow(gateway.bearers.acme, events);
    await gateway.change(() => gateway.accessFile.replace('[{"name": '));
    await gateway.clock.advance(sweep);
    await drop(gateway, trunk);
    await isTold(stream, trunk);
    await stream.leave();
  });

  test('a trunk that becomes another client’s is nothing to the first one any more, its past included', async () => {
    await using gateway = await started();
    const [given = '', kept] = trunksOf(gateway, 'Acme Corp');
    const stream = await gateway.follow(gateway.bearers.acme, events);
    const socket = await socketOf(gateway, 'acme');
    await subscribed(gateway, 2);
    await drop(gateway, given);
    await isTold(stream, given);
    await isToldBySocket(socket, given);
    const { body } = await gateway.ask(
      gateway.bearers.boss,
      'mutation ($trunk: ID!) { assignTrunkToClient(input: { trunk: $trunk, client: "Bakkerij De Zon" }) { __typename } }',
      { trunk: given },
    );
    expect(body.data).toEqual({ assignTrunkToClient: { __typename: 'AssignTrunkToClientPayload' } });

    await set(gateway, 'registered', given);
    await drop(gateway, kept);
    await isTold(stream, kept);
    await isToldBySocket(socket, kept);
    await stream.leave();
    const seen = await gateway.ask(
      gateway.bearers.acme,
      `{ trunk(uuid: "${given}") { uuid } events { nodes { ... on TrunkEvent { trunk { uuid } } } } }`,
    );
    expect(seen.body.data).toMatchObject({ trunk: null });
    expect(seen.text).toContain(kept);
    expect(seen.text).not.toContain(given);
  });
});

test('a query under way when its token is revoked is answered; nothing after it is', async () => {
  await using gateway = await started();
  const { bearers, clock, sandbox } = gateway;
  const socket = await gateway.connect(bearers.noc);
  await socket.next();
  sandbox.control.faults.add({ kind: 'latency', path: '/wallet/balance', latency: 8_000, times: 1 });
  const underWay = clock.through(
    gateway.fetch('/graphql', {
      method: 'POST',
      headers: { ...bearers.noc, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ wallet { balance { amount } } }' }),
    }),
  );
  const asked = () => sandbox.control.callLog().map(({ route }) => route);
  await expect.poll(asked).toContain('GET /wallet/balance');
  await gateway.change(async () => void (await gateway.token('revoke', '--name', 'noc')));
  await clock.advance(5_000);
  expect(await (await underWay).json()).toMatchObject({ data: { wallet: { balance: { amount: '142.50' } } } });

  const before = sandbox.control.calls().total;
  expect((await gateway.ask(bearers.noc, '{ wallet { balance { amount } } }')).status).toBe(401);
  for (const [id, document] of [
    ['1', '{ wallet { balance { amount } } }'],
    ['2', events],
    ['3', '{ walet'],
    ['4', '{ walet { balance } }'],
    ['5', '{ __schema { types { name } } }'],
  ] as const) {
    socket.subscribe(id, document);
    expect(await socket.next()).toMatchObject({
      id,
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  }
  expect(sandbox.control.calls().total).toBe(before);
  socket.socket.close();
  await socket.closed;
});
