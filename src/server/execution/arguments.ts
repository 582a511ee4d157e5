import { type FieldNode, type GraphQLField, getArgumentValues, Kind, visit } from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** What one operation was given, and what was made of it so far. */
export interface Given {
  readonly variables: Values;
  readonly made: Map<object, Values>;
}

/** What a field is asked with: made once a document, or once an operation where variables are in it. */
export type Arguments = (given: Given) => Values;

const none: Values = Object.freeze({});

export function argumentsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode | undefined): Arguments {
  if (node === undefined || definition.args.length === 0) return () => none;
  if (!namesVariables(node)) {
    let values: Values | undefined;
    return () => (values ??= Object.freeze(getArgumentValues(definition, node)));
  }
  return ({ variables, made }) => {
    const known = made.get(node);
    if (known !== undefined) return known;
    const values = Object.freeze(getArgumentValues(definition, node, variables));
    made.set(node, values);
    return values;
  };
}

function namesVariables(node: FieldNode): boolean {
  let found = false;
  for (const argument of node.arguments ?? [])
    visit(argument, {
      enter({ kind }) {
        if (kind === Kind.VARIABLE) found = true;
      },
    });
  return found;
}
