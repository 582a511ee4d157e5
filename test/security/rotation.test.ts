import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { runTokenCommand } from '../../src/access/token-command.ts';
import {
  audience,
  createSigningKey,
  issuer,
  type SigningKey,
  sign,
  signWithSecret,
  startJwksServer,
} from '../access/support/issuer.ts';
import { type Installation, startInstallation } from '../support/installation.ts';

const whoAmI = '{ viewer { account role } }';
interface Identity {
  readonly viewer: { readonly account: string };
}
const unauthenticated = { status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

describe('the webhook secret', () => {
  interface Told {
    readonly events: { readonly nodes: readonly { readonly name: string }[] };
  }
  const told = async (installation: Installation) => {
    const { events } = await installation.read<Told>('{ events(filter: { types: [UNKNOWN] }) { nodes { name } } }');
    return events.nodes.map(({ name }) => name);
  };

  test('is exchanged with both in force between, and the former is worth nothing afterwards', async () => {
    await using installation = await startInstallation({ variables: { DIDFARM_WEBHOOK_SECRET: 'former' } });
    expect(await installation.deliver('former', 'note.one', {})).toBe(200);
    expect(await installation.deliver('newest', 'note.early', {})).toBe(401);

    await installation.restart({ DIDFARM_WEBHOOK_SECRET: 'newest,former' });
    expect(await installation.deliver('former', 'note.two', {})).toBe(200);
    expect(await installation.deliver('newest', 'note.three', {})).toBe(200);

    await installation.restart({ DIDFARM_WEBHOOK_SECRET: 'newest' });
    expect(await installation.deliver('former', 'note.late', {})).toBe(401);
    expect(await installation.deliver('newest', 'note.four', {})).toBe(200);
    expect((await told(installation)).toSorted()).toEqual(['note.four', 'note.one', 'note.three', 'note.two']);
  });
});

describe('the DIDfarm key', () => {
  const former = { trunks: 8, numbers: 30, transactions: 200 };
  // What a key of the same account shows is the same; what another account's shows is not.
  const keys = {
    ...former,
    accounts: [
      { ...former, apiKey: 'df_live_newest' },
      { ...former, apiKey: 'df_live_strange', seed: 2 },
    ],
  };
  interface Picture {
    readonly wallet: { readonly balance: { readonly amount: string } };
  }
  const picture = '{ numbers { totalCount } trunks { totalCount } wallet { balance { amount } } }';

  test('is exchanged by a restart on the same database: what was known stays, and DIDfarm is asked with the new one', async () => {
    await using installation = await startInstallation({ sandbox: keys });
    const { sandbox, clock, app } = installation;
    await app.importNumbers(sandbox.control.numbersCsv(), 'csv');
    const before = await installation.read<Picture>(picture);
    expect(before).toMatchObject({ numbers: { totalCount: 30 }, trunks: { totalCount: 8 } });

    sandbox.control.account('df_live_newest').topUp('1000.00');
    sandbox.control.resetCalls();
    await installation.stop();
    await installation.restart({ DIDFARM_API_KEY: 'df_live_newest' });
    expect(sandbox.control.callLog()[0]).toMatchObject({ route: 'GET /portal/sip-trunks' });
    await clock.advance(3_600_000);
    const after = await installation.read<Picture>(picture);
    expect(after).toMatchObject({ numbers: { totalCount: 30 }, trunks: { totalCount: 8 } });
    expect(Number(after.wallet.balance.amount)).toBe(Number(before.wallet.balance.amount) + 1_000);
  });

  test('of another account is refused, and the former one goes on', async () => {
    await using installation = await startInstallation({ sandbox: keys });
    await expect
      .poll(async () => (await installation.ask('{ trunks { totalCount } }')).data)
      .toMatchObject({
        trunks: { totalCount: 8 },
      });

    await expect(installation.restart({ DIDFARM_API_KEY: 'df_live_strange' })).rejects.toMatchObject({
      code: 'OTHER_ACCOUNT',
    });
    await installation.restart({ DIDFARM_API_KEY: installation.sandbox.apiKey });
    expect(await installation.ask('{ trunks { totalCount } }')).toMatchObject({ data: { trunks: { totalCount: 8 } } });
  });
});

test('an access token is exchanged without a restart, and who follows with the former one is sent away', async () => {
  const command = async (file: string, ...args: string[]) => {
    const printed: string[] = [];
    await runTokenCommand(args, { file, print: (line) => printed.push(line), remark: () => undefined });
    return printed[0] ?? '';
  };
  const file = (folder: string) => join(folder, 'access.json');
  let former = '';
  await using installation = await startInstallation({
    async variables(folder) {
      former = await command(file(folder), 'create', '--name', 'noc', '--role', 'OPERATOR');
      return { ACCESS_FILE: file(folder) };
    },
  });
  const { clock, folder } = installation;
  const seen = async () => {
    await clock.advance(3_000);
    return [(await installation.ask(whoAmI, former)).status, (await installation.ask(whoAmI, newest)).status];
  };
  const following = await installation.follow('subscription { trunkStatus { at } }', former);

  const newest = await command(file(folder), 'create', '--name', 'noc-2', '--role', 'OPERATOR');
  await expect.poll(seen).toEqual([200, 200]);
  await command(file(folder), 'revoke', '--name', 'noc');
  await expect.poll(seen).toEqual([401, 200]);

  await clock.advance(30_000);
  expect(await following.text()).toContain('"code":"FORBIDDEN"');
  expect(await installation.ask(whoAmI, former)).toMatchObject(unauthenticated);
  expect(await installation.ask(whoAmI, newest)).toMatchObject({ data: { viewer: { role: 'OPERATOR' } } });
});

test('the secret of JWTs is exchanged with both in force between', async () => {
  const [former, newest] = ['former-secret-of-32-bytes-or-more', 'newest-secret-of-32-bytes-or-more'] as const;
  await using installation = await startInstallation({
    variables: { JWT_SECRET: former, JWT_ISSUER: issuer, JWT_AUDIENCE: audience },
  });
  const taken = async () => {
    const jwts = [former, newest].map((secret) => signWithSecret(secret, installation.clock.now(), { role: 'READER' }));
    return Promise.all(jwts.map(async (jwt) => (await installation.ask(whoAmI, await jwt)).status));
  };

  expect(await taken()).toEqual([200, 401]);
  await installation.restart({ JWT_SECRET: `${newest},${former}` });
  expect(await taken()).toEqual([200, 200]);
  await installation.restart({ JWT_SECRET: newest });
  expect(await taken()).toEqual([401, 200]);
});

test('the keys of a JWKS are exchanged without a restart: a new one counts at once, a withdrawn one ten minutes at most', async () => {
  const [former, newest] = await Promise.all([
    createSigningKey('ES256', 'former'),
    createSigningKey('ES256', 'newest'),
  ]);
  await using jwks = await startJwksServer([former.publicJwk]);
  await using installation = await startInstallation({
    variables: { JWT_JWKS_URL: jwks.url, JWT_ISSUER: issuer, JWT_AUDIENCE: audience },
  });
  const { clock } = installation;
  const status = async (key: SigningKey) =>
    (await installation.ask(whoAmI, await sign(key, clock.now(), { role: 'READER' }))).status;

  expect(await status(former)).toBe(200);
  jwks.keys = [newest.publicJwk, former.publicJwk];
  await clock.advance(30_000);
  expect(await status(newest)).toBe(200);
  expect(await status(former)).toBe(200);
  jwks.keys = [newest.publicJwk];
  await clock.advance(600_000);
  await expect.poll(() => status(former)).toBe(401);
  expect(await status(newest)).toBe(200);
});

describe('the installation’s own secret', () => {
  const page = 'query ($after: String) { trunks(first: 2, after: $after) { totalCount pageInfo { endCursor } } }';
  const forget = ({ databaseFile }: Installation) => {
    const database = new DatabaseSync(databaseFile);
    database.exec("delete from settings where name = 'secret'");
    database.close();
  };
  interface Page {
    readonly trunks: { readonly pageInfo: { readonly endCursor: string } };
  }
  const endOf = async (installation: Installation) => (await installation.read<Page>(page)).trunks.pageInfo.endCursor;

  test('is made anew where it is deleted: cursors given before are refused, and all else goes on', async () => {
    await using installation = await startInstallation();
    await installation.app.importNumbers(installation.sandbox.control.numbersCsv(), 'csv');
    const before = await endOf(installation);
    const goOn = (after: string) => installation.ask(page, undefined, { after });
    await installation.restart();
    expect(await goOn(before)).toMatchObject({ data: { trunks: { totalCount: 8 } } });

    await installation.stop();
    forget(installation);
    await installation.restart();
    expect(await goOn(before)).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }],
    });
    expect(await goOn(await endOf(installation))).toMatchObject({ data: { trunks: { totalCount: 8 } } });
    expect(await installation.ask('{ numbers { totalCount } }')).toMatchObject({
      data: { numbers: { totalCount: 30 } },
    });
  });

  test('names callers’ own accounts: after it they begin anew', async () => {
    await using installation = await startInstallation({ variables: { CALLER_CREDENTIALS: 'key' } });
    const account = async () => {
      const { viewer } = await installation.read<Identity>(whoAmI, installation.sandbox.apiKey);
      return viewer.account;
    };
    const before = await account();
    await installation.restart();
    expect(await account()).toBe(before);

    await installation.stop();
    forget(installation);
    await installation.restart();
    expect(await account()).toMatch(/^caller-/);
    expect(await account()).not.toBe(before);
  });
});
