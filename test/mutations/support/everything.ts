import {
  AssignNumberDocument,
  AssignTrunkToClientDocument,
  CheckoutDocument,
  CreateTrunkDocument,
  ImportNumbersDocument,
  OnboardClientDocument,
  RegenerateTrunkCredentialsDocument,
  SendMessageDocument,
  SubmitRegulatoryDocument,
} from '../../generated/graphql.ts';
import type { Gateway } from '../../support/gateway.ts';
import { amsterdam } from './shop.ts';

/** What a text and a document say: nobody else is to read them. */
export const text = 'Hej 😀, the code is 471108';
export const document = '%PDF-1.7 Jan Jansen, born in Utrecht';

export const payloads = [
  'CheckoutPayload',
  'AssignNumberPayload',
  'SubmitRegulatoryPayload',
  'CreateTrunkPayload',
  'RegenerateTrunkCredentialsPayload',
  'SendMessagePayload',
  'OnboardClientPayload',
  'ImportNumbersPayload',
  'AssignTrunkToClientPayload',
];

/** The keys of those that have one. */
export const keys = ['buy', 'route', 'papers', 'make', 'renew', 'text', 'onboard'];

/** The mutations in the order of their payloads, each under its own key; to be sent one after the other. */
export function everyMutation({ ask, sandbox }: Pick<Gateway, 'ask' | 'sandbox'>) {
  const sender = sandbox.control.world.numbers.all().find((each) => each.smsEnabled && each.status === 'active');
  const trunk = String(sandbox.control.world.trunks.all()[1]?.uuid);
  const from = String(sender?.e164);
  const client = { name: 'Acme New', country: 'GB', type: 'LOCAL' } as const;
  const number = amsterdam.e164;
  const content = Buffer.from(document).toString('base64');
  const passport = { type: 'passport', filename: 'passport.pdf', contentType: 'application/pdf', content };
  const imported = { e164: '+442079123456', didNumberId: 900, trunk };
  return [
    () => ask(CheckoutDocument, { input: { items: [amsterdam], idempotencyKey: 'buy' } }),
    () => ask(AssignNumberDocument, { input: { number, trunk, idempotencyKey: 'route' } }),
    () => ask(SubmitRegulatoryDocument, { input: { number, documents: [passport], idempotencyKey: 'papers' } }),
    () => ask(CreateTrunkDocument, { input: { name: 'Second', idempotencyKey: 'make' } }),
    () => ask(RegenerateTrunkCredentialsDocument, { input: { trunk, idempotencyKey: 'renew' } }),
    () => ask(SendMessageDocument, { input: { from, to: '+31687654321', body: text, idempotencyKey: 'text' } }),
    () => ask(OnboardClientDocument, { input: { ...client, idempotencyKey: 'onboard' } }),
    () => ask(ImportNumbersDocument, { input: { numbers: [imported] } }),
    () => ask(AssignTrunkToClientDocument, { input: { trunk, client: 'Holding' } }),
  ];
}

/** Every mutation once; what they answered. */
export async function everything(gateway: Gateway) {
  const answers: Awaited<ReturnType<ReturnType<typeof everyMutation>[number]>>[] = [];
  for (const send of everyMutation(gateway)) answers.push(await send());
  return answers;
}

/** Which member of its union each answer is. */
export function namesOf(answers: Awaited<ReturnType<typeof everything>>): string[] {
  return answers.flatMap(({ data }) => Object.values(data ?? {}).map((payload) => payload.__typename));
}

/** The passwords that an answer shows. */
export function passwordsIn(answers: unknown): string[] {
  return [...JSON.stringify(answers).matchAll(/"password":"([^"]+)"/g)].map((match) => match[1] ?? '');
}
