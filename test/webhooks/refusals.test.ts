import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { openStorage, type Storage } from '../../src/storage/database.ts';
import {
  activated,
  createReceiver,
  expectNothingWritten,
  moment,
  number,
  secret,
  sign,
  webhook,
} from './support/receiver.ts';

let opened: Storage | undefined;
afterEach(() => opened?.close());

async function open(): Promise<Storage> {
  opened = await openStorage('sqlite::memory:');
  return opened;
}

async function refusal(response: Response): Promise<unknown> {
  return { status: response.status, ...((await response.json()) as { error: object }) };
}

describe('a refused webhook', () => {
  const text = JSON.stringify(activated);
  const signatures: Record<string, string | null> = {
    missing: null,
    empty: '',
    'of another body': sign(`${text} `),
    'by another secret': sign(text, 'whsec_other'),
    'by no secret': sign(text, ''),
    truncated: sign(text).slice(0, -2),
    'of the right length': '0'.repeat(64),
    'of the right length in base64': Buffer.alloc(32).toString('base64'),
    'in base64 and upper case': createHmac('sha256', secret).update(text).digest('base64').toUpperCase(),
    'given twice': `${sign(text)}, ${sign(text)}`,
    'only a prefix': 'sha256=',
    'with its prefix twice': `sha256=sha256=${sign(text)}`,
    'in the wrong encoding': sign(text).split('').reverse().join(''),
  };
  for (const [name, signature] of Object.entries(signatures))
    test(`is answered 401 and leaves nothing where its signature is ${name}`, async () => {
      const receiver = createReceiver(await open());
      const request = webhook(text, signature === null ? {} : { 'x-didfarm-signature': signature });

      expect(await refusal(await receiver.receive(request))).toEqual({
        status: 401,
        error: { status: 401, message: 'The signature is missing or wrong.' },
      });
      await expectNothingWritten(receiver);
    });

  test('is answered 401 before its JSON is looked at', async () => {
    const receiver = createReceiver(await open());

    expect((await receiver.send('{', { 'x-didfarm-signature': sign('[') })).status).toBe(401);
  });

  const malformed: Record<string, string | Buffer> = {
    empty: '',
    truncated: text.slice(0, -1),
    'no UTF-8': Buffer.from([0x22, 0xff, 0x22]),
    'deeper than any parser goes': '['.repeat(200_000),
  };
  for (const [name, body] of Object.entries(malformed))
    test(`is answered 400 and leaves nothing where its body is ${name}`, async () => {
      const receiver = createReceiver(await open());
      const response = await receiver.receive(webhook(body, { 'x-didfarm-signature': sign(body) }));

      expect(await refusal(response)).toMatchObject({ status: 400, error: { message: 'The body is no JSON.' } });
      await expectNothingWritten(receiver);
    });

  const misshapen: Record<string, [body: unknown, field: string | undefined]> = {
    'a list': [[activated], undefined],
    null: [null, undefined],
    'without a name': [{ ...activated, event: undefined }, 'event'],
    'with a name that is none': [{ ...activated, event: 'number activated\n' }, 'event'],
    'without a timestamp': [{ ...activated, timestamp: undefined }, 'timestamp'],
    'with a timestamp that is none': [{ ...activated, timestamp: 'yesterday' }, 'timestamp'],
    'with a timestamp of no calendar': [{ ...activated, timestamp: '2026-13-45T25:00:00Z' }, 'timestamp'],
    'with a timestamp that is empty': [{ ...activated, timestamp: '' }, 'timestamp'],
    'with a timestamp that is null': [{ ...activated, timestamp: null }, 'timestamp'],
    'with a timestamp in seconds': [{ ...activated, timestamp: 1_775_390_400 }, 'timestamp'],
    'with a timestamp of the 30th of February': [{ ...activated, timestamp: '2026-02-30T00:00:00Z' }, 'timestamp'],
    'with a timestamp of six digits': [{ ...activated, timestamp: '+275760-09-13T00:00:00Z' }, 'timestamp'],
    'with a timestamp in an object': [{ ...activated, timestamp: { toString: moment(0) } }, 'timestamp'],
    'with data that are a list': [{ ...activated, data: [] }, 'data'],
    'with data deeper than they may be': [
      `{"event":"x","timestamp":"${moment(0)}","data":${'{"a":'.repeat(100)}1${'}'.repeat(101)}`,
      'data',
    ],
    'without its number': [{ ...activated, data: { ...activated.data, number: undefined } }, 'data.number'],
    'with a number that is none': [{ ...activated, data: { ...activated.data, number: 'x' } }, 'data.number'],
    ...Object.fromEntries(
      ['__proto__', 'constructor', 'prototype'].map((key) => [
        `with a number in ${key}`,
        [
          `{"event":"number.released","timestamp":"${moment(0)}","data":{"${key}":{"number":"${number}"}}}`,
          'data.number',
        ],
      ]),
    ),
    'with its data in __proto__': [`{"event":"x","__proto__":{"timestamp":"${moment(0)}"}}`, 'timestamp'],
  };
  for (const [name, [body, field]] of Object.entries(misshapen))
    test(`is answered 422 with the field and leaves nothing where it is ${name}`, async () => {
      const receiver = createReceiver(await open());

      const answer = (await refusal(await receiver.send(body))) as { status: number; error: { field?: string } };

      expect(answer.status).toBe(422);
      expect(answer.error.field).toBe(field);
      await expectNothingWritten(receiver);
    });

  test('is answered 413 where it is larger than 256 KiB, and taken where it is that large', async () => {
    const receiver = createReceiver(await open());
    const padded = (length: number) => text.padEnd(length, ' ');

    expect((await receiver.send(padded(256 * 1024 + 1))).status).toBe(413);
    await expectNothingWritten(receiver);
    expect((await receiver.send(padded(256 * 1024))).status).toBe(200);
  });

  test('is answered 503 with the reason where no secret is set', async () => {
    const receiver = createReceiver(await open(), { secrets: [] });

    expect(await refusal(await receiver.send(text, { 'x-didfarm-signature': sign(text, '') }))).toMatchObject({
      status: 503,
      error: { message: expect.stringContaining('DIDFARM_WEBHOOK_SECRET') },
    });
    await expectNothingWritten(receiver);
  });

  test('is logged with its reason and nothing of its body', async () => {
    const receiver = createReceiver(await open());

    await receiver.send({ ...activated, data: { number: 'hunter2' } });

    expect(receiver.warnings).toHaveLength(1);
    expect(JSON.stringify(receiver.warnings)).not.toContain('hunter2');
  });
});

describe('a signature', () => {
  const text = JSON.stringify(activated);
  const base64 = createHmac('sha256', secret).update(text).digest('base64');
  const accepted: Record<string, string> = {
    'in hex': sign(text),
    'in upper-case hex': sign(text).toUpperCase(),
    'in hex with its prefix': `sha256=${sign(text)}`,
    'in hex with its prefix, all in upper case': `SHA256=${sign(text).toUpperCase()}`,
    'in base64': base64,
    'in base64 without its padding': base64.replace('=', ''),
    'in base64 with its prefix': `sha256=${base64}`,
    'by the secret that is being replaced': sign(text, 'whsec_old'),
  };
  for (const [name, signature] of Object.entries(accepted))
    test(`is accepted ${name}`, async () => {
      const receiver = createReceiver(await open(), { secrets: [secret, 'whsec_old'] });

      expect((await receiver.send(text, { 'x-didfarm-signature': signature })).status).toBe(200);
    });

  test('by the secret that was replaced is accepted no more', async () => {
    const receiver = createReceiver(await open(), { secrets: ['whsec_new'] });

    expect((await receiver.send(text, { 'x-didfarm-signature': sign(text, 'whsec_old') })).status).toBe(401);
    expect((await receiver.send(text, { 'x-didfarm-signature': sign(text, 'whsec_new') })).status).toBe(200);
  });
});
