import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';

/** A type of the graph that has fields. */
export type Composite = GraphQLObjectType | GraphQLInterfaceType;

export function isComposite(type: GraphQLNamedType): type is Composite {
  return (isObjectType(type) || isInterfaceType(type)) && !isIntrospectionType(type);
}
