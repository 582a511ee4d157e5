import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  introspectionFromSchema,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** What a field of the introspection costs, `__schema` or `__type`, with all below it. */
export type IntrospectionCost = (field: FieldNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>) => number;

/** Its fields are executed without anybody's turn between them, so that the bound of these is a part of the others'. */
const weight = 4;

/** By the schema's own size: the lists of all its types together are as long as they are, those of one type as its longest ones. */
export function createIntrospectionCost(schema: GraphQLSchema): IntrospectionCost {
  let known: ReturnType<typeof lengthsOf> | null = null;
  return (root, fragments) => {
    // `__typename`, which many ask who never look at the schema: to measure that holds the process for tens of milliseconds.
    if (!root.selectionSet) return 1;
    known ??= lengthsOf(schema);
    const { longest, usual } = known;
    const costs = new Map<string, number>();
    const ofField = (field: FieldNode, parent: GraphQLNamedType | undefined, ofAll: boolean): number => {
      const name = field.name.value;
      const definition = isObjectType(parent) ? parent.getFields()[name] : undefined;
      if (definition === undefined || !field.selectionSet) return 1;
      const type = getNamedType(definition.type);
      // What belongs to a type is listed once for all of them; a type that one refers to is any.
      const below = name === 'types' || (ofAll && type.name !== '__Type');
      // A type is seldom of another one, whichever it is.
      const lengths = ofAll || name === 'ofType' ? usual : longest;
      return 1 + (lengths.get(name) ?? 1) * ofSet(field.selectionSet, type, below);
    };
    const ofFragment = (name: string, ofAll: boolean): number => {
      const key = `${ofAll} ${name}`;
      const fragment = fragments.get(name);
      const found = costs.get(key);
      if (found !== undefined || fragment === undefined) return found ?? 0;
      costs.set(key, 0);
      const cost = ofSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), ofAll);
      costs.set(key, cost);
      return cost;
    };
    const ofSet = (set: SelectionSetNode, type: GraphQLNamedType | undefined, ofAll: boolean): number =>
      set.selections
        .map((selection) => {
          if (selection.kind === Kind.FIELD) return ofField(selection, type, ofAll);
          if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value, ofAll);
          return ofSet(selection.selectionSet, type, ofAll);
        })
        .reduce((sum, cost) => sum + cost, 0);

    const named = schema.getType(root.name.value === '__schema' ? '__Schema' : '__Type');
    return weight * Math.ceil(1 + ofSet(root.selectionSet, named, false));
  };
}

/** By the names of introspection's fields: of a list as long as it is, of an object 1 where there is one. */
function lengthsOf(schema: GraphQLSchema) {
  const found = new Map<string, number[]>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null)
      for (const [name, below] of Object.entries(value)) {
        const lengths = found.get(name) ?? [];
        lengths.push(Array.isArray(below) ? below.length : Number(below !== null));
        found.set(name, lengths);
        look(below);
      }
  };
  look(introspectionFromSchema(schema));
  const sum = (lengths: readonly number[]) => lengths.reduce((all, length) => all + length, 0);
  const reckoned = (reckon: (lengths: readonly number[]) => number) =>
    new Map([...found].map(([name, lengths]) => [name, reckon(lengths)]));
  return {
    longest: reckoned((lengths) => Math.max(...lengths)),
    usual: reckoned((lengths) => sum(lengths) / lengths.length),
  };
}
