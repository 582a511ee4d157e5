import { expect, test } from 'vitest';
import { createBodyReader } from '../../src/webhooks/body.ts';

/** A webhook that comes as it is written. */
function coming() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const request = new Request('http://gateway.test', { method: 'POST', body: readable, duplex: 'half' } as RequestInit);
  return { request, write: (bytes: number) => writer.write(new Uint8Array(bytes)), end: () => writer.close() };
}

test('of bodies that do not end the one that has been coming for longest is cut, and the others are read', async () => {
  const read = createBodyReader(100);
  const [first, second, third] = [coming(), coming(), coming()];
  const [oldest, next, last] = [read(first.request), read(second.request), read(third.request)];
  const cut = expect(oldest).rejects.toMatchObject({ name: 'WebhookRefusal', status: 503 });
  await first.write(40);
  await second.write(40);
  await third.write(40);
  await cut;
  void second.end();
  void third.end();

  expect([(await next).length, (await last).length]).toEqual([40, 40]);
});

test('what was read takes no room from what comes after it', async () => {
  const read = createBodyReader(100);
  for (let count = 0; count < 5; count++) {
    const webhook = coming();
    const body = read(webhook.request);
    await webhook.write(60);
    void webhook.end();
    expect((await body).length).toBe(60);
  }
});
