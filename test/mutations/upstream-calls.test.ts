import { expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { everyMutation, payloads } from './support/everything.ts';

test('every answer counts all that its mutation sent: searches, listings, the step itself and the balance before and afterwards', async () => {
  await using gateway = await startGateway({ rateLimit: 600, sandbox: { rateLimit: null } });
  const { control } = gateway.sandbox;
  const counted: [string, number | undefined][] = [];
  const sent: [string, number][] = [];
  for (const [index, send] of everyMutation(gateway).entries()) {
    const name = String(payloads[index]);
    // So that a listing is old, and is read again wherever one is needed.
    await gateway.clock.advance(120_000);
    control.resetCalls();
    const { extensions } = await send();
    counted.push([name, extensions?.upstream.calls]);
    sent.push([name, control.calls().total]);
  }
  expect(counted).toEqual(sent);
  expect(Object.fromEntries(counted)).toMatchObject({
    CheckoutPayload: 3,
    AssignNumberPayload: 2,
    CreateTrunkPayload: 2,
    SendMessagePayload: 3,
    OnboardClientPayload: 6,
  });
});
