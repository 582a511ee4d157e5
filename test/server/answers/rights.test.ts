import { expect, test } from 'vitest';
import { audience, issuer, signWithSecret } from '../../access/support/issuer.ts';
import { bearer, startAccessGateway } from '../../support/access-gateway.ts';
import { askingOf, settledAnswer } from './asking.ts';

const query = '{ viewer { role client { name } } trunks(first: 50) { nodes { id name } } }';

async function startWatched(holders: Readonly<Record<'holder', string>>) {
  const gateway = await startAccessGateway({ holders });
  const asking = askingOf(gateway);
  const ask = () => asking.post(gateway.bearers.holder, { query });
  await settledAnswer(gateway, ask);
  expect((await ask()).statements).toBe(0);
  return Object.assign(gateway, { ask });
}

test('a token that was revoked is refused what it was just answered', async () => {
  await using gateway = await startWatched({ holder: '--role ADMIN' });
  await gateway.change(() => gateway.accessFile.overwrite([]));
  const { status, body, statements } = await gateway.ask();

  expect([status, body.data ?? null, statements]).toEqual([401, null, 0]);
});

test('a viewer whose role changes is answered by the new one from the next request on', async () => {
  await using gateway = await startWatched({ holder: '--role ADMIN' });
  const [entry] = JSON.parse(await gateway.accessFile.text());
  const grant = (rights: object) =>
    gateway.change(() =>
      gateway.accessFile.overwrite([{ tokenSha256: entry.tokenSha256, name: entry.name, ...rights }]),
    );
  const everything = (await gateway.ask()).body.data;

  await grant({ role: 'CLIENT', client: 'Acme Corp' });
  const own = (await gateway.ask()).body.data;
  expect(own?.['viewer']).toEqual({ role: 'CLIENT', client: { name: 'Acme Corp' } });
  expect(JSON.stringify(own)).not.toContain('Bakkerij');
  expect((await gateway.ask()).body.data).toEqual(own);

  await grant({ role: 'CLIENT', client: 'Bakkerij De Zon' });
  expect(JSON.stringify((await gateway.ask()).body.data)).not.toContain('Acme');

  await grant({ role: 'ADMIN' });
  expect((await gateway.ask()).body.data).toEqual(everything);
});

test('a JWT is answered until its time is over, and no longer', async () => {
  const secret = 'long enough to be the secret of an HS256 signature';
  await using gateway = await startAccessGateway({
    environment: () => ({ JWT_SECRET: secret, JWT_ISSUER: issuer, JWT_AUDIENCE: audience }),
  });
  const exp = Math.floor(gateway.clock.now() / 1_000) + 60;
  const shown = bearer(await signWithSecret(secret, gateway.clock.now(), { sub: 'anna', role: 'READER', exp }));
  const { post } = askingOf(gateway);
  const ask = () => post(shown, { query: '{ viewer { role } }' });

  const known = await settledAnswer(gateway, ask);
  expect(known.body.data).toEqual({ viewer: { role: 'READER' } });
  expect(await ask()).toMatchObject({ status: 200, text: known.text, statements: 0 });
  gateway.clock.jump(200_000);
  expect(await ask()).toMatchObject({ status: 401, statements: 0 });
});

test('a caller whose own key DIDfarm refuses is refused from then on, also what is known', async () => {
  const accounts = [
    { apiKey: 'df_live_mine', seed: 7, trunks: 3, email: 'mine@example.com' },
    { apiKey: 'df_live_theirs', seed: 8, trunks: 5, email: 'theirs@example.com' },
  ];
  await using gateway = await startAccessGateway({
    sandbox: { accounts },
    environment: () => ({ CALLER_CREDENTIALS: 'key' }),
  });
  const { post } = askingOf(gateway);
  const ask = (whose: string) => post(bearer(`df_live_${whose}`), { query: '{ trunks { totalCount } }' });
  const known = await settledAnswer(gateway, () => ask('mine'));
  const theirs = await settledAnswer(gateway, () => ask('theirs'));
  expect([known.body.data, theirs.body.data]).toEqual([{ trunks: { totalCount: 3 } }, { trunks: { totalCount: 5 } }]);
  expect(await ask('mine')).toMatchObject({ status: 200, statements: 0 });

  gateway.sandbox.control.faults.add({ kind: 'status', status: 401, account: 'df_live_mine' });
  await post(bearer('df_live_mine'), { query: '{ wallet { balance { amount } } }' });
  expect((await ask('mine')).status).toBe(401);
  expect((await ask('theirs')).body.data).toEqual(theirs.body.data);
});

test('behind a proxy nobody is this machine, whoever was', async () => {
  await using gateway = await startAccessGateway();
  const asking = askingOf(gateway);
  const local = await settledAnswer(gateway, () => asking.post({}, { query }));
  expect(local.status).toBe(200);
  for (const header of [
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-real-ip',
    'via',
    'Via',
    'X-Forwarded-For',
  ])
    expect([header, (await asking.post({ [header]: '10.0.0.1' }, { query })).status]).toEqual([header, 401]);
});
