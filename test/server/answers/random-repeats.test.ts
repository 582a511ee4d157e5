import { afterAll, beforeAll, expect, test } from 'vitest';
import { noKnownRows } from '../../../src/storage/known-rows.ts';
import { deeds } from '../../access/support/decisions.ts';
import { inputs, mutationOf } from '../../access/support/mutations.ts';
import { createDice, createOperations, type Dice } from '../../access/support/random-operations.ts';
import { type Portal, startTwoWorlds, type TwoWorlds } from '../../access/support/two-worlds.ts';
import { start } from '../../access/support/world.ts';
import { askingOf, type Received } from './asking.ts';

/** So many questions a seed; more of them, or others, by the environment. */
const count = Number(process.env['ANSWERS_OPERATIONS'] ?? 200);
const seeds = (process.env['ANSWERS_SEEDS'] ?? '1,2').split(',').map(Number);

/** What frontends ask all the time, and what random documents seldom ask whole. */
const usual = [
  '{ trunks(first: 50) { nodes { name status registeredAt numbers(first: 20) { nodes { e164 } } } totalCount } }',
  '{ numbers(first: 50) { nodes { e164 status trunk { name } } totalCount } }',
  '{ clients(first: 20) { nodes { name trunks(first: 9) { nodes { name } } } } }',
  '{ transactions(first: 100) { nodes { transactionId amount { amount } } totalCount } }',
  '{ wallet { balance { amount } } }',
  '{ messages(first: 50) { nodes { body status } } }',
  '{ events(first: 30) { nodes { id } } }',
  '{ transactions(first: 60) { nodes { client { name } reference { __typename ... on Trunk { name status statusSince } ... on Number { status trunk { name rawStatus client { name } } } ... on Order { items { number { e164 status } } } } } } }',
  '{ named: numbers(first: 40) { nodes { e164 client { name } trunk { name } order { orderId } } } }',
  '{ online: trunks(first: 9, filter: { status: [REGISTERED] }) { totalCount nodes { uuid } } }',
  '{ found: trunks(first: 9, filter: { search: "a" }) { totalCount nodes { name client { name } } } }',
  '{ happened: events(first: 30) { nodes { type at ... on TrunkEvent { trunk { name status } } ... on NumberEvent { number { e164 status trunk { status } } } } } }',
];

/** Several of them in one query: each of its fields is kept by itself. */
const several = (dice: Dice) => {
  const fields = Array.from({ length: 3 }, () => dice.pick(usual).slice(1, -1).trim());
  return `{ ${fields.map((field, place) => `f${place}: ${field.replace(/^\w+: /, '')}`).join(' ')} }`;
};

let two: TwoWorlds;
beforeAll(async () => {
  two = await startTwoWorlds();
});
afterAll(() => two[Symbol.asyncDispose]());

/** No two runs over the same worlds send the same text or key. */
let nth = 0;

const idle = async () => {
  await two.gateway.clock.through(two.gateway.app.settled());
};
const asking = () => askingOf(two.gateway);
const shownBy = ({ asking: { viewer } }: Portal) => ({ ...two.gateway.bearers[viewer.name] });
/** Worked out of what the database holds, and left out of what is kept. */
const freshly = async (portal: Portal, query: string) => {
  const { storage } = two.gateway.app;
  const { known } = storage;
  Object.assign(storage, { known: noKnownRows });
  try {
    return await asking().post({ ...shownBy(portal), 'cache-control': 'no-store' }, { query });
  } finally {
    Object.assign(storage, { known });
  }
};
const told = ({ status, body }: Received) => JSON.stringify([status, body.data, body.errors]);

/** Something happens: at DIDfarm and is told by a webhook, by a mutation, by an import, at DIDfarm alone, or time goes by. */
async function happen(dice: Dice): Promise<string> {
  const { world } = dice.pick(two.portals);
  const { acme, vanDijk, bakery, gateway } = world;
  const client = dice.pick([acme, vanDijk, bakery]);
  nth += 1;
  const at = start + 1_800_000 + 1_000 * nth;
  const kinds: Readonly<Record<string, () => Promise<unknown>>> = {
    'a trunk goes': () =>
      gateway.deliver(dice.pick(['trunk.offline', 'trunk.registered']), at, { trunk_uuid: dice.pick(client.trunks) }),
    'a text comes': () =>
      gateway.deliver('message.received', at, {
        id: `repeat-${nth}`,
        from: '+31687654321',
        to: dice.pick(client.numbers),
        body: `Hello ${nth}`,
      }),
    'a number is lost': () => gateway.deliver('number.released', at, { number: dice.pick(client.numbers) }),
    'something unknown': () => gateway.deliver('wallet.low', at, { balance: '1.00' }),
    'money comes': async () => gateway.sandbox.control.topUp('5.00'),
    'numbers are imported': () =>
      two.gateway.app.importNumbers(gateway.sandbox.control.numbersCsv(), 'csv', world.account),
    'a mutation': async () => {
      const field = dice.pick(Object.keys(deeds));
      const portal = dice.pick(two.portals);
      const input = inputs(portal.world, client, nth)[field] ?? {};
      await asking().post(shownBy(portal), { query: mutationOf(field, '__typename'), variables: { input } });
    },
    'time goes by': () => two.gateway.clock.advance(dice.pick([1, 900, 20_000, 61_000, 400_000])),
  };
  const kind = dice.pick(Object.keys(kinds));
  await kinds[kind]?.();
  return kind;
}

test.each(seeds)(
  'whatever happens between whatever is asked by whomever, what is kept is what would be worked out (seed %i)',
  async (seed) => {
    const dice = createDice(seed);
    const [first, second] = two.worlds;
    const clients = two.worlds.flatMap(({ acme, vanDijk, bakery }) => [acme, vanDijk, bakery]);
    const operations = [first, second].map((world) => createOperations(dice, world, clients));
    const frontends = [...usual, ...Array.from({ length: 5 }, () => several(dice))];
    const documents = [...frontends, ...Array.from({ length: 25 }, () => dice.pick(operations).query())];
    const faults: string[] = [];
    let repeats = 0;
    for (let done = 0; done < count; done += 1) {
      const happened = dice.once(3) ? await happen(dice) : 'nothing';
      await idle();
      const portal = dice.pick(two.portals);
      const query = dice.once(3) ? dice.pick(documents) : dice.pick(frontends);
      const before = await freshly(portal, query);
      await idle();
      const ways = {
        socket: () => asking().post(shownBy(portal), { query }),
        address: () => asking().get(shownBy(portal), { query }),
      };
      const kept = await ways[dice.pick(['socket', 'socket', 'address'] as const)]();
      // What was worked out may say what each working out changes, such as how often that was done.
      const repeated = kept.statements === 0 && kept.headers['etag'] !== undefined;
      if (!repeated && !frontends.includes(query)) continue;
      if (repeated) repeats += 1;
      // What that refreshed may have come since: then it is as it is now.
      const expected = told(kept) === told(before) ? before : await freshly(portal, query);
      if (told(kept) !== told(expected))
        faults.push(
          `${done} after ${happened} ${portal.asking.viewer.name} was told ${kept.text.slice(0, 600)} and not ${expected.text.slice(0, 600)} by ${query}`,
        );
    }
    expect(faults).toEqual([]);
    expect(repeats).toBeGreaterThan(count / 20);
  },
  60_000 + 500 * count,
);
