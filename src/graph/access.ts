import { GraphQLError, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { type Deed, mayDo, mayRead, type Reading } from '../access/abilities.ts';
import type { Context } from './context.ts';

/** What a type or field can ask of a viewer, for the builder. */
export interface AuthScopes {
  reads: Reading;
}

/** What the viewer of an operation may see, as the builder's plugin asks for it. */
export function authScopes({ viewer }: Context) {
  return { reads: (what: Reading) => mayRead(viewer, what) };
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

/**
 * For a mutation: refused before anything is recorded or sent. So are all of an operation that asks for several, where one of them is
 * not the viewer's to do: its error leaves no data, and with it would go the answers of those that were done.
 */
export function doneBy(deed: Deed) {
  return {
    authScopes: (_root: unknown, _args: unknown, { viewer }: Context, info: GraphQLResolveInfo) =>
      mayDo(viewer, deed) && [...rootFields(info)].every((field) => mayDo(viewer, field as Deed)),
  } as const;
}

/** Every mutation of an operation, those that a directive may leave out too. */
function* rootFields(
  info: GraphQLResolveInfo,
  { selections }: SelectionSetNode = info.operation.selectionSet,
): Generator<string> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== '__typename') yield selection.name.value;
      continue;
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    if (fragment) yield* rootFields(info, fragment.selectionSet);
  }
}

/** What a viewer is told who asks for what is not theirs to do. It names nothing that they have not named themselves. */
export function forbidden(): GraphQLError {
  return new GraphQLError(
    'You may not do this, or something else that this operation asks for: nothing was done. `viewer { role }` says who you are to this gateway.',
    {
      extensions: { code: 'FORBIDDEN' },
    },
  );
}
