import { expect, test } from 'vitest';
import {
  AssignNumberDocument,
  AssignTrunkToClientDocument,
  CheckoutDocument,
  CreateTrunkDocument,
  ImportNumbersDocument,
  OnboardClientDocument,
  RegenerateTrunkCredentialsDocument,
  SendMessageDocument,
  SubmitRegulatoryDocument,
} from '../generated/graphql.ts';
import { eachDatabase } from '../support/databases.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { amsterdam } from './support/shop.ts';

const e164 = amsterdam.e164;
const passport = {
  type: 'passport',
  filename: 'passport.pdf',
  contentType: 'application/pdf',
  content: Buffer.from('%PDF-1.7').toString('base64'),
};

/** Every mutation once, each under its own key; what they answered, with the passwords that were shown. */
async function everything({ ask, sandbox }: Gateway) {
  const sender = sandbox.control.world.numbers.all().find((each) => each.smsEnabled && each.status === 'active');
  const trunk = String(sandbox.control.world.trunks.all()[1]?.uuid);
  const from = String(sender?.e164);
  const client = { name: 'Acme New', country: 'GB', type: 'LOCAL' } as const;
  const answers = [
    await ask(CheckoutDocument, { input: { items: [amsterdam], idempotencyKey: 'buy' } }),
    await ask(AssignNumberDocument, { input: { number: e164, trunk, idempotencyKey: 'route' } }),
    await ask(SubmitRegulatoryDocument, { input: { number: e164, documents: [passport], idempotencyKey: 'papers' } }),
    await ask(CreateTrunkDocument, { input: { name: 'Second', idempotencyKey: 'make' } }),
    await ask(RegenerateTrunkCredentialsDocument, { input: { trunk, idempotencyKey: 'renew' } }),
    await ask(SendMessageDocument, { input: { from, to: '+31687654321', body: 'Hej 😀', idempotencyKey: 'text' } }),
    await ask(OnboardClientDocument, { input: { ...client, idempotencyKey: 'onboard' } }),
    await ask(ImportNumbersDocument, { input: { numbers: [{ e164: '+442079123456', didNumberId: 900, trunk }] } }),
    await ask(AssignTrunkToClientDocument, { input: { trunk, client: 'Holding' } }),
  ];
  const names = answers.flatMap(({ data }) => Object.values(data ?? {}).map((payload) => payload.__typename));
  const passwords = [...JSON.stringify(answers).matchAll(/"password":"([^"]+)"/g)].map((match) => match[1] ?? '');
  return { names, passwords };
}

const payloads = [
  'CheckoutPayload',
  'AssignNumberPayload',
  'SubmitRegulatoryPayload',
  'CreateTrunkPayload',
  'RegenerateTrunkCredentialsPayload',
  'SendMessagePayload',
  'OnboardClientPayload',
  'ImportNumbersPayload',
  'AssignTrunkToClientPayload',
];

eachDatabase('every mutation', (_open, kind) => {
  test('is done once under its key, and no password that was shown is kept or logged', async () => {
    await using gateway = await startGateway({
      databaseUrl: await kind.url(),
      rateLimit: 600,
      sandbox: { rateLimit: null },
    });
    const first = await everything(gateway);
    expect(first.names).toEqual(payloads);
    expect(first.passwords.map((password) => password.length)).toEqual([24, 24, 24]);
    const changes = () =>
      Object.entries(gateway.sandbox.control.calls().routes).filter(([route]) => /^POST/.test(route));
    const books = gateway.sandbox.control.state();
    const before = changes();

    const again = await everything(gateway);
    expect([again.names, again.passwords]).toEqual([payloads, []]);
    expect(changes()).toEqual(before);
    expect(gateway.sandbox.control.state()).toEqual(books);

    const { db } = gateway.app.storage;
    const tables = ['operations', 'operation_steps', 'trunks', 'snapshots', 'events', 'settings', 'messages'] as const;
    const kept = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
    const metrics = await (await gateway.app.fetch(new Request('http://gateway.test/metrics'))).text();
    const everywhere = JSON.stringify([kept, gateway.log, metrics]);
    for (const password of first.passwords) expect(everywhere).not.toContain(password);
    expect(JSON.stringify(kept.slice(0, 2))).not.toMatch(/Hej|passport|JVBERi/);
  });
});
