import { GraphQLError } from 'graphql';

/** An argument that cannot be used, with the reason and the argument's name. Code BAD_USER_INPUT. */
export function badInput(message: string, argument?: string): GraphQLError {
  const extensions = argument === undefined ? { code: 'BAD_USER_INPUT' } : { code: 'BAD_USER_INPUT', argument };
  return new GraphQLError(message, { extensions });
}
