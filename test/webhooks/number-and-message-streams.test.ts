import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { callerOf } from './support/graph.ts';
import { eachWithSandbox } from './support/listed.ts';
import { number } from './support/receiver.ts';

const start = eachWithSandbox();

eachDatabase('numberStatus and messageReceived', (open) => {
  test('tell of numbers and of texts as they are then', async () => {
    const receiver = await start(open);
    const caller = callerOf(receiver);
    const numbers = await caller.follow(
      'subscription ($number: PhoneNumber) { numberStatus(number: $number) { e164 status regulatoryStatus trunk { uuid } } }',
      { number },
    );
    const messages = await caller.follow('subscription { messageReceived { from to body number { e164 } } }');

    await receiver.sendEvent('number.activated', 1, { number: '+31201234599', trunk_uuid: receiver.uuid(0) });
    await receiver.sendEvent('number.activated', 2, { number, trunk_uuid: receiver.uuid(0) });
    expect(await numbers.next()).toEqual({
      e164: number,
      status: 'ACTIVE',
      regulatoryStatus: 'UNKNOWN',
      trunk: { uuid: receiver.uuid(0) },
    });
    await receiver.sendEvent('regulatory.approved', 3, { number });
    expect(await numbers.next()).toMatchObject({ status: 'ACTIVE', regulatoryStatus: 'APPROVED' });
    await receiver.sendEvent('message.received', 4, { from: '+31687654321', to: number, body: 'Hi' });
    expect(await messages.next()).toEqual({ from: '+31687654321', to: number, body: 'Hi', number: { e164: number } });
    await Promise.all([numbers.end(), messages.end()]);
  });

  test("tell a client's viewer of its own", async () => {
    const receiver = await start(open);
    const own = await receiver.clientOf(1);
    const stream = await callerOf(receiver, { role: 'CLIENT', client: own }).follow(
      'subscription { messageReceived { body } }',
    );
    const text = { from: '+31687654321', to: number };

    await receiver.sendEvent('message.received', 1, { ...text, body: 'theirs', trunk_uuid: receiver.uuid(0) });
    await receiver.sendEvent('message.received', 2, { ...text, body: 'nobody’s' });
    await receiver.sendEvent('message.received', 3, { ...text, body: 'own', trunk_uuid: receiver.uuid(1) });

    expect(await stream.next()).toEqual({ body: 'own' });
    await stream.end();
  });
});
