import { type FieldNode, getOperationAST, Kind, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { rootFieldsOf } from '../../../src/server/answers/root-fields.ts';

function fieldsOf(text: string, name?: string) {
  const document = parse(text);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('There is no such operation');
  return rootFieldsOf(document, operation);
}

const digestsOf = (text: string) => fieldsOf(text).map(({ digest }) => digest);
const digestOf = (text: string) => digestsOf(text)[0];
const wallet = '{ wallet { balance { amount } } }';

describe('the root fields of a query', () => {
  test('are each asked for alone, with what they lead to and no more', () => {
    const fields = fieldsOf(`query Q($first: Int = 3, $id: ID!) {
      wallet { ...W }
      mine: trunk(uuid: $id) { ...T }
      trunks(first: $first) { nodes { name } }
    }
    fragment W on Wallet { balance { ...M } }
    fragment M on Money { amount }
    fragment T on Trunk { name }`);

    expect(fields.map(({ name, variables }) => [name, variables])).toEqual([
      ['wallet', []],
      ['mine', ['id']],
      ['trunks', ['first']],
    ]);
    expect(fields.map(({ document }) => print(document).replace(/\s+/g, ' '))).toEqual([
      'query Q { wallet { ...W } } fragment W on Wallet { balance { ...M } } fragment M on Money { amount }',
      'query Q($id: ID!) { mine: trunk(uuid: $id) { ...T } } fragment T on Trunk { name }',
      'query Q($first: Int = 3) { trunks(first: $first) { nodes { name } } }',
    ]);
  });

  test('are one where they are asked for twice by one name', () => {
    const [only, ...others] = fieldsOf(
      '{ wallet { asOf } ...F } fragment F on Query { wallet { balance { amount } } }',
    );
    expect(others).toEqual([]);
    const [definition] = only?.document.definitions ?? [];
    const selections = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections : [];
    expect(selections.map((each) => (each as FieldNode).name.value)).toEqual(['wallet', 'wallet']);
  });

  test('keep the directives of what stands around them', () => {
    const [field] = fieldsOf(
      'query ($a: Boolean!, $b: Boolean!) { ...F @include(if: $a) } fragment F on Query { ... @skip(if: $b) { wallet { asOf } } }',
    );
    expect(field?.variables.toSorted()).toEqual(['a', 'b']);
    expect(print(field?.document ?? parse('{ a }')).replace(/\s+/g, ' ')).toContain(
      '... @include(if: $a) { ... @skip(if: $b) { wallet { asOf } } }',
    );
  });

  test.each([
    ['white space and commas', '{wallet{balance{amount,}}}'],
    ['a name of the operation', `query Name ${wallet}`],
    ['a name in the answer', '{ mine: wallet { balance { amount } } }'],
    ['a fragment around it', '{ ... on Query { wallet { balance { amount } } } }'],
    [
      'variables that others name',
      'query ($first: Int) { wallet { balance { amount } } trunks(first: $first) { totalCount } }',
    ],
    ['comments', `# nothing\n${wallet}`],
  ])('are the same but for %s', (_, text) => {
    expect(digestOf(text)).toBe(digestOf(wallet));
  });

  test.each([
    ['fields', '{ wallet { balance { currency } } }'],
    ['the order of their fields', '{ wallet { balance { amount } asOf } }'],
    ['names within', '{ wallet { balance { money: amount } } }'],
    ['directives', '{ wallet @skip(if: true) { balance { amount } } }'],
    ['directives around them', '{ ... @skip(if: true) { wallet { balance { amount } } } }'],
    ['what a fragment is', '{ wallet { ...F } } fragment F on Wallet { balance { amount } }'],
  ])('are others by %s', (_, text) => {
    expect(digestOf(text)).not.toBe(digestOf(wallet));
  });

  test('are others by what a variable is where it is not given', () => {
    const asked = (value: number) => `query ($first: Int = ${value}) { trunks(first: $first) { totalCount } }`;
    expect(digestOf(asked(1))).not.toBe(digestOf(asked(2)));
  });

  test('are those of the operation that is asked for', () => {
    const two = 'query A { wallet { asOf } } query B { viewer { role } }';
    expect(['A', 'B'].map((name) => fieldsOf(two, name)[0]?.name)).toEqual(['wallet', 'viewer']);
  });
});
