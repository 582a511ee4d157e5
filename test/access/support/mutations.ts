import { encodeId } from '../../../src/graph/identifiers.ts';
import type { AccountWorld, Belongings } from './world.ts';

const document = {
  type: 'passport',
  filename: 'p.pdf',
  contentType: 'application/pdf',
  content: Buffer.from('%PDF-1.7').toString('base64'),
};

/**
 * An input for every mutation, about the things of one client; one that is missing here fails the matrix.
 * @param nth makes what can be had once, such as a number for sale, another one for each sending.
 */
export function inputs(
  world: AccountWorld,
  { name, trunks, numbers }: Belongings,
  nth: number,
): Readonly<Record<string, object>> {
  const { found } = world.gateway.sandbox.control.world.inventory.search({ country: 'GB', type: 'local' }, 0, 30);
  const [number = ''] = numbers;
  const trunk = encodeId('Trunk', trunks[0] ?? '');
  const idempotencyKey = `${name} ${nth}`;
  return {
    checkout: {
      items: [{ e164: found[nth % found.length]?.e164 ?? '', country: 'GB', type: 'LOCAL' }],
      idempotencyKey: `buy ${nth}`,
    },
    assignNumber: { number, trunk, idempotencyKey: `route ${idempotencyKey}` },
    createTrunk: { name: 'Handelshuis Tweede', idempotencyKey: `make ${nth}` },
    regenerateTrunkCredentials: { trunk, idempotencyKey: `renew ${idempotencyKey}` },
    sendMessage: { from: number, to: '+31687654321', body: 'Hello', idempotencyKey: `text ${idempotencyKey}` },
    submitRegulatory: { number, documents: [document], idempotencyKey: `papers ${idempotencyKey}` },
    onboardClient: { name: 'Kwekerij Nieuwstad', country: 'GB', type: 'LOCAL', idempotencyKey: `onboard ${nth}` },
    importNumbers: { numbers: [{ e164: '+442079123456', didNumberId: 900, trunk }] },
    assignTrunkToClient: { trunk, client: name },
  };
}

/** A document of the mutation that asks for its payload and its refusals in full. */
export function mutationOf(field: string, payload: string): string {
  const type = field[0]?.toUpperCase() + field.slice(1);
  return `mutation ($input: ${type}Input!) { ${field}(input: $input) {
    __typename ... on ${type}Payload { ${payload} } ... on Error { code why: message } ... on ValidationError { fields { path } }
  } }`;
}
