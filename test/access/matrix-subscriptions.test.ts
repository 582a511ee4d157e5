import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';
import type { Asking } from '../support/viewers.ts';
import { type Trial, trials } from './support/arguments.ts';
import { everyRole, type RoleName, roles } from './support/roles.ts';
import { type Belongings, bodyFor, foundIn, start, startWorld, type World } from './support/world.ts';

const selections: Readonly<Record<string, string>> = {
  trunkStatus: '{ trunk { uuid name client { name } } previous at cursor }',
  numberStatus: '{ e164 status client { name } }',
  messageReceived: '{ id body number { e164 } client { name } }',
  events:
    '{ id name cursor data ... on TrunkEvent { trunk { uuid } } ... on NumberEvent { number { e164 } } ... on MessageEvent { message { body } } }',
};

let world: World;
let asking: Readonly<Record<RoleName, Asking>>;
beforeAll(async () => {
  world = await startWorld();
  asking = everyRole(world);
  await asking.CLIENT.ask('{ trunks { totalCount } }');
});
afterAll(() => world[Symbol.asyncDispose]());

let second = 0;
/** One event of each kind about the things of a client. */
async function happen({ trunks, numbers }: Belongings): Promise<void> {
  const at = start + 600_000 + 1_000 * second++;
  const [number = ''] = numbers;
  const trunk_uuid = trunks[0];
  const { deliver } = world.gateway;
  await deliver(second % 2 === 0 ? 'trunk.registered' : 'trunk.offline', at, { trunk_uuid });
  await deliver('number.suspended', at, { number });
  await deliver('message.received', at, {
    id: `live-${second}`,
    from: '+31687654321',
    to: number,
    body: bodyFor(number),
  });
}

function written(argument: string, value: string): string {
  return argument.includes('(')
    ? `(${argument.replace(/.*\((.*)\)/, '$1')}: ${value})`
    : `(filter: { ${argument.replace('EventFilter.', '')}: ${value} })`;
}

/** The arguments of a subscription and what is tried of them; those of `events` are its filter's. */
function trialsOf(field: string): [string, Trial][] {
  const prefix = field === 'events' ? 'EventFilter.' : `Subscription.${field}(`;
  return Object.entries(trials(world)).filter(([coordinate]) => coordinate.startsWith(prefix));
}

test('every subscription is tried', () => {
  expect(Object.keys(selections).sort()).toEqual(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).sort());
});

test.each(roles)('%s is told what happens to its own, and a client’s viewer nothing else', async (role) => {
  for (const [field, selection] of Object.entries(selections)) {
    const own = await asking[role].follow(`subscription { ${field} ${selection} }`);
    const whole = await world.admin.follow(`subscription { ${field} ${selection} }`);
    await happen(world.vanDijk);
    await happen(world.acme);
    const last =
      field === 'trunkStatus' || field === 'events' ? String(world.acme.trunks[0]) : String(world.acme.numbers[0]);
    expect(await whole.until(last)).toBe(true);
    expect(await own.until(last)).toBe(true);
    expect(foundIn(whole.received(), [world.vanDijk.numbers[0] ?? '', world.vanDijk.trunks[0] ?? ''])).not.toEqual([]);
    if (role.startsWith('CLIENT')) expect(foundIn(own.received(), world.foreignTo(world.acme))).toEqual([]);
    await Promise.all([own.end(), whole.end()]);
  }
});

test('what another client has is to a client’s viewer as if it were not there, also while it happens', async () => {
  let tried = 0;
  for (const [field, selection] of Object.entries(selections))
    for (const [coordinate, trial] of trialsOf(field))
      for (const { foreign, missing } of 'names' in trial ? trial.names : []) {
        const follow = async (value: string) => {
          const { app, clock } = world.gateway;
          const { storage } = app;
          await asking.CLIENT.ask('{ trunks { totalCount } }');
          await app.settled();
          const before = storage.queries();
          const query = `subscription { ${field}${written(coordinate, value)} ${selection} }`;
          const stream = await asking.CLIENT.follow(query);
          // It has read the log to its end.
          await clock.advance(0);
          return { stream, statements: storage.queries() - before };
        };
        const [theirs, nobodys] = [await follow(foreign), await follow(missing)];
        const proof = await world.admin.follow('subscription { messageReceived { body } }');
        await happen(world.vanDijk);
        await happen(world.acme);
        expect(await proof.until(bodyFor(String(world.acme.numbers[0])))).toBe(true);
        const place = `${field} ${coordinate} ${foreign}`;
        await Promise.all([theirs.stream.end(), nobodys.stream.end(), proof.end()]);
        expect.soft(theirs.statements, place).toBe(nobodys.statements);
        expect.soft(payloads(theirs.stream.received()), place).toEqual(payloads(nobodys.stream.received()));
        expect.soft(foundIn(theirs.stream.received(), world.foreignTo(world.acme)), place).toEqual([]);
        tried += 1;
      }
  expect(tried).toBeGreaterThan(8);
});

test('a trunk of another client is no trunk: the subscription does not begin', async () => {
  const query = `subscription ($trunk: ID!) { trunkStatus(trunk: $trunk) { at } }`;
  const refused = async (trunk: string | undefined) => {
    const stream = await asking.CLIENT.follow(query, { trunk });
    await stream.until('complete');
    return stream.received();
  };
  const missing = await refused('trk_000000000000');
  expect(missing).toContain('NOT_FOUND');
  expect(await refused(world.vanDijk.trunks[0])).toBe(missing);
});

test('a cursor of somebody who sees everything shows a client’s viewer its own, from there on', async () => {
  const { data } = await world.admin.ask<{ events: { nodes: { cursor: string }[] } }>(
    '{ events(last: 1) { nodes { cursor } } }',
  );
  const after = data?.events.nodes[0]?.cursor;
  const stream = await asking.CLIENT.follow(
    `subscription ($after: String) { events(after: $after) ${selections['events']} }`,
    { after },
  );
  expect(await stream.until(String(world.acme.numbers.at(-1)))).toBe(true);
  await stream.end();
  expect(foundIn(stream.received(), world.foreignTo(world.acme))).toEqual([]);
});

/** What came of payloads, without the pings between. */
function payloads(received: string): string[] {
  return received.split('\n').filter((line) => line.startsWith('data: {'));
}
