import { afterAll, beforeAll, expect, test } from 'vitest';
import { askAtRandom } from './support/random-asking.ts';
import { startTwoWorlds, type TwoWorlds } from './support/two-worlds.ts';

/** So many operations a seed; more of them, or others, by the environment. */
const count = Number(process.env['ACCESS_OPERATIONS'] ?? 150);
const seeds = (process.env['ACCESS_SEEDS'] ?? '1,2').split(',').map(Number);

let two: TwoWorlds;
/** How many answers told each portal of its own client. */
const toldAlready = new Map<string, number>();
beforeAll(async () => {
  two = await startTwoWorlds();
});
afterAll(() => two[Symbol.asyncDispose]());

test.each(seeds)(
  'whoever asks whatever, nobody is told a byte of another client or account (seed %i)',
  async (seed) => {
    const { faults, told } = await askAtRandom(two, seed, count);
    for (const [name, answers] of told) toldAlready.set(name, (toldAlready.get(name) ?? 0) + answers);
    expect(faults).toEqual([]);
  },
  120_000 + 100 * count,
);

test('each portal was told of its own: that nothing leaks is worth something only where something is told', () => {
  const portals = two.portals.filter(({ own }) => own !== null).map(({ asking }) => asking.viewer.name);
  for (const name of portals) expect(toldAlready.get(name), name).toBeGreaterThan((seeds.length * count) / 150);
});

test('after all that each portal still sees exactly what the books say is its client’s', async () => {
  for (const { asking, own, world } of two.portals) {
    if (own === null) continue;
    const { numbers, trunks, wallet } = world.gateway.sandbox.control.world;
    const rows = wallet.newest(0, wallet.count());
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
