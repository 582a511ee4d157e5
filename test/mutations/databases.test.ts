import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { startGateway } from '../support/gateway.ts';
import { everything, namesOf, passwordsIn, payloads } from './support/everything.ts';

eachDatabase('every mutation', (_open, kind) => {
  test('is done once under its key, and no password that was shown is kept or logged', async () => {
    await using gateway = await startGateway({
      databaseUrl: await kind.url(),
      rateLimit: 600,
      sandbox: { rateLimit: null },
    });
    const first = await everything(gateway);
    const passwords = passwordsIn(first);
    expect(namesOf(first)).toEqual(payloads);
    expect(passwords.map((password) => password.length)).toEqual([24, 24, 24]);
    const changes = () =>
      Object.entries(gateway.sandbox.control.calls().routes).filter(([route]) => /^POST/.test(route));
    const books = gateway.sandbox.control.state();
    const before = changes();

    const again = await everything(gateway);
    expect([namesOf(again), passwordsIn(again)]).toEqual([payloads, []]);
    expect(changes()).toEqual(before);
    expect(gateway.sandbox.control.state()).toEqual(books);

    const { db } = gateway.app.storage;
    const tables = ['operations', 'operation_steps', 'trunks', 'snapshots', 'events', 'settings', 'messages'] as const;
    const kept = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
    const metrics = await (await gateway.app.fetch(new Request('http://gateway.test/metrics'))).text();
    const everywhere = JSON.stringify([kept, gateway.log, metrics]);
    for (const password of passwords) expect(everywhere).not.toContain(password);
    expect(JSON.stringify(kept.slice(0, 2))).not.toMatch(/471108|passport|JVBERi/);
  });
});
