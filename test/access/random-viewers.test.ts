import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Asking, viewerOf } from '../support/viewers.ts';
import { deeds } from './support/decisions.ts';
import { inputs, mutationOf } from './support/mutations.ts';
import { createDice, createOperations, type Dice, type Operations } from './support/random-operations.ts';
import { strangersIn } from './support/strangers.ts';
import { type Belongings, bodyFor, foundIn, start, startWorld, type World } from './support/world.ts';

/** So many operations a seed; more of them, or others, by the environment. */
const count = Number(process.env['ACCESS_OPERATIONS'] ?? 250);
const seeds = (process.env['ACCESS_SEEDS'] ?? '1,2').split(',').map(Number);

/** Whoever asks, and what of it is theirs; null where all of it is. */
interface Portal {
  readonly asking: Asking;
  readonly own: Belongings | null;
}

let world: World;
let clients: readonly Belongings[];
let portals: readonly Portal[];
beforeAll(async () => {
  world = await startWorld();
  clients = [world.acme, world.vanDijk, world.bakery];
  const wide = (['ADMIN', 'OPERATOR', 'READER'] as const).map((role) => viewerOf(role));
  const narrow = clients.map(({ name }, place) => ({
    own: clients[place] ?? null,
    viewer: viewerOf('CLIENT', { name: `portal of ${name}`, client: name, send: place === 0 }),
  }));
  portals = [...wide.map((viewer) => ({ own: null, viewer })), ...narrow].map(({ own, viewer }) => ({
    own,
    asking: world.gateway.as(viewer),
  }));
});
afterAll(() => world[Symbol.asyncDispose]());

let nth = 0;
/** All but those that DIDfarm's books know nothing of. */
const mutations = Object.keys(deeds).filter((field) => field !== 'importNumbers' && field !== 'assignTrunkToClient');

/** Something happens at DIDfarm, to anybody's things. */
async function happen(dice: Dice): Promise<void> {
  const { trunks, numbers } = dice.pick(clients);
  const number = dice.pick(numbers);
  const at = start + 900_000 + 1_000 * nth++;
  const text = { id: `random-${nth}`, from: '+31687654321', to: number, body: bodyFor(number) };
  const event = dice.pick(['trunk.offline', 'trunk.registered']);
  if (dice.once(2)) await world.gateway.deliver(event, at, { trunk_uuid: dice.pick(trunks) });
  else await world.gateway.deliver('message.received', at, text);
}

/** What an answer holds of others; what the asker wrote themselves may be said back to them in a refusal, and nowhere else. */
async function leaks({ own }: Portal, asked: string, answer: string): Promise<string[]> {
  if (own === null) return [];
  const foreign = world.foreignTo(own);
  const { errors = [], data, ...rest } = JSON.parse(answer);
  const written = foundIn(asked, foreign);
  const refusals = JSON.stringify([errors, data?.sendMessage?.why ?? null]);
  const sent = data?.sendMessage && { sendMessage: { ...data.sendMessage, why: '' } };
  const told = JSON.stringify([{ ...data, ...sent }, rest]);
  const strangers = await strangersIn(told, own, world);
  return [
    ...strangers,
    ...foundIn(told, foreign),
    ...foundIn(refusals, foreign).filter((each) => !written.includes(each)),
  ];
}

async function step(dice: Dice, operations: Operations): Promise<{ asked: string; answers: string[]; portal: Portal }> {
  const portal = dice.pick(portals);
  const kind = dice.roll(10);
  if (kind === 0) {
    const field = dice.pick(mutations);
    const input = inputs(world, dice.pick(clients), nth++)[field] ?? {};
    const asked = mutationOf(field, '__typename');
    const answer = await portal.asking.text(asked, { input });
    return { asked: JSON.stringify(input), answers: [answer], portal };
  }
  if (kind === 1) {
    const asked = operations.subscription();
    const stream = await portal.asking.follow(asked);
    await happen(dice);
    await happen(dice);
    await world.gateway.clock.advance(0);
    await stream.end();
    const answers = stream.received().match(/(?<=^data: )\{.*$/gm) ?? [];
    return { asked, answers: [...answers], portal };
  }
  if (kind === 2) await happen(dice);
  const asked = operations.query();
  return { asked, answers: [await portal.asking.text(asked)], portal };
}

test.each(seeds)('whoever asks whatever, nobody is told a byte of another client (seed %i)', async (seed) => {
  const dice = createDice(seed);
  const operations = createOperations(dice, world, clients);
  const answered = new Map<Portal, number>();
  for (let done = 0; done < count; done++) {
    const { asked, answers, portal } = await step(dice, operations);
    for (const answer of answers) {
      operations.learn(answer);
      expect(answer, asked).not.toMatch(/INTERNAL_SERVER_ERROR|GRAPHQL_VALIDATION_FAILED/);
      expect(await leaks(portal, asked, answer), `${portal.asking.viewer.name}: ${asked}`).toEqual([]);
      const ownBytes = portal.own === null ? [] : [portal.own.name, ...portal.own.numbers, ...portal.own.trunks];
      if (foundIn(answer, ownBytes).length > 0) answered.set(portal, (answered.get(portal) ?? 0) + 1);
    }
  }
  // That nothing leaks is worth something only where something is told.
  for (const portal of portals.filter(({ own }) => own !== null))
    expect(answered.get(portal)).toBeGreaterThan(count / 100);
});

test('after all that each portal still sees exactly what the books say is its client’s', async () => {
  const { numbers, trunks, wallet } = world.gateway.sandbox.control.world;
  const rows = wallet.newest(0, wallet.count());
  for (const { asking, own } of portals) {
    if (own === null) continue;
    const { data } = await asking.ask<{
      numbers: { nodes: { e164: string }[] };
      trunks: { nodes: { uuid: string }[] };
      transactions: { totalCount: number; nodes: { transactionId: string; referenceType: string }[] };
    }>(`{ numbers(first: 100) { nodes { e164 } } trunks(first: 100) { nodes { uuid } }
      transactions(first: 100) { totalCount nodes { transactionId referenceType } } }`);
    expect(data?.numbers.nodes.map(({ e164 }) => e164).sort()).toEqual([...own.numbers].sort());
    expect(data?.trunks.nodes.map(({ uuid }) => uuid).sort()).toEqual([...own.trunks].sort());
    const ofOwn = rows.filter(({ referenceType, referenceId }) =>
      referenceType === 'trunk'
        ? own.trunks.includes(trunks.byId(referenceId ?? 0)?.uuid ?? '')
        : referenceType === 'number' && own.numbers.includes(numbers.byId(referenceId ?? 0)?.e164 ?? ''),
    );
    const shown = data?.transactions.nodes.filter(({ referenceType }) => referenceType !== 'ORDER') ?? [];
    expect(shown.map(({ transactionId }) => Number(transactionId)).sort()).toEqual(ofOwn.map(({ id }) => id).sort());
    expect(shown.length).toBeGreaterThan(3);
  }
});
