import SchemaBuilder from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { type GraphQLResolveInfo, getNamedType, isAbstractType } from 'graphql';
import { type AuthScopes, authScopes, forbidden, seenByAll } from './access.ts';
import type { Context } from './context.ts';
import { badInput } from './errors.ts';
import { decodeId, encodeId, notAnId } from './identifiers.ts';
import {
  CountryCodeScalar,
  CurrencyCodeScalar,
  DateScalar,
  DateTimeScalar,
  DecimalScalar,
  JSONScalar,
  PhoneNumberScalar,
} from './scalars.ts';

interface Scalar<T> {
  Input: T;
  Output: T;
}

interface GraphTypes {
  Context: Context;
  AuthScopes: AuthScopes;
  Scalars: {
    ID: { Input: string; Output: string };
    PhoneNumber: Scalar<string>;
    DateTime: Scalar<Date>;
    Date: Scalar<string>;
    Decimal: Scalar<string>;
    CountryCode: Scalar<string>;
    CurrencyCode: Scalar<string>;
    JSON: { Input: unknown; Output: unknown };
  };
}

/** The one schema builder: each subject's `graph.ts` adds its types and root fields to it, `schema.ts` builds the result. */
export const builder = new SchemaBuilder<GraphTypes>({
  // The plugin that stands first wraps the others: nothing is resolved for who may not see it.
  plugins: [ScopeAuthPlugin, RelayPlugin],
  scopeAuth: {
    authScopes,
    unauthorizedError: forbidden,
    // Once an object instead of once a field of it.
    runScopesOnType: true,
    authorizeOnSubscribe: true,
  },
  relay: {
    clientMutationId: 'omit',
    cursorType: 'String',
    encodeGlobalID: (typename, id) => encodeId(typename, String(id)),
    decodeGlobalID: (id) => decodeId(id),
    nodeTypeOptions: {
      ...seenByAll,
      description: 'Anything with an id that stays the same: refetch it by `node(id:)`.',
    },
    idFieldOptions: { description: 'Opaque and stable; takes you back here through `node(id:)`.' },
    pageInfoTypeOptions: { ...seenByAll, description: 'Where a page stands in its connection (Relay).' },
    hasNextPageFieldOptions: { description: 'Whether more follow: pass `endCursor` as `after`.' },
    hasPreviousPageFieldOptions: { description: 'Whether some come before: pass `startCursor` as `before`.' },
    startCursorFieldOptions: { description: 'The cursor of the first row of this page.' },
    endCursorFieldOptions: { description: 'The cursor of the last row of this page.' },
    nodeQueryOptions: {
      ...seenByAll,
      description: 'Anything by its global id; null where there is no such thing, or none that you may see.',
      args: { id: { description: 'A global id, as every `id` field gives it.' } },
      resolve: (_root, { id }, _context, info, resolveNode) => {
        checkNodes([id], 'id', info);
        return resolveNode(id);
      },
    },
    nodesQueryOptions: {
      ...seenByAll,
      description: 'Several things by their global ids, in the order asked for; null for each that is not there.',
      args: { ids: { description: 'Global ids; at most 100.' } },
      nullable: { list: false, items: true },
      resolve: (_root, { ids }, _context, info, resolveNodes) => {
        if (ids.length > 100) throw badInput(`"ids" takes at most 100; these are ${ids.length}.`, 'ids');
        checkNodes(ids, 'ids', info);
        return resolveNodes(ids);
      },
    },
  },
});

/** @throws GraphQLError BAD_USER_INPUT for an id of a type that is no Node, such as a value's. */
function checkNodes(
  ids: readonly { typename: string; id: string }[],
  argument: string,
  { schema, returnType }: GraphQLResolveInfo,
): void {
  const node = getNamedType(returnType);
  const types = isAbstractType(node) ? schema.getPossibleTypes(node).map((type) => type.name) : [];
  const stranger = ids.find(({ typename }) => !types.includes(typename));
  if (stranger) throw notAnId(encodeId(stranger.typename, stranger.id), argument);
}

builder.queryType({
  description: 'Everything that can be read. Root fields are nullable: one that fails leaves the others.',
});

builder.addScalarType('PhoneNumber', PhoneNumberScalar);
builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('Date', DateScalar);
builder.addScalarType('Decimal', DecimalScalar);
builder.addScalarType('CountryCode', CountryCodeScalar);
builder.addScalarType('CurrencyCode', CurrencyCodeScalar);
builder.addScalarType('JSON', JSONScalar);
