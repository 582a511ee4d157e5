import { describe, expect, test } from 'vitest';
import type { FaultInput } from '../../src/sandbox/http/faults.ts';
import { startGateway } from '../support/gateway.ts';

const both = '{ trunks { nodes { name } } numbers { totalCount } viewer { role } }';

describe('what a viewer is told when DIDfarm fails', () => {
  test.each<[string, FaultInput, Record<string, unknown>]>([
    ['fails', { kind: 'status', status: 500 }, { code: 'UPSTREAM_UNAVAILABLE', call: 'GET /portal/sip-trunks' }],
    ['cuts the connection', { kind: 'cut-before' }, { code: 'UPSTREAM_UNAVAILABLE' }],
    [
      'sends half of its JSON',
      { kind: 'truncated' },
      { code: 'UPSTREAM_BAD_RESPONSE', call: 'GET /portal/sip-trunks' },
    ],
    ['sends HTML', { kind: 'html' }, { code: 'UPSTREAM_BAD_RESPONSE' }],
    ['redirects to its login page', { kind: 'redirect' }, { code: 'UPSTREAM_BAD_RESPONSE' }],
    ['sends nothing', { kind: 'empty' }, { code: 'UPSTREAM_BAD_RESPONSE' }],
    ['never answers', { kind: 'hang' }, { code: 'UPSTREAM_UNAVAILABLE' }],
    [
      'refuses the key',
      { kind: 'status', status: 401, code: 'unauthenticated' },
      { code: 'UPSTREAM_UNAVAILABLE', reason: 'CONFIGURATION' },
    ],
    [
      'refuses for the rate',
      { kind: 'status', status: 429, headers: { 'retry-after': '30' } },
      { code: 'RATE_LIMITED' },
    ],
  ])('DIDfarm %s: a coded error at the field, and the other fields are answered', async (_what, fault, extensions) => {
    await using gateway = await startGateway();
    gateway.sandbox.control.faults.add({ ...fault, path: '/portal/sip-trunks' });
    const asked = gateway.askText(both);
    if (fault.kind === 'hang') await gateway.clock.advance(11_000);
    const answer = await asked;
    expect(answer.data).toMatchObject({ trunks: null, numbers: { totalCount: 30 }, viewer: { role: 'ADMIN' } });
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors?.[0]).toMatchObject({ path: ['trunks'], extensions });
  });

  test.each([422, 400, 405, 409])(
    "a read of the gateway's own that is refused (%i) is no fault of the viewer",
    async (status) => {
      await using gateway = await startGateway();
      gateway.sandbox.control.faults.add({ kind: 'status', status, path: '/portal/sip-trunks' });
      const answer = await gateway.askText('{ trunks { totalCount } }');
      expect(answer.errors).toMatchObject([
        { extensions: { code: 'UPSTREAM_BAD_RESPONSE', call: 'GET /portal/sip-trunks' } },
      ]);
      expect(answer.errors?.[0]?.message).toContain(`${status} on GET /portal/sip-trunks`);
      expect(gateway.sandbox.control.calls().total).toBe(1);
    },
  );

  test("a search that is refused is the viewer's to mend: the words are the viewer's", async () => {
    await using gateway = await startGateway();
    gateway.sandbox.control.faults.add({ kind: 'status', status: 422, path: '/numbers/search' });
    const answer = await gateway.askText('{ availableNumbers(country: "NL", city: "Q") { totalCount } }');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', call: 'GET /numbers/search' } }]);
  });

  test("only a locale that is none is the viewer's to mend, not a currency that is", async () => {
    await using gateway = await startGateway();
    const format = (locale: string) =>
      gateway.askText(`{ transactions(first: 1) { nodes { amount { formatted(locale: "${locale}") } } } }`);
    const code = 'BAD_USER_INPUT';
    expect((await format('no locale')).errors).toMatchObject([{ extensions: { code, argument: 'locale' } }]);
    expect((await format('xx-Zzzz')).errors).toBeUndefined();
    await gateway.app.storage.db.updateTable('transactions').set({ currency: 'EURO' }).execute();
    expect((await format('nl-NL')).errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });

  test('a missing required field is named with the call and the path', async () => {
    await using gateway = await startGateway({ sandbox: { variants: { missingFields: ['balance'] } } });
    const answer = await gateway.askText('{ wallet { balance { amount } } }');
    expect(answer.errors?.[0]?.extensions).toEqual({
      code: 'UPSTREAM_BAD_RESPONSE',
      call: 'GET /wallet/balance',
      path: 'balance',
    });
  });

  test('a wrong key is named as the configuration of the gateway', async () => {
    await using gateway = await startGateway();
    gateway.sandbox.control.faults.add({
      kind: 'status',
      status: 401,
      code: 'unauthenticated',
      message: 'Invalid API key',
    });
    const answer = await gateway.askText('{ trunks { totalCount } }');
    expect(answer.errors?.[0]?.message).toContain('DIDFARM_API_KEY');
    expect(JSON.stringify(answer)).not.toContain(gateway.sandbox.apiKey);
    expect(gateway.sandbox.control.calls().routes).toEqual({ 'GET /portal/sip-trunks': 1 });
  });

  test('what was known is served while DIDfarm fails, and the answer says how old it is', async () => {
    await using gateway = await startGateway();
    await gateway.askText(both);
    const asOf = new Date(gateway.clock.now()).toISOString();
    gateway.sandbox.control.faults.add({ kind: 'status', status: 500 });
    await gateway.clock.advance(600_000);
    const answer = await gateway.askText(both);
    expect(answer.errors).toBeUndefined();
    expect(answer.extensions?.upstream.stale).toEqual([{ resource: 'trunks', asOf }]);
  });
});

describe('what a viewer is told of bad input', () => {
  test.each([
    ['BAD_USER_INPUT', '{ number(e164: "+31") { e164 } }', '"+31" is no valid phone number'],
    ['BAD_USER_INPUT', '{ number(e164: "0201234567") { e164 } }', 'no valid phone number'],
    ['BAD_USER_INPUT', '{ number(e164: 31201234567) { e164 } }', 'PhoneNumber is written as a string'],
    ['BAD_USER_INPUT', '{ availableNumbers(country: "Netherlands") { totalCount } }', 'no country in ISO 3166-1'],
    ['BAD_USER_INPUT', '{ availableNumbers(country: "NL", type: UNKNOWN) { totalCount } }', '"type" takes LOCAL'],
    ['BAD_USER_INPUT', '{ messages(filter: { from: "yesterday" }) { totalCount } }', 'no moment in RFC 3339'],
    ['BAD_USER_INPUT', '{ numbers(filter: { client: "acme" }) { totalCount } }', '"filter.client" is not an id'],
    ['BAD_USER_INPUT', '{ node(id: "what") { id } }', '"id" is not an id of this graph'],
    [
      'GRAPHQL_VALIDATION_FAILED',
      '{ numbers(filter: { colour: "red" }) { totalCount } }',
      'Field "colour" is not defined',
    ],
    ['GRAPHQL_VALIDATION_FAILED', '{ numbers(colour: "red") { totalCount } }', 'Unknown argument "colour"'],
    ['GRAPHQL_PARSE_FAILED', '{ numbers(', 'Syntax Error'],
  ])('%s: %s', async (code, query, message) => {
    await using gateway = await startGateway();
    const answer = await gateway.askText(query);
    expect(answer.errors?.map((error) => error.message)).toEqual([expect.stringContaining(message)]);
    expect(answer.errors?.map((error) => error.extensions['code'])).toEqual([code]);
    expect(gateway.sandbox.control.calls().total).toBe(0);
  });
});
