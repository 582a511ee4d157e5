import { expect, test } from 'vitest';
import { encodeId } from '../../src/graph/identifiers.ts';
import { startGateway } from '../support/gateway.ts';

const node = 'query ($id: ID!) { node(id: $id) { id } }';
const nodes = 'query ($id: ID!) { nodes(ids: [$id]) { id } }';

test.each(['Foo:1', 'Money:1', 'Event:1', 'Query:1', 'Node:1', 'Trunk:\0'])(
  'the id of %j, which is no node, is no id of this graph',
  async (text) => {
    await using gateway = await startGateway();
    const [typename = '', key = ''] = text.split(':');

    for (const query of [node, nodes])
      expect((await gateway.askText(query, { id: encodeId(typename, key) })).errors).toMatchObject([
        { message: expect.stringContaining('is not an id of this graph'), extensions: { code: 'BAD_USER_INPUT' } },
      ]);
  },
);

test('the id of a node that is not there is null', async () => {
  await using gateway = await startGateway();

  expect((await gateway.askText(node, { id: encodeId('Trunk', 'nowhere') })).data).toEqual({ node: null });
});
