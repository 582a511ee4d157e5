import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { bearer, startAccessGateway } from '../support/access-gateway.ts';
import { eachDatabase } from '../support/databases.ts';

const day = 86_400_000;
const mine = bearer('df_live_mine');
const theirs = bearer('df_live_theirs');
const trunks = '{ viewer { account } trunks { totalCount } transactions { nodes { id } } numbers { totalCount } }';
const create = 'mutation { createTrunk(input: { name: "Own", idempotencyKey: "own" }) { __typename } }';

eachDatabase('what is stored of a caller with a DIDfarm key of their own', (_open, kind) => {
  test('is forgotten 30 days after its last use, to the last row; that of others is not', async () => {
    const url = await kind.url();
    await using gateway = await startAccessGateway({
      sandbox: {
        accounts: [
          { apiKey: 'df_live_mine', seed: 7, trunks: 3 },
          { apiKey: 'df_live_theirs', seed: 8, trunks: 5 },
        ],
      },
      environment: () => ({ CALLER_CREDENTIALS: 'key', DATABASE_URL: url }),
    });
    const accountOf = async (who: typeof mine) => {
      const { text } = await gateway.ask(who, trunks);
      await gateway.ask(who, create);
      return /"account":"(.+?)"/.exec(text)?.[1] ?? '';
    };
    const [ofMine, ofTheirs] = [await accountOf(mine), await accountOf(theirs)];
    /** Where something of an account is stored, and how much. */
    const stored = async (account: string) => {
      const { storage } = gateway.app;
      const tables = (await storage.db.introspection.getTables()).filter(({ columns }) =>
        columns.some(({ name }) => name === 'account'),
      );
      expect(tables.length).toBeGreaterThan(10);
      const found: Record<string, number> = {};
      for (const { name } of tables) {
        const rows = await sql`select 1 from ${sql.table(name)} where account = ${account}`.execute(storage.db);
        if (rows.rows.length > 0) found[name] = rows.rows.length;
      }
      const settings = await storage.db.selectFrom('settings').select('name').execute();
      const own = settings.filter(({ name }) => name.endsWith(account));
      return own.length > 0 ? { ...found, settings: own.length } : found;
    };
    const whole = await stored(ofMine);
    expect(Object.keys(whole)).toEqual(expect.arrayContaining(['trunks', 'transactions', 'operations', 'settings']));

    /** Without all that would happen every minute of them. */
    const pass = async (milliseconds: number) => {
      gateway.clock.jump(milliseconds);
      await gateway.clock.advance(0);
    };
    await pass(29 * day);
    expect(await stored(ofMine)).toEqual(whole);
    await gateway.ask(theirs, trunks);
    await pass(day + 1);
    await expect.poll(() => stored(ofMine)).toEqual({});
    expect(Object.keys(await stored(ofTheirs))).toEqual(expect.arrayContaining(['trunks', 'transactions', 'settings']));
    expect(gateway.log.filter((line) => line.includes('is forgotten'))).toHaveLength(1);

    // Who comes back begins anew, and finds what DIDfarm has.
    const again = await gateway.ask(mine, trunks);
    expect(again.body.data).toMatchObject({ viewer: { account: ofMine }, trunks: { totalCount: 4 } });
    expect((await gateway.ask(mine, '{ operation(idempotencyKey: "own") { status } }')).body.data).toEqual({
      operation: null,
    });
  });
});
