import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, createSmallServer } from './small-graph.ts';

let server: ReturnType<typeof createSmallServer>;
beforeEach(() => {
  server = createSmallServer();
});
afterEach(() => server.close());

describe('an error that nobody foresaw', () => {
  test('is answered without its text, with the id under which the log has it', async () => {
    const { body, status } = await ask(server, '{ broken }', { headers: { 'x-request-id': 'frontend-7' } });

    expect(status).toBe(200);
    expect(body.data).toEqual({ broken: null });
    expect(body.errors).toEqual([
      {
        message: 'Unexpected error.',
        path: ['broken'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'frontend-7' },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('secret');
    const logged = server.stage.lines.filter((line) => line['level'] === 'error');
    expect(logged).toEqual([
      expect.objectContaining({
        requestId: 'frontend-7',
        path: 'broken',
        err: expect.objectContaining({ message: 'the secret inside', stack: expect.stringContaining('small-graph') }),
      }),
    ]);
  });

  test('leaves the other root fields as they are', async () => {
    const { body } = await ask(server, '{ hello broken known }');

    expect(body.data).toEqual({ hello: 'hello', broken: null, known: null });
    expect(body.errors?.map((error) => error.extensions?.['code'])).toEqual(['INTERNAL_SERVER_ERROR', 'NOT_FOUND']);
  });

  test.each([
    ['returned a value of another type', '{ notAnInt }'],
    ['threw a GraphQL error without a code', '{ uncoded }'],
  ])('is masked as well where a resolver %s', async (_, query) => {
    const { body } = await ask(server, query);

    expect(body.errors?.map((error) => error.extensions?.['code'])).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('is masked as well while the context is made', async () => {
    await using failing = closing(
      createSmallServer({
        createContext: () => {
          throw new Error('the secret inside');
        },
      }),
    );
    const { body } = await ask(failing.server, '{ hello }', { headers: { 'x-request-id': 'frontend-8' } });

    expect(body.errors?.[0]).toMatchObject({
      message: 'Unexpected error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'frontend-8' },
    });
  });
});

describe('an error of the gateway itself', () => {
  test('keeps its message and code at the place of the field', async () => {
    const { body } = await ask(server, '{ known }');

    expect(body.errors?.[0]).toMatchObject({
      message: 'Nothing like that',
      path: ['known'],
      extensions: { code: 'NOT_FOUND' },
    });
    expect(server.stage.lines.filter((line) => line['level'] === 'error')).toEqual([]);
  });

  test('passes unchanged where it has its code already', async () => {
    const { body } = await ask(server, '{ coded }');

    expect(body.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', argument: 'x' });
  });
});

describe('a request that cannot be run', () => {
  test.each([
    ['a variable of the wrong type', 'query ($times: Int) { hello(times: $times) }', { variables: { times: 'many' } }],
    ['a literal of the wrong type', '{ hello(times: "many") }', {}],
  ])('is refused as bad input: %s', async (_, query, init) => {
    const { body, status } = await ask(server, query, init);

    expect(status).toBe(400);
    expect(body.data).toBeUndefined();
    expect(body.errors?.map((error) => error.extensions?.['code'])).toEqual(['BAD_USER_INPUT']);
    expect(server.stage.lines.filter((line) => line['level'] === 'error')).toEqual([]);
  });

  test('is refused at its field alone where only that argument is wrong', async () => {
    const { body, status } = await ask(server, 'query ($times: Int) { hello again(times: $times) }', {
      variables: { times: null },
    });

    expect(status).toBe(200);
    expect(body.data).toEqual({ hello: 'hello', again: null });
    expect(body.errors).toMatchObject([{ path: ['again'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test.each([
    ['a syntax error', '{ hello', 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', 'query B { goodbye }', 'GRAPHQL_VALIDATION_FAILED'],
    ['an operation name that the document has not', 'query A { hello }', 'OPERATION_RESOLUTION_FAILURE'],
  ])('is refused with its own code: %s', async (_, query, code) => {
    const { body, status } = await ask(server, query, { operationName: 'B' });

    expect(status).toBe(400);
    expect(body.errors?.map((error) => error.extensions?.['code'])).toEqual([code]);
  });

  test('is refused by introspection where that is off', async () => {
    await using closed = closing(createSmallServer({ config: { introspection: false } }));
    const { body } = await ask(closed.server, '{ __schema { queryType { name } } }');

    expect(body.errors?.[0]?.message).toContain('introspection');
    expect(body.data).toBeUndefined();
  });
});

test('the extensions are on every result, also beside errors', async () => {
  const good = await ask(server, '{ hello }');
  const bad = await ask(server, '{ known }');

  expect(good.body.extensions).toEqual({ upstream: { greeting: 'hello' } });
  expect(bad.body.extensions).toEqual({ upstream: { greeting: 'hello' } });
});

function closing(server: ReturnType<typeof createSmallServer>) {
  return { server, [Symbol.asyncDispose]: () => server.close() };
}
