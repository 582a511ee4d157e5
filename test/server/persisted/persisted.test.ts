import { beforeEach, describe, expect, test } from 'vitest';
import { hashOf } from '../../../src/server/persisted/manifest.ts';
import { type Asked, createPersistedOperations } from '../../../src/server/persisted/persisted.ts';
import { createPagedGraph, createProtectedYoga, envelop, post } from '../protected-graph.ts';

const hello = 'query Hello { hello }';
const changes = 'subscription Changes { changes { id } }';
const change = 'mutation Change { change }';
const documents = new Map([hello, changes, change].map((document) => [hashOf(document), document]));
documents.set('named-by-hand', hello);
const unknown = hashOf('{ unknown }');

let graph: ReturnType<typeof createPagedGraph>;
beforeEach(() => {
  graph = createPagedGraph();
});
function persisted(only: boolean) {
  const operations = createPersistedOperations(documents, only);
  return { operations, yoga: createProtectedYoga(graph.schema, [operations.plugin()]).yoga };
}

const apollo = (hash: unknown) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: hash } } });
const coded = (code: string) => [{ extensions: { code } }];
const address = (params: Record<string, string>) => `http://gateway/graphql?${new URLSearchParams(params)}`;

describe.each([false, true])('an operation is run by its id, PERSISTED_ONLY being %s:', (only) => {
  test.each<[string, object]>([
    ['documentId', { documentId: hashOf(hello) }],
    ['documentId with its algorithm', { documentId: `sha256:${hashOf(hello)}` }],
    ['an id of another tool', { documentId: 'named-by-hand' }],
    ['Apollo’s extension', apollo(hashOf(hello))],
    ['an id and an empty text', { documentId: hashOf(hello), query: '' }],
    ['its own text', { query: hello }],
    ['its own text and its hash', { query: hello, ...apollo(hashOf(hello)) }],
  ])('%s', async (_, asked) => {
    const { yoga, operations } = persisted(only);

    expect(await post(yoga, asked)).toEqual({ status: 200, body: { data: { hello: 'hello' } } });
    // As a WebSocket's operation: resolved by itself, then enveloped.
    expect(await envelop(yoga, operations.textOf(asked as Asked) ?? '')).toEqual({ data: { hello: 'hello' } });
  });

  test('over GET', async () => {
    const { yoga } = persisted(only);
    for (const params of [
      { documentId: hashOf(hello) },
      { extensions: JSON.stringify(apollo(hashOf(hello)).extensions) },
    ]) {
      const response = await yoga.fetch(address(params));
      expect([response.status, await response.json()]).toEqual([200, { data: { hello: 'hello' } }]);
    }
    expect((await yoga.fetch(address({ documentId: hashOf(change) }))).status).toBe(405);
  });

  test('over SSE', async () => {
    const { yoga } = persisted(only);
    const response = await yoga.fetch(address({ documentId: hashOf(changes) }), {
      headers: { accept: 'text/event-stream' },
    });

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toContain('data: {"data":{"changes":{"id":"1"}}}');
  });

  test('and one that is not known is refused with the code that Apollo’s clients know', async () => {
    const { yoga, operations } = persisted(only);
    for (const asked of [{ documentId: unknown }, apollo(unknown), { documentId: '__proto__' }, { documentId: '' }]) {
      expect((await post(yoga, asked)).body.errors).toMatchObject(coded('PERSISTED_QUERY_NOT_FOUND'));
      expect(() => operations.textOf(asked)).toThrow('no persisted operation');
    }
    expect(graph.ran.fields).toBe(0);
  });

  test.each([{}, { documentId: 7 }, apollo(7), { extensions: { persistedQuery: null } }, { query: null }])(
    'and where there is neither id nor text, that is said: %o',
    async (asked) => {
      const { status, body } = await post(persisted(only).yoga, asked);
      expect([status, body.errors?.[0]?.message]).toEqual([400, 'Must provide query string.']);
    },
  );
});

describe('any other text', () => {
  test.each(['{ hello }', `${hello} `, `# ${hello}`, '{ __schema { description } }', '{ __typename }', `{ syntax`])(
    'runs nothing where only persisted operations run, over HTTP and over the envelope: %s',
    async (query) => {
      const { yoga } = persisted(true);
      for (const asked of [{ query }, { query, documentId: hashOf(hello) }, { query, ...apollo(hashOf(hello)) }]) {
        const { status, body } = await post(yoga, asked);
        expect([status, body.data]).toEqual([400, undefined]);
        expect(body.errors).toMatchObject(coded('PERSISTED_ONLY'));
      }
      expect((await envelop(yoga, query)).errors).toMatchObject(coded('PERSISTED_ONLY'));
      const sse = await yoga.fetch(address({ query }), { headers: { accept: 'text/event-stream' } });
      expect(await sse.text()).toContain('PERSISTED_ONLY');
      expect(graph.ran.fields).toBe(0);
    },
  );

  test('runs where others may, too', async () => {
    expect((await post(persisted(false).yoga, { query: '{ hello }' })).body).toEqual({ data: { hello: 'hello' } });
  });
});
