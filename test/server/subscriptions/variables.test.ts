import { expect, test } from 'vitest';
import { openInitialised } from '../raw-socket.ts';
import { createSmallServer } from '../small-graph.ts';

test('variables as deep as a message can be end no subscription, and are no error', async () => {
  const server = createSmallServer();
  const caller = await openInitialised((await server.listen()).url);
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const query = 'subscription { ticks(first: true) }';
  caller.send(`{"id":"1","type":"subscribe","payload":{"query":"${query}","variables":{"x":${deep}}}}`);
  for (let given = 0; given < 2; given++) await caller.next();
  server.stage.log.append();

  expect(await caller.next()).toMatchObject({ type: 'next', payload: { data: { ticks: '1' } } });
  expect(server.stage.lines.filter(({ level }) => level === 'error')).toEqual([]);
  caller.socket.terminate();
  await server.close();
});
