import { expect, test } from 'vitest';
import { startAccessGateway } from '../support/access-gateway.ts';

const trunks = '{ trunks { totalCount } }';
const following = 'subscription { trunkStatus { trunk { uuid } } }';

test('a client’s viewer is told nothing of the call that failed behind an answer, over each transport; an operator is', async () => {
  await using gateway = await startAccessGateway({
    holders: { noc: '--role OPERATOR', acme: '--role CLIENT --client Acme Corp' },
  });
  gateway.sandbox.control.faults.add({ kind: 'status', status: 401 });
  const { bearers, clock } = gateway;
  const told = async (who: keyof typeof bearers) => {
    const post = await gateway.ask(bearers[who], trunks);
    const get = await clock.through(gateway.fetch(`/graphql?query=${encodeURI(trunks)}`, { headers: bearers[who] }));
    const events = await gateway.follow(bearers[who], following);
    const socket = await gateway.connect(bearers[who]);
    await socket.next();
    const sent: string[] = [];
    for (const [id, query] of [trunks, following].entries()) {
      socket.subscribe(`${id}`, query);
      let message = await clock.through(socket.next());
      while (message.id !== `${id}`) message = await socket.next();
      sent.push(JSON.stringify(message));
    }
    socket.socket.close();
    await socket.closed;
    return [post.text, await get.text(), JSON.stringify(await events.rest()), ...sent];
  };
  const inside = /sip-trunks|DIDFARM_API_KEY|CONFIGURATION/;
  for (const answer of await told('noc')) expect(answer).toMatch(inside);
  for (const answer of await told('acme')) {
    expect(answer).toContain('This cannot be answered at the moment');
    expect(answer).not.toMatch(inside);
  }
});
