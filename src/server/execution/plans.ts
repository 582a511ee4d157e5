import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type ObjectPlan, planFields } from './plan.ts';

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

/** The plan of an operation; null where it cannot be told which fields it asks for. */
export type PlanOf = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
) => { readonly fragments: Fragments; readonly plan: ObjectPlan } | null;

/** Combinations of what `@skip` and `@include` ask that are remembered of a document. */
const mostPlans = 16;

/** Plans are kept for as long as their documents are. */
export function createPlans(schema: GraphQLSchema): PlanOf {
  const planned = new WeakMap<DocumentNode, ReturnType<typeof prepare>>();
  return (document, operation, variables) => {
    const prepared = planned.get(document) ?? prepare(document);
    planned.set(document, prepared);
    const { fragments, deciding, plans } = prepared;
    const key = JSON.stringify([operation.name?.value, ...deciding.map((name) => variables[name] ?? null)]);
    const known = plans.get(key);
    if (known !== undefined) return { fragments, plan: known };
    const type = schema.getRootType(operation.operation);
    try {
      const plan = type && planFields({ schema, fragments, variables }, [operation.selectionSet])(type);
      if (plan) plans.set(key, plan);
      return plan ? { fragments, plan } : null;
    } catch (error) {
      // A variable that decides is null.
      if (error instanceof GraphQLError) return null;
      throw error;
    }
  };
}

function prepare(document: DocumentNode) {
  return {
    fragments: fragmentsOf(document),
    deciding: decidingVariables(document),
    plans: new LRUCache<string, ObjectPlan>({ max: mostPlans }),
  };
}

function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return Object.fromEntries(fragments.map((node) => [node.name.value, node]));
}

function decidingVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive(directive) {
      for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
