import { expect, test } from 'vitest';
import { onPostgres } from '../support/databases.ts';
import type { Answer } from '../support/gateway.ts';
import { askAtRandom, leaks } from './support/random-asking.ts';
import { startTwoWorlds } from './support/two-worlds.ts';

const everything =
  '{ viewer { account role } trunks(first: 100) { totalCount nodes { uuid username } } numbers(first: 100) { totalCount nodes { e164 } } clients { totalCount nodes { name spending(from: "2020-01-01", to: "2030-01-01") { total { amount } } } } messages(first: 100) { totalCount nodes { body } } events(first: 100) { totalCount nodes { id name data } } transactions(first: 100) { totalCount nodes { description } } wallet { balance { amount } } orders { totalCount } gateway { version } }';

onPostgres('who may see what on PostgreSQL', (_open, kind) => {
  test('is what it is on SQLite: each role sees its own account, a client’s viewer its own client, and no other byte', async () => {
    await using two = await startTwoWorlds(await kind.url());
    for (const portal of two.portals) {
      const { asking, own, world } = portal;
      const text = await asking.text(everything);
      expect(await leaks(portal, '', text), asking.viewer.name).toEqual([]);
      const { data }: Answer<Record<string, { totalCount: number } | null>> = JSON.parse(text);
      const { trunks, numbers } = world.gateway.sandbox.control.world;
      const [ownTrunks, ownNumbers] = own ? [own.trunks, own.numbers] : [trunks.all(), [...numbers.all()]];
      expect(data).toMatchObject({
        viewer: { account: world.account, role: asking.viewer.role },
        trunks: { totalCount: ownTrunks.length },
        numbers: { totalCount: ownNumbers.length },
      });
      if (own === null) continue;
      expect(data).toMatchObject({ clients: { totalCount: 1 }, wallet: null, orders: null, gateway: null });
      expect(data?.['messages']?.totalCount).toBe(own.numbers.length);
      const [theirs, nobodys] = [world.vanDijk.name === own.name ? world.acme : world.vanDijk, 'trk_000000000000'];
      const named = (uuid: string) =>
        asking.text(
          `{ trunk(uuid: "${uuid}") { name } numbers(filter: { trunk: "${uuid}" }) { totalCount } events(filter: { trunk: "${uuid}" }) { totalCount } }`,
        );
      expect(await named(theirs.trunks[0] ?? '')).toBe(await named(nobodys));
    }

    const { faults, told } = await askAtRandom(two, 3, 40);
    expect(faults).toEqual([]);
    expect([...told.values()].some((answers) => answers > 0)).toBe(true);
  });
});
