import { expect, test } from 'vitest';
import { bearerOf, credentialsOf } from '../../src/access/credentials.ts';
import { presented } from './support/presented.ts';

const headers = new Headers({
  authorization: 'Bearer of-the-header',
  cookie: 'a=b',
  origin: 'https://a.example',
  'x-xsrf-token': 'x',
});
const header = (name: string) => headers.get(name);

test('a request presents its headers', () => {
  expect(credentialsOf(header, true)).toEqual({
    authorization: 'Bearer of-the-header',
    cookie: 'a=b',
    xsrfToken: 'x',
    origin: 'https://a.example',
    fromLoopback: true,
  });
  expect(credentialsOf(() => null, false)).toEqual(presented());
});

test('connection_init presents what a browser can set on no handshake, but neither cookies nor an origin', () => {
  const init = {
    Authorization: 'Bearer of-init',
    'X-XSRF-TOKEN': 'y',
    cookie: 'stolen=1',
    origin: 'https://b.example',
  };

  expect(credentialsOf(header, false, init)).toEqual({
    authorization: 'Bearer of-init',
    cookie: 'a=b',
    xsrfToken: 'y',
    origin: 'https://a.example',
    fromLoopback: false,
  });
});

test.each([
  null,
  undefined,
  1,
  'text',
  [],
  { authorization: 7 },
  { authorization: null },
  JSON.parse('{"__proto__": {"authorization": "x"}}'),
])('an init of another form presents nothing: %j', (init) => {
  expect(credentialsOf(header, false, init)).toEqual(credentialsOf(header, false));
});

test('a bearer token has a bounded length', () => {
  expect(bearerOf(presented({ authorization: `Bearer ${'a'.repeat(16_000)}` }))).toHaveLength(16_000);
  expect(bearerOf(presented({ authorization: `Bearer ${'a'.repeat(16_384)}` }))).toBeNull();
});
