import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { activated, sign } from './support/receiver.ts';

let gateway: Gateway;
let url = '';
let secret = '';
beforeAll(async () => {
  gateway = await startGateway({ imported: false });
  url = `${(await gateway.app.listen()).url}/webhooks/didfarm`;
  secret = gateway.sandbox.webhookSecret;
});
afterAll(() => gateway[Symbol.asyncDispose]());

const limit = 256 * 1024;
let sent = 0;
/** An event that was not sent before. */
const nextBody = () => JSON.stringify({ ...activated, event: 'call.started', attempt: ++sent });
const recorded = async () => (await gateway.app.storage.db.selectFrom('events').select('seq').execute()).length;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** In these pieces; chunked where no Content-Length is given. */
async function send(pieces: readonly (string | Buffer)[], options: RequestOptions = {}): Promise<Answer> {
  const outgoing = httpRequest(url, { method: 'POST', agent: false, ...options });
  // The gateway may answer and close before it was told everything.
  outgoing.on('error', () => undefined);
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  for (const piece of pieces) outgoing.write(piece);
  outgoing.end();
  const [response] = await answered;
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, text: Buffer.concat(await response.toArray()).toString() };
}

const signed = (body: string | Buffer, headers: Readonly<Record<string, string | number>> = {}) => ({
  headers: { 'x-didfarm-signature': sign(body, secret), ...headers },
});

test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is answered 405', async (method) => {
  const { status, headers } = await send([], { method });

  expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'POST' });
});

test.each([
  undefined,
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'nonsense',
])('a body with the content type %s is verified and taken by its bytes', async (type) => {
  const before = await recorded();
  const [body, other] = [nextBody(), nextBody()];
  const typed = type === undefined ? {} : { 'content-type': type };

  expect((await send([body], signed(body, typed))).status).toBe(200);
  expect((await send([body], signed(other, typed))).status).toBe(401);

  expect(await recorded()).toBe(before + 1);
});

test.each([
  ['with its length', (length: number) => ({ 'content-length': length })],
  ['in chunks', () => ({})],
])('a body of 256 KiB is taken and one of a byte more answered 413, %s', async (_how, headersOf) => {
  const before = await recorded();
  const whole = nextBody().padEnd(limit, ' ');
  const [first, second] = [whole.slice(0, 1000), whole.slice(1000)];

  expect((await send([first, second], signed(whole, headersOf(limit)))).status).toBe(200);
  expect((await send([first, second, ' '], signed(`${whole} `, headersOf(limit + 1)))).status).toBe(413);

  expect(await recorded()).toBe(before + 1);
});

test('a body without end is answered 413 and not waited for', async () => {
  const outgoing = httpRequest(url, { method: 'POST', agent: false });
  outgoing.on('error', () => undefined);
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  outgoing.write(Buffer.alloc(limit + 1));

  const [response] = await answered;

  expect(response.statusCode).toBe(413);
  outgoing.destroy();
});

test('a compressed body is verified as it was sent, and is no JSON', async () => {
  const before = await recorded();
  const plain = nextBody();
  const compressed = gzipSync(plain);
  const encoding = { 'content-encoding': 'gzip', 'content-length': compressed.length };

  expect((await send([compressed], signed(plain, encoding))).status).toBe(401);
  expect((await send([compressed], signed(compressed, encoding))).status).toBe(400);
  expect(await recorded()).toBe(before);
});

test('a body that stops half-way leaves nothing, and others are answered meanwhile', async () => {
  const before = await recorded();
  const { hostname, port } = new URL(url);
  const body = nextBody();
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const head = ['POST /webhooks/didfarm HTTP/1.1', `host: ${hostname}:${port}`, `content-length: ${body.length + 10}`];
  socket.write(`${[...head, `x-didfarm-signature: ${sign(body, secret)}`].join('\r\n')}\r\n\r\n${body}`);

  const other = nextBody();
  expect((await send([other], signed(other))).status).toBe(200);
  socket.destroy();
  const another = nextBody();
  expect((await send([another], signed(another))).status).toBe(200);

  expect(await recorded()).toBe(before + 2);
  await expect.poll(() => gateway.log.filter((line) => line.includes('The caller is gone'))).toHaveLength(1);
});

test('nothing but that it is refused is told of a signature, whatever is wrong with it', async () => {
  const body = nextBody();
  const signatures = [undefined, '', 'x', '0'.repeat(64), sign(body, 'whsec_other'), sign(`${body} `, secret)];

  const answers = await Promise.all(
    signatures.map(async (signature) => {
      const given = signature === undefined ? {} : { 'x-didfarm-signature': signature };
      const { status, headers, text } = await send([body], { headers: given });
      const { date: _date, 'x-request-id': _requestId, ...others } = headers;
      return { status, others, text };
    }),
  );

  expect(answers[0]).toMatchObject({
    status: 401,
    text: '{"error":{"message":"The signature is missing or wrong.","status":401}}',
  });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
