import { describe, expect, test } from 'vitest';
import {
  CheckoutDocument,
  NumberDocument,
  type RegulatoryDocumentInput,
  SubmitRegulatoryDocument,
} from '../generated/graphql.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const route = 'POST /api/regulatory/submit';
const number = '+31201234567';
const base64 = (bytes: string | Buffer) => Buffer.from(bytes as string, 'latin1').toString('base64');
const pdf = base64('%PDF-1.7 Jan Jansen');
const passport = { type: 'passport', filename: 'passport.pdf', contentType: 'application/pdf', content: pdf } as const;

async function submit(gateway: Gateway, documents: RegulatoryDocumentInput[], key = 'k', of: string = number) {
  const input = { number: of, documents, idempotencyKey: key };
  const answer = await gateway.ask(SubmitRegulatoryDocument, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data?.submitRegulatory;
}

async function waiting(): Promise<Gateway> {
  const gateway = await startGateway();
  await gateway.ask(CheckoutDocument, { input: { items: [{ e164: number, country: 'NL', type: 'LOCAL' }] } });
  return gateway;
}

const submitted = (gateway: Gateway) => gateway.sandbox.control.calls().routes[route] ?? 0;

describe('submitRegulatory', () => {
  test('sends the documents, and the number is under review', async () => {
    await using gateway = await waiting();
    const jpeg = { ...passport, contentType: 'image/jpeg', content: base64('\xff\xd8\xff\xe0 \x00') };
    const png = { ...passport, contentType: 'image/png', content: base64('\x89PNG\r\n\x1a\n\x00') };
    expect(await submit(gateway, [passport, jpeg, png])).toMatchObject({
      __typename: 'SubmitRegulatoryPayload',
      idempotencyKey: 'k',
      number: { e164: number, status: 'PROVISIONING', regulatoryStatus: 'SUBMITTED' },
    });
    expect(gateway.sandbox.control.world.numbers.byE164(number)?.regulatoryStatus).toBe('submitted');
    const shown = await gateway.askText('query ($e: PhoneNumber!) { number(e164: $e) { regulatoryStatus } }', {
      e: number,
    });
    expect(shown.data).toEqual({ number: { regulatoryStatus: 'SUBMITTED' } });
  });

  test('a repeat of the key submits nothing; other documents under it are refused', async () => {
    await using gateway = await waiting();
    const first = await submit(gateway, [passport]);
    expect(await submit(gateway, [passport])).toEqual(first);
    expect(await submit(gateway, [{ ...passport, content: base64('%PDF-1.7 other') }])).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(submitted(gateway)).toBe(1);
  });

  test('10 MB go through and are kept nowhere', async () => {
    await using gateway = await waiting();
    const bytes = Buffer.alloc(10 * 1024 * 1024, 'x');
    bytes.write('%PDF-1.7 Jan Jansen');
    const done = await submit(gateway, [{ ...passport, content: bytes.toString('base64') }]);
    expect(done?.__typename).toBe('SubmitRegulatoryPayload');
    const { db } = gateway.app.storage;
    const kept = JSON.stringify([
      await db.selectFrom('operations').selectAll().execute(),
      await db.selectFrom('operation_steps').selectAll().execute(),
      gateway.log,
    ]);
    expect(kept).toContain(number);
    expect(kept).not.toMatch(/Jansen|SmFuIEphbnNlb|passport/);
  });

  test.each<[string, RegulatoryDocumentInput[], readonly string[]]>([
    ['no documents', [], ['documents']],
    ['21 documents', Array.from({ length: 21 }, () => passport), ['documents']],
    ['a PDF that is none', [{ ...passport, content: base64('<html>') }], ['documents.0.content']],
    ['a PNG that is a PDF', [passport, { ...passport, contentType: 'image/png' }], ['documents.1.content']],
    ['a document cut short', [{ ...passport, content: base64('%PD') }], ['documents.0.content']],
    ['a kind that is not taken', [{ ...passport, contentType: 'text/html' }], ['documents.0.contentType']],
    [
      'a kind named after an object’s own field',
      [{ ...passport, contentType: 'constructor' }],
      ['documents.0.contentType'],
    ],
    ['an empty document', [{ ...passport, content: '' }], ['documents.0.content']],
    ['no base64', [{ ...passport, content: `${pdf}!` }], ['documents.0.content']],
    ['base64 with line breaks', [{ ...passport, content: `${pdf}\n` }], ['documents.0.content']],
    ['base64 for addresses', [{ ...passport, content: `${pdf.slice(0, -2)}-_` }], ['documents.0.content']],
    [
      'base64 without its end',
      [{ ...passport, content: base64('%PDF-1.7').replace(/=+$/, '') }],
      ['documents.0.content'],
    ],
    ['a path for a name', [{ ...passport, filename: '../../etc/passwd' }], ['documents.0.filename']],
    ['a name with a line break', [{ ...passport, filename: 'a\r\nContent-Type: x' }], ['documents.0.filename']],
    ['no name and no kind', [{ ...passport, filename: ' ', type: '' }], ['documents.0.type', 'documents.0.filename']],
  ])('%s: refused before anything is sent', async (_, documents, paths) => {
    await using gateway = await waiting();
    const refused = await submit(gateway, documents);
    expect(refused).toMatchObject({ __typename: 'ValidationError', code: 'VALIDATION_FAILED' });
    expect(refused?.__typename === 'ValidationError' && refused.fields.map((field) => field.path)).toEqual(paths);
    expect(submitted(gateway)).toBe(0);
  });

  test.each([
    ['11 MB in one', [11 * 1024 * 1024]],
    ['a byte too much over two', [5 * 1024 * 1024, 5 * 1024 * 1024 + 1]],
  ])('%s are too much', async (_, sizes) => {
    await using gateway = await waiting();
    const documents = sizes.map((size) => ({ ...passport, content: Buffer.alloc(size, '%PDF-').toString('base64') }));
    expect(await submit(gateway, documents)).toMatchObject({
      __typename: 'ValidationError',
      fields: [{ path: 'documents' }],
    });
    expect(submitted(gateway)).toBe(0);
  });

  test('for a number that is not the account’s nothing is sent; one that waits for nothing is refused by DIDfarm', async () => {
    await using gateway = await waiting();
    expect((await submit(gateway, [passport], 'a', '+31201234568'))?.__typename).toBe('NotFoundError');
    expect(submitted(gateway)).toBe(0);
    const own = gateway.sandbox.control.world.numbers.all().find((each) => each.regulatoryStatus === 'not_required');
    expect(await submit(gateway, [passport], 'b', own?.e164)).toMatchObject({
      __typename: 'ValidationError',
      code: 'REGULATORY_NOT_REQUIRED',
    });
  });

  test('an answer that is lost leaves the number as it was known, and nothing is sent again', async () => {
    await using gateway = await waiting();
    gateway.sandbox.control.faults.add({ kind: 'cut-after', path: '/api/regulatory/submit' });
    expect((await submit(gateway, [passport]))?.__typename).toBe('OutcomeUnknownError');
    gateway.sandbox.control.faults.clear();
    await submit(gateway, [passport]);
    expect(submitted(gateway)).toBe(1);
    expect((await gateway.ask(NumberDocument, { e164: number })).data?.number?.status).toBe('PROVISIONING');
  });
});
