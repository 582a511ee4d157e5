import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import {
  AssignNumberDocument,
  CheckoutDocument,
  CreateTrunkDocument,
  OnboardClientDocument,
  RegenerateTrunkCredentialsDocument,
  SendMessageDocument,
  SubmitRegulatoryDocument,
} from '../generated/graphql.ts';
import { type Deed, deeds } from './differences.ts';
import { type Facts, flat } from './facts.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { VariantCase } from './variants.ts';

const amsterdam = { e164: '+31201234567', country: 'NL', type: 'LOCAL' } as const;
const pdf = Buffer.from('%PDF-1.7 Jan Jansen').toString('base64');
const passport = { type: 'passport', filename: 'passport.pdf', contentType: 'application/pdf', content: pdf };
/** What the text is, and who gets it. */
export const text = { to: '+31687654321', body: 'Tot morgen' };

/** A gateway that has read all there is to read of a DIDfarm that answers in this way and delivers its events. */
export async function startVariant({ variants }: Pick<VariantCase, 'variants'>): Promise<Gateway> {
  const gateway = await startGateway({ sandbox: { transactions: 20, balance: '10.00', variants } });
  const { url } = await gateway.app.listen();
  gateway.sandbox.control.webhooks.configure({ url: `${url}/webhooks/didfarm` });
  // As a shop does before it sells.
  await gateway.askText('{ availableNumbers(country: "NL", type: LOCAL, city: "Amsterdam") { nodes { e164 } } }');
  await pass(gateway, 60_000);
  return gateway;
}

/** Time goes by; what it brings has arrived, and what goes on behind the answers has come to rest. */
export async function pass({ app, clock, sandbox }: Gateway, milliseconds: number): Promise<void> {
  await clock.advance(milliseconds);
  await clock.through(sandbox.control.webhooks.idle());
  await clock.through(app.settled());
}

/** The number, trunk and sender that the mutations are about, as DIDfarm's own books have them. */
export function subjects({ sandbox }: Gateway) {
  const { trunks, numbers } = sandbox.control.world;
  const trunk = trunks.all()[1];
  const sender = numbers.all().find((each) => each.smsEnabled && each.status === 'active');
  if (trunk === undefined || sender === undefined) throw new Error('The sandbox has no second trunk or no sender');
  return { trunk, sender, number: amsterdam };
}

/** The trunk as a listing gives it: by its id in the graph. */
async function trunkNamed(gateway: Gateway): Promise<string> {
  const { id, uuid } = subjects(gateway).trunk;
  const { data } = await gateway.askText('{ trunks(first: 50) { nodes { id uuid sipTrunkId } } }');
  const { nodes = [] } = (data?.['trunks'] ?? {}) as { nodes?: { id: string; uuid: string; sipTrunkId: number }[] };
  return nodes.find((each) => each.sipTrunkId === id || each.uuid === uuid)?.id ?? uuid;
}

/** What was answered as one line a field; a field that could not be resolved has the code of its error. */
export async function factsOf<Data, Variables>(
  { ask }: Gateway,
  document: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
): Promise<Facts> {
  const { data, errors = [] } = await ask(document, variables);
  const [payload] = Object.values(data ?? {});
  const broken = errors.map(({ path = [], extensions }) => [path.slice(1).join('.'), extensions['code']]);
  return { ...flat(payload), ...Object.fromEntries(broken) };
}

/** The mutations, each under its own name as key. `routed`: the number to assign, by default the one that is bought. */
export async function performing(
  gateway: Gateway,
  routed: string = amsterdam.e164,
): Promise<Readonly<Record<Deed, () => Promise<Facts>>>> {
  const { sender, number } = subjects(gateway);
  const trunk = await trunkNamed(gateway);
  const client = { name: 'Nieuwe Klant', country: 'GB', type: 'LOCAL' } as const;
  const input = <Rest extends object>(idempotencyKey: Deed, rest: Rest) => ({ input: { ...rest, idempotencyKey } });
  return {
    checkout: () => factsOf(gateway, CheckoutDocument, input('checkout', { items: [number] })),
    assignNumber: () => factsOf(gateway, AssignNumberDocument, input('assignNumber', { number: routed, trunk })),
    createTrunk: () => factsOf(gateway, CreateTrunkDocument, input('createTrunk', { name: 'Second' })),
    regenerateTrunkCredentials: () =>
      factsOf(gateway, RegenerateTrunkCredentialsDocument, input('regenerateTrunkCredentials', { trunk })),
    sendMessage: () => factsOf(gateway, SendMessageDocument, input('sendMessage', { ...text, from: sender.e164 })),
    submitRegulatory: () =>
      factsOf(
        gateway,
        SubmitRegulatoryDocument,
        input('submitRegulatory', { number: number.e164, documents: [passport] }),
      ),
    onboardClient: () => factsOf(gateway, OnboardClientDocument, input('onboardClient', client)),
  };
}

/** Each mutation once, and what it answered. */
export async function performAll(gateway: Gateway): Promise<Readonly<Record<Deed, Facts>>> {
  const all = await performing(gateway);
  const answers: Partial<Record<Deed, Facts>> = {};
  for (const deed of deeds) {
    answers[deed] = await all[deed]();
    await gateway.clock.through(gateway.app.settled());
  }
  return answers as Readonly<Record<Deed, Facts>>;
}

/** The calls that change something, which DIDfarm has done or may have. */
export function changes({ sandbox }: Gateway): Readonly<Record<string, number>> {
  const done = sandbox.control.callLog().filter(({ route, status }) => route.startsWith('POST') && status < 400);
  return Object.fromEntries(
    [...Map.groupBy(done, ({ route }) => route)].map(([route, records]) => [route, records.length]),
  );
}
