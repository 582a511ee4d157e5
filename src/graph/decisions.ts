import { type GraphQLSchema, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql';

/**
 * The schema, once every type and every root field says who may see it: a new one is nobody's until it does.
 * @throws TypeError naming those that do not.
 */
export function refuseUndecided(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => (isObjectType(type) || isInterfaceType(type)) && !isIntrospectionType(type),
  );
  const undecided = [
    ...types.filter((type) => !roots.some((root) => root === type) && !isDecided(type)).map((type) => type.name),
    ...roots.flatMap((root) =>
      Object.values(root?.getFields() ?? {}).flatMap((field) =>
        isDecided(field) ? [] : [`${root?.name}.${field.name}`],
      ),
    ),
  ];
  if (undecided.length > 0)
    throw new TypeError(`Nothing says who may see ${undecided.join(', ')}: give each its \`authScopes\`.`);
  return schema;
}

interface Decidable {
  readonly extensions: { readonly pothosOptions?: { readonly authScopes?: unknown } };
}

function isDecided({ extensions }: Decidable): boolean {
  return extensions.pothosOptions?.authScopes !== undefined;
}
