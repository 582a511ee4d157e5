import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { work } from '../work.ts';
import { executeField } from './complete.ts';
import type { ObjectPlan } from './plan.ts';
import { createPlans } from './plans.ts';
import type { Run } from './run.ts';
import type { Spot } from './spot.ts';
import { createTurns } from './turns.ts';

type Execute = (args: ExecutionArgs) => Promise<ExecutionResult> | ExecutionResult;

/**
 * Executes operations by plans that are made once a document, gives way to others in large ones, and keeps all promises of an
 * operation apart from each other: a field that waits costs one, whatever it stands in. What cannot be begun is left to the
 * executor that is there already.
 */
export function useExecution(schema: GraphQLSchema): Plugin {
  const planOf = createPlans(schema);
  const turns = createTurns();
  return {
    onExecute({ executeFn, setExecuteFn }) {
      const begin: Execute = (args) => {
        work.executed.publish(args.document);
        const operation = getOperationAST(args.document, args.operationName);
        if (!operation) return executeFn(args);
        const { coerced: variables } = getVariableValues(
          schema,
          operation.variableDefinitions ?? [],
          args.variableValues ?? {},
        );
        const planned = variables && planOf(args.document, operation, variables);
        if (!planned) return executeFn(args);
        const { rootValue, contextValue: context } = args;
        const asked = { schema, operation, fragments: planned.fragments, rootValue, context, variables };
        return execute({ ...asked, errors: [], made: new Map(), turn: turns.begin() }, planned.plan);
      };
      setExecuteFn(begin);
    },
  };
}

/** Queries at once; the fields of a mutation each when everything of the one before is done. */
function execute(asked: Omit<Run, 'hold' | 'letGo'>, { fields, make }: ObjectPlan): ReturnType<Execute> {
  const { errors, operation, rootValue } = asked;
  const data = make();
  const root: { data: object | null } = { data };
  const spot: Spot = { within: null, holder: root, key: 'data', typename: undefined, nullable: true, givenUp: false };
  const together = operation.operation === 'mutation' ? 1 : fields.length;
  const { promise, resolve } = Promise.withResolvers<ExecutionResult>();
  let held = 0;
  let begun = 0;
  let isDone = false;

  const goOn = () => {
    // What is held while fields are begun keeps the end away until all of them are.
    while (held === 0 && !isDone) {
      isDone = begun >= fields.length || spot.givenUp;
      if (!isDone) beginNext();
    }
    if (isDone) resolve(answer());
  };
  const beginNext = () => {
    held += 1;
    try {
      for (const field of fields.slice(begun, begun + together)) executeField(run, field, rootValue, spot, data);
    } catch (error) {
      root.data = null;
      errors.push(error as GraphQLError);
    }
    begun += together;
    held -= 1;
  };
  const answer = () => ({ ...(errors.length > 0 ? { errors } : {}), data: root.data }) as ExecutionResult;
  const run: Run = {
    ...asked,
    hold() {
      held += 1;
    },
    letGo() {
      held -= 1;
      goOn();
    },
  };
  goOn();
  return isDone ? answer() : promise;
}
