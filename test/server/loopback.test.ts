import { expect, test } from 'vitest';
import { comesFromThisMachine } from '../../src/server/loopback.ts';

const from = (remoteAddress: string | undefined, headers = {}) =>
  comesFromThisMachine({ socket: { remoteAddress }, headers: { host: 'localhost', ...headers } });

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('somebody at this machine asks: %s', (address) => {
  expect(from(address)).toBe(true);
});

test.each([
  '10.0.0.1',
  '192.168.1.2',
  '::ffff:10.0.0.1',
  '1.127.0.0.1',
  '127.0.0.1.evil',
  '2001:db8::1',
  '',
  undefined,
])('somebody elsewhere asks: %s', (address) => {
  expect(from(address)).toBe(false);
});

test.each([
  ['forwarded', 'for=203.0.113.7'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', 'graph.example.com'],
  ['x-real-ip', '203.0.113.7'],
  ['via', '1.1 proxy'],
])('a proxy at this machine speaks for others: %s', (name, value) => {
  expect(from('127.0.0.1', { [name]: value })).toBe(false);
});
