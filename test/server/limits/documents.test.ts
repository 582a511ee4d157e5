import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createDocumentCache } from '../../../src/server/limits/documents.ts';
import { ask, createSmallServer } from '../small-graph.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('a document is remembered until others take its room, and one that is larger than all room never', () => {
  const cache = createDocumentCache(30);
  const remember = (text: string) => cache.set(text, parse(text));

  for (const text of ['{ one }', '{ two }', '{ three }']) remember(text);
  expect([...cache.keys()]).toEqual(['{ three }', '{ two }', '{ one }']);
  remember('{ four { five } }');
  expect([...cache.keys()]).toEqual(['{ four { five } }', '{ three }']);
  remember(`{ one } # ${'x'.repeat(30)}`);
  expect([...cache.keys()]).toEqual(['{ four { five } }', '{ three }']);
});

test('who sends ever new documents, as large as may be, does not fill the memory', async () => {
  const server = createSmallServer();
  const held = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const send = async (from: number, count: number) => {
    for (let nth = from; nth < from + count; nth++)
      await ask(server, `query q${nth} { hello } ${'#\n'.repeat(45_000)}`);
  };
  await send(0, 10);
  const before = held();
  await send(10, 40);

  // A document keeps its comments, of which each takes some hundred bytes: all of them are 200 MiB.
  expect((held() - before) / 1_048_576).toBeLessThan(100);
  await server.close();
});
