import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { letters } from '../../src/sandbox/random.ts';
import { OperationDocument, TrunksDocument } from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  document,
  everyMutation,
  everything,
  keys,
  namesOf,
  passwordsIn,
  payloads,
  text,
} from './support/everything.ts';

const apiKey = 'df_live_TopSecretKey1';
const webhookSecret = 'whsec_TopSecretHook1';
/** Those that the sandbox issues first, whether or not an answer with them arrives. */
const issued = [0, 1, 2].map((nth) => letters(24, 1, 'password', nth));
const folder = mkdtempSync(join(tmpdir(), 'gateway-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything that a gateway leaves behind, by the name of the place. */
type Places = Readonly<Record<'database' | 'log' | 'metrics' | 'ready' | 'operations' | 'answers', string>>;

/** Which of the secrets stand in which place, as they are or as JSON or base64 writes them. */
function found(places: Partial<Places>, secrets: readonly string[]): string[] {
  return Object.entries(places).flatMap(([place, content]) =>
    secrets
      .filter((secret) => writings(secret).some((each) => content.includes(each)))
      .map((each) => `${place}: ${each}`),
  );
}

function writings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [secret, JSON.stringify(secret).slice(1, -1), bytes.toString('latin1'), bytes.toString('base64')];
}

async function start(name: string): Promise<{ gateway: Gateway; file: string }> {
  const file = join(folder, `${name}.db`);
  const gateway = await startGateway({
    databaseUrl: `sqlite:${file}`,
    rateLimit: 600,
    sandbox: { rateLimit: null, apiKey, webhook: { url: 'http://127.0.0.1:9/', secret: webhookSecret } },
  });
  return { gateway, file };
}

/** @param answers what was answered beside those that show a password. */
async function look({ app, log, clock, ask }: Gateway, file: string, answers: unknown): Promise<Places> {
  const get = async (path: string) => {
    const response = await clock.through(app.fetch(new Request(`http://gateway.test${path}`)));
    return JSON.stringify([[...response.headers], await response.text()]);
  };
  const records = [];
  for (const idempotencyKey of keys) records.push(await ask(OperationDocument, { idempotencyKey }));
  const { db } = app.storage;
  const rows = [db.selectFrom('operations').selectAll(), db.selectFrom('operation_steps').selectAll()] as const;
  return {
    // In the file and in its journal: also what was overwritten or deleted since.
    database: readdirSync(folder)
      .filter((name) => join(folder, name).startsWith(file))
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('\n'),
    log: log.join(''),
    metrics: await get('/metrics'),
    ready: await get('/health/ready'),
    operations: JSON.stringify([await rows[0].execute(), await rows[1].execute(), records]),
    answers: JSON.stringify([answers, await ask(TrunksDocument, {}), await get('/health/live')]),
  };
}

describe('what every mutation leaves behind', () => {
  test('holds no password but in the one answer that shows it, no key, no document, and a text only among the messages', async () => {
    const { gateway, file } = await start('done');
    await using _ = gateway;
    const first = await everything(gateway);
    expect(namesOf(first)).toEqual(payloads);
    const again = await everything(gateway);
    // Each of them once, in the answer of its own mutation.
    expect(first.map((answer) => passwordsIn(answer))).toEqual([
      [],
      [],
      [],
      [issued[0]],
      [issued[1]],
      [],
      [issued[2]],
      [],
      [],
    ]);

    const others = [...first.filter((answer) => passwordsIn(answer).length === 0), ...again];
    const places = await look(gateway, file, others);
    const secret = [...issued, apiKey, 'TopSecretKey1', webhookSecret, document, 'Jan Jansen'];
    expect(found(places, secret)).toEqual([]);
    const { log, metrics, ready, operations } = places;
    expect(found({ log, metrics, ready, operations }, [text, '471108'])).toEqual([]);
    expect(found({ database: places.database, answers: places.answers }, [text])).toHaveLength(2);
  });

  test.each(['cut-after', 'truncated', 'cut-body', 'html'] as const)(
    'holds as little where each answer is lost: %s',
    async (kind) => {
      const { gateway, file } = await start(kind);
      await using _ = gateway;
      gateway.sandbox.control.faults.add({ kind, method: 'POST', processed: true });
      const answers = [];
      for (const send of everyMutation(gateway)) answers.push(await send());
      expect(namesOf(answers)).toContain('OutcomeUnknownError');

      const places = await look(gateway, file, answers);
      for (const place of ['database', 'operations'] as const) expect(places[place]).toContain('onboard');
      expect(places.log).toContain('unknown');
      const secret = [...issued, apiKey, 'TopSecretKey1', webhookSecret, document, 'Jan Jansen', text, '471108'];
      expect(found(places, secret)).toEqual([]);
    },
  );

  test('would be found: as it is, as JSON writes it and as base64 does', async () => {
    const { gateway, file } = await start('planted');
    await using _ = gateway;
    const planted = 'Planted "secret" é';
    await gateway.app.storage.db.insertInto('settings').values({ name: 'planted', value: planted }).execute();
    const places = await look(gateway, file, [planted]);
    expect(found(places, [planted])).toEqual([`database: ${planted}`, `answers: ${planted}`]);
    expect(found({ log: JSON.stringify({ msg: planted }) }, [planted])).toEqual([`log: ${planted}`]);
    expect(found({ metrics: Buffer.from(planted).toString('base64') }, [planted])).toEqual([`metrics: ${planted}`]);
  });
});
