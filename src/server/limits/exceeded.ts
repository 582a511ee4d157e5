import { GraphQLError } from 'graphql';

/** What is bounded of an operation, by the name that a refused caller reads. */
export type LimitName =
  | 'characters'
  | 'tokens'
  | 'depth'
  | 'aliases'
  | 'directives'
  | 'rootFields'
  | 'comparisons'
  | 'cost'
  | 'upstreamCalls';

const told: Readonly<Record<LimitName, (allowed: number, found: number) => string>> = {
  characters: (allowed, found) =>
    `A document may have ${allowed} characters, and this one has ${found}: long values go into variables.`,
  tokens: (allowed, found) => `A document may have ${allowed} tokens, and this one has ${found}.`,
  depth: (allowed, found) => `Fields may be nested ${allowed} deep, and these are ${found} deep, fragments included.`,
  aliases: (allowed, found) => `A document may have ${allowed} aliases, and this one has ${found}.`,
  directives: (allowed, found) => `A document may use ${allowed} directives, and this one uses ${found}.`,
  rootFields: (allowed, found) => `An operation may ask for ${allowed} root fields, and this one asks for ${found}.`,
  comparisons: (allowed, found) =>
    `To validate a document may take ${allowed} comparisons of fields, and this one takes ${found} or more: ask for each field once.`,
  cost: (allowed, found) =>
    `An operation may cost ${allowed}, and this one costs ${found}: ask for smaller pages or fewer fields.`,
  upstreamCalls: (allowed, found) =>
    `You may have DIDfarm asked ${allowed} times a minute, and this operation needs ${found}: split it.`,
};

/** An operation that is more than it may be: nothing of it ran. Code LIMIT_EXCEEDED, with the limit's name and both numbers. */
export function limitExceeded(limit: LimitName, allowed: number, found: number): GraphQLError {
  const http = { status: 400, spec: true };
  return new GraphQLError(told[limit](allowed, found), {
    extensions: { code: 'LIMIT_EXCEEDED', limit, allowed, found, http },
  });
}
