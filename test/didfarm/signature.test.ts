import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSignedBy } from '../../src/didfarm/signature.ts';

const body = Buffer.from('{"event":"number.activated","data":{"city":"Köln"}}');
const sign = (encoding: 'hex' | 'base64', secret = 'whsec_new') =>
  createHmac('sha256', secret).update(body).digest(encoding);

describe('a signature is accepted', () => {
  test.each([
    ['hex', sign('hex')],
    ['upper-case hex', sign('hex').toUpperCase()],
    ['base64', sign('base64')],
    ['base64 without padding', sign('base64').replace('=', '')],
    ['hex with a prefix', `sha256=${sign('hex')}`],
    ['base64 with a prefix', `sha256=${sign('base64')}`],
    ['hex of the older secret', sign('hex', 'whsec_old')],
  ])('in %s', (_, signature) => {
    expect(isSignedBy(body, signature, ['whsec_new', 'whsec_old'])).toBe(true);
  });
});

describe('a signature is refused', () => {
  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['only a prefix', 'sha256='],
    ['of another secret', sign('hex', 'whsec_other')],
    ['cut short', sign('hex').slice(0, 62)],
    ['with one digit changed', sign('hex').replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))],
    ['with something behind it', `${sign('hex')}00`],
    ['of another algorithm', `sha512=${sign('hex')}`],
    ['that is no encoding at all', 'ü'.repeat(64)],
  ])('that is %s', (_, signature) => {
    expect(isSignedBy(body, signature, ['whsec_new', 'whsec_old'])).toBe(false);
  });

  test('where one byte of the body differs', () => {
    expect(isSignedBy(Buffer.concat([body, Buffer.from(' ')]), sign('hex'), ['whsec_new'])).toBe(false);
  });

  test('where no secret is known, or only an empty one', () => {
    expect(isSignedBy(body, sign('hex', ''), [])).toBe(false);
    expect(isSignedBy(body, sign('hex', ''), [''])).toBe(false);
  });
});
