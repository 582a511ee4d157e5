import { GraphQLError } from 'graphql';

/** An argument that cannot be used, with the reason and the argument's name. Code BAD_USER_INPUT. */
export function badInput(message: string, argument?: string): GraphQLError {
  const extensions = argument === undefined ? { code: 'BAD_USER_INPUT' } : { code: 'BAD_USER_INPUT', argument };
  return new GraphQLError(message, { extensions });
}

/** A cursor behind which something is gone. `oldest` is one behind which everything is that is still there. Code CURSOR_EXPIRED. */
export function cursorExpired(argument: string, oldest: string): GraphQLError {
  return new GraphQLError(
    `The log does not have all that came after "${argument}": go on from "extensions.oldest", or begin without a cursor.`,
    { extensions: { code: 'CURSOR_EXPIRED', argument, oldest } },
  );
}
