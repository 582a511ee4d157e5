import { beforeEach, describe, expect, test } from 'vitest';
import { largestBody, useBodyLimit, usualBody } from '../../src/server/body-limit.ts';
import { createPagedGraph, createProtectedYoga } from './protected-graph.ts';

let asked = 0;
beforeEach(() => {
  asked = 0;
});
const { schema } = createPagedGraph();
const yogaFor = (mayUpload: boolean) =>
  createProtectedYoga(
    schema,
    [
      useBodyLimit(async () => {
        asked += 1;
        return mayUpload;
      }),
    ],
    { maxRequestBodySize: 20_000_000 },
  ).yoga;

/** An operation of exactly that many bytes. */
function operation(bytes: number): string {
  const body = (filler: string) => JSON.stringify({ query: '{ hello }', variables: { filler } });
  return body('x'.repeat(bytes - body('').length));
}

/** A body whose length is not known before; `pulled` counts what was read of it. */
function streamed(text: string) {
  const pulled = { bytes: 0 };
  const bytes = Buffer.from(text);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled.bytes >= bytes.length) return controller.close();
      const chunk = bytes.subarray(pulled.bytes, pulled.bytes + 65_536);
      pulled.bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return { body, pulled };
}

async function send(yoga: ReturnType<typeof yogaFor>, text: string, way: 'told' | 'streamed') {
  const { body, pulled } = streamed(text);
  const response = await yoga.fetch('http://gateway/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(way === 'told' ? { 'content-length': String(Buffer.byteLength(text)) } : {}),
    },
    body,
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, body: await response.json(), pulled: pulled.bytes };
}

const refused = (allowed: number) => ({
  status: 413,
  body: { errors: [expect.objectContaining({ extensions: { code: 'REQUEST_ENTITY_TOO_LARGE', allowed } })] },
});
const answered = { status: 200, body: { data: { hello: 'hello' } } };

describe.each(['told', 'streamed'] as const)('a body whose length is %s', (way) => {
  test('may have 1 MiB from anybody, who is not asked for', async () => {
    expect(await send(yogaFor(false), operation(usualBody), way)).toMatchObject(answered);
    expect(asked).toBe(0);
  });

  test('and no byte more, of which no more is read than shows it', async () => {
    const { pulled, ...answer } = await send(yogaFor(false), operation(5 * usualBody), way);

    expect(answer).toEqual(refused(usualBody));
    expect(pulled).toBeLessThan(2 * usualBody);
    expect(await send(yogaFor(false), operation(usualBody + 1), way)).toMatchObject(refused(usualBody));
    expect(asked).toBe(2);
  });

  test('may have as much as a submission of documents needs, from those who may submit; they are asked for once', async () => {
    expect(await send(yogaFor(true), operation(largestBody), way)).toMatchObject(answered);
    expect(asked).toBe(1);
  });

  test('but no more than that', async () => {
    expect(await send(yogaFor(true), operation(largestBody + 1), way)).toMatchObject(refused(largestBody));
  });
});

test('is large enough for 10 MB of documents in base64', () => {
  expect(Math.ceil((10 * 1024 * 1024) / 3) * 4 + 100_000).toBeLessThan(largestBody);
});
