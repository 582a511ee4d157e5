import { GraphQLError } from 'graphql';
import { type Deed, mayDo, mayRead, type Reading } from '../access/abilities.ts';
import type { Context } from './context.ts';

/** The scopes that a type or field can ask of a viewer, for the builder. */
export interface AuthScopes {
  reads: Reading;
  does: Deed;
}

/** What the viewer of an operation may do, as the builder's plugin asks for it. */
export function authScopes({ viewer }: Context) {
  return {
    reads: (what: Reading) => mayRead(viewer, what),
    does: (deed: Deed) => mayDo(viewer, deed),
  };
}

/** For a type, or a root field, that everybody may ask: the where-clauses hold what is the viewer's own. */
export const seenByAll = { authScopes: { reads: 'own' } } as const;

/** For a type that only some may see. */
export function seenWith(what: Reading) {
  return { authScopes: { reads: what } } as const;
}

/** For a nullable field that only some may see: to everybody else there is no such thing. */
export function nullUnless(what: Reading) {
  return { authScopes: { reads: what }, unauthorizedResolver: () => null } as const;
}

/** For a mutation: refused before anything is recorded or sent. */
export function doneBy(deed: Deed) {
  return { authScopes: { does: deed } } as const;
}

/** What a viewer is told who asks for what is not theirs to do. It names nothing that they have not named themselves. */
export function forbidden(): GraphQLError {
  return new GraphQLError('You may not do this: `viewer { role }` says who you are to this gateway.', {
    extensions: { code: 'FORBIDDEN' },
  });
}
