import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isLeafType,
  isListType,
  isObjectType,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import { type Arguments, argumentsOf } from './arguments.ts';
import { collectFields, type Planning } from './selections.ts';
import type { Holder } from './spot.ts';

/** One field of an operation as it is to be executed, whatever object it is asked of. */
export interface FieldPlan {
  /** What it is called in the answer. */
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly arguments: Arguments;
  readonly shape: Shape;
}

/** What a resolved value is made into. */
export type Shape = { readonly nullable: boolean } & (
  | { readonly kind: 'leaf'; readonly type: GraphQLLeafType }
  | { readonly kind: 'list'; readonly item: Shape }
  | { readonly kind: 'object'; readonly type: GraphQLObjectType; readonly fieldsOf: FieldsOf }
  | { readonly kind: 'abstract'; readonly type: GraphQLAbstractType; readonly fieldsOf: FieldsOf }
);

/** The fields that are asked of an object of this type. */
export type FieldsOf = (type: GraphQLObjectType) => ObjectPlan;

export interface ObjectPlan {
  readonly fields: readonly FieldPlan[];
  /** An object of the answer, which has no key yet. */
  readonly make: () => Holder;
}

/** Plans the fields of selection sets that stand together. Each type's are planned when an object of it is first met. */
export function planFields(planning: Planning, sets: readonly SelectionSetNode[]): FieldsOf {
  const planned = new Map<GraphQLObjectType, ObjectPlan>();
  return (type) => {
    const known = planned.get(type);
    if (known !== undefined) return known;
    const fields = [...collectFields(planning, type, sets)].flatMap(([name, nodes]) => {
      const definition = definitionOf(planning.schema, type, nodes[0]?.name.value);
      return definition === undefined ? [] : [planField(planning, type, definition, name, nodes)];
    });
    const plan = { fields, make: fields.some(({ name }) => name === '__proto__') ? makeBare : makePlain };
    planned.set(type, plan);
    return plan;
  };
}

/** Faster to fill and to write as JSON. */
const makePlain = (): Holder => ({});
/** For a key that means something to a plain object. */
const makeBare = (): Holder => Object.create(null) as Holder;

function planField(
  planning: Planning,
  parentType: GraphQLObjectType,
  definition: GraphQLField<unknown, unknown>,
  name: string,
  nodes: readonly FieldNode[],
): FieldPlan {
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return {
    ...{ name, nodes, definition, parentType },
    resolve: definition.resolve ?? defaultFieldResolver,
    arguments: argumentsOf(definition, nodes[0]),
    shape: shapeOf(definition.type, planFields(planning, sets)),
  };
}

function shapeOf(type: GraphQLOutputType, fieldsOf: FieldsOf): Shape {
  const nullable = !(type instanceof GraphQLNonNull);
  const bare = type instanceof GraphQLNonNull ? type.ofType : type;
  if (isListType(bare)) return { kind: 'list', nullable, item: shapeOf(bare.ofType, fieldsOf) };
  if (isLeafType(bare)) return { kind: 'leaf', nullable, type: bare };
  if (isObjectType(bare)) return { kind: 'object', nullable, type: bare, fieldsOf };
  return { kind: 'abstract', nullable, type: bare, fieldsOf };
}

function definitionOf(schema: GraphQLSchema, type: GraphQLObjectType, name = '') {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  const isQuery = type === schema.getQueryType();
  if (isQuery && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (isQuery && name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  return type.getFields()[name];
}
