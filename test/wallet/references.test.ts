import { expect, test } from 'vitest';
import { orderIdIn, referenceType } from '../../src/wallet/references.ts';

test.each([
  ['order', 'ORDER'],
  ['Orders', 'ORDER'],
  ['App\\Models\\Order', 'ORDER'],
  ['number', 'NUMBER'],
  ['did', 'NUMBER'],
  ['did_number', 'NUMBER'],
  ['App\\Models\\DidNumber', 'NUMBER'],
  ['trunk', 'TRUNK'],
  ['sip_trunk', 'TRUNK'],
  ['App\\Models\\SipTrunk', 'TRUNK'],
  ['payment', 'UNKNOWN'],
  ['orderly', 'UNKNOWN'],
  ['payment_order', 'UNKNOWN'],
  ['App\\Models\\PaymentOrder', 'UNKNOWN'],
  ['phone_number_lookup', 'UNKNOWN'],
  ['ticket number', 'UNKNOWN'],
  ['', 'UNKNOWN'],
  [null, 'UNKNOWN'],
])('DIDfarm writing %j refers to %s', (raw, type) => {
  expect(referenceType(raw)).toBe(type);
});

test('an order is named by a whole number and by nothing else', () => {
  expect(orderIdIn({ type: 'ORDER', id: '1042' })).toBe(1042);
  expect(orderIdIn({ type: 'ORDER', id: 'ORD-1042' })).toBeNull();
  expect(orderIdIn({ type: 'NUMBER', id: '1042' })).toBeNull();
});
