import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { work } from '../work.ts';
import { countComparisons } from './comparisons.ts';
import { type CostOf, createCostOf, type PageSizes } from './cost.ts';
import { limitExceeded } from './exceeded.ts';
import { type Measures, measure } from './measure.ts';
import { createBoundedParser } from './tokens.ts';

/** How large an operation may be. */
export interface Limits extends Measures {
  readonly characters: number;
  readonly tokens: number;
  /** Of fields and fragments with each other, by the validation's longest rule. */
  readonly comparisons: number;
  readonly cost: number;
}

/** Several times what the largest of the examples, a frontend's whole page or the introspection query need. */
export const defaultLimits: Limits = {
  characters: 100_000,
  tokens: 3_000,
  depth: 20,
  aliases: 100,
  directives: 50,
  rootFields: 30,
  comparisons: 10_000,
  cost: 50_000,
};

/** As the graph's connections have it. */
const pageSizes: PageSizes = { usual: 25, largest: 100 };

/**
 * Bounds every operation, whichever way it came. A document is measured before it is validated: the rules that validate it take far
 * longer than it is long. What it costs is known with its variables, so before it is executed.
 */
export function useLimits(schema: GraphQLSchema, limits: Limits = defaultLimits): Plugin {
  const parse = createBoundedParser(limits.tokens, limits.characters);
  const costOf = createCostOf(schema, pageSizes);
  const measured = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  const exceededBy = (document: DocumentNode) => {
    const known = measured.get(document) ?? exceeded(document, limits);
    measured.set(document, known);
    return known;
  };
  return {
    onParse: ({ setParseFn }) => setParseFn(parse),
    onValidate({ params, setResult, validateFn, setValidationFn }) {
      setValidationFn((...asked: Parameters<typeof validateFn>) => {
        work.validated.publish(params.documentAST);
        return validateFn(...asked);
      });
      const errors = exceededBy(params.documentAST);
      if (errors.length > 0) setResult(errors);
    },
    onExecute({ args, setExecuteFn }) {
      const refused = tooCostly(args, costOf, limits.cost);
      if (refused !== null) setExecuteFn(() => refused);
    },
    onSubscribe({ args, setSubscribeFn }) {
      const refused = tooCostly(args, costOf, limits.cost);
      if (refused !== null) setSubscribeFn(() => refused);
    },
  };
}

function exceeded(document: DocumentNode, limits: Limits): readonly GraphQLError[] {
  const found = { ...measure(document), comparisons: countComparisons(document, limits.comparisons) };
  const names = ['depth', 'aliases', 'directives', 'rootFields', 'comparisons'] as const;
  return names
    .filter((name) => found[name] > limits[name])
    .map((name) => limitExceeded(name, limits[name], found[name]));
}

function tooCostly(
  { document, operationName, variableValues }: ExecutionArgs,
  costOf: CostOf,
  allowed: number,
): ExecutionResult | null {
  const cost = costOf(document, operationName, variableValues ?? {});
  return cost === null || cost <= allowed ? null : { errors: [limitExceeded('cost', allowed, cost)] };
}
