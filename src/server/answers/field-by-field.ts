import {
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { bytesTogether, type FieldOfAnswer } from '../../cache/answers.ts';
import type { Asked, KeptField, KeptFields, Way } from '../../cache/kept-fields.ts';
import { endingOf, fieldOf, textOf } from './bytes.ts';
import { areLarge, fieldQuestionOf } from './question.ts';
import { type RootField, rootFieldsOf } from './root-fields.ts';

/** What a query came to of which every field can be given again. */
export interface Made<C> {
  readonly operation: string | undefined;
  readonly fields: readonly FieldOfAnswer[];
  readonly kept: readonly KeptField[];
  readonly context: C;
}

export interface FieldByFieldOptions<C extends object> {
  readonly fields: Pick<KeptFields, 'ask'>;
  /** Who asks, in everything that an answer can depend on. */
  readonly audienceOf: (context: C) => string;
  /** A context for a part of an operation, with loaders of its own: what one part reads is nothing that another one read. */
  readonly partOf: (context: C) => C;
  /** How an operation is to be worked out, by its context; null: with nothing that is kept, and leaving nothing. */
  readonly wayOf: (context: C) => Way | null;
  /** To be told of a query all of whose fields are kept. */
  readonly made: (made: Made<C>) => void;
}

type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** A field of an answer. Where it was kept there is no result. */
interface Given extends FieldOfAnswer {
  readonly kept: KeptField | null;
  readonly result: ExecutionResult | null;
}

/**
 * Works out the root fields of a query each by itself, and only those that are not kept: what several queries have in common is worked
 * out once, and what is written costs an answer no more than what has read it. Stands before the plugins that refuse an operation.
 */
export function useFieldByField<C extends object>(options: FieldByFieldOptions<C>): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      const execute = executeFn as Execute;
      setExecuteFn(async (args: ExecutionArgs) => {
        const operation = getOperationAST(args.document, args.operationName);
        // The context was made by `createContext`; Yoga's types have lost that.
        const context = args.contextValue as C;
        const isSplit = operation?.operation === OperationTypeNode.QUERY && !areLarge(args.variableValues ?? {});
        const way = isSplit ? options.wayOf(context) : null;
        if (!operation || way === null) return execute(args);
        return executeFields(args, operation, { ...options, execute, context, way });
      });
    },
  };
}

interface Execution<C extends object> extends FieldByFieldOptions<C> {
  readonly execute: Execute;
  readonly context: C;
  readonly way: Way;
}

async function executeFields<C extends object>(
  args: ExecutionArgs,
  operation: OperationDefinitionNode,
  execution: Execution<C>,
): Promise<ExecutionResult> {
  const { execute, context, made } = execution;
  const asked = rootFieldsOf(args.document, operation).map((field) => fieldFor(args, field, execution));
  const given = await Promise.all(asked);
  // A fault of the request as a whole, such as in a variable, is each field's: it is told once.
  if (given.some(({ result }) => result !== null && result.data === undefined)) return execute(args);
  const errors = given.flatMap(({ result }) => result?.errors ?? []);
  if (errors.length > 0) return { errors, data: dataOf(given) };
  const kept = given.flatMap((each) => each.kept ?? []);
  if (kept.length === given.length) made({ operation: operation.name?.value, fields: given, kept, context });
  return written(given);
}

async function fieldFor<C extends object>(
  args: ExecutionArgs,
  field: RootField,
  { fields, audienceOf, partOf, execute, context, way }: Execution<C>,
): Promise<Given> {
  const { name, document } = field;
  const run = async () => execute({ ...args, document, contextValue: partOf(context) });
  const question = fieldQuestionOf(audienceOf(context), field, args.variableValues ?? {});
  if (question === null) return { name, question: '', kept: null, result: await run() };
  const keep = ({ data, errors }: ExecutionResult) => (errors === undefined && data ? fieldOf(data[name]) : null);
  const asked: Asked<ExecutionResult> = await fields.ask(question, { run, keep }, way);
  return { name, question, kept: asked.kept, result: 'result' in asked ? asked.result : null };
}

/** Null where a field that cannot be is null. What was kept is read where somebody looks at it. */
function dataOf(given: readonly Given[]): Record<string, unknown> | null {
  if (given.some(({ result }) => result?.data === null)) return null;
  // A field may be called as what objects are made of.
  const data: Record<string, unknown> = Object.create(null);
  for (const { name, kept, result } of given) {
    if (result?.data) Object.assign(data, result.data);
    else if (kept !== null && kept.bytes !== '')
      Object.defineProperty(data, name, { enumerable: true, get: () => JSON.parse(textOf(kept.bytes)) });
  }
  return data;
}

/** Yoga's results may say how they are written. */
type Written = ExecutionResult & { readonly stringify: (result: ExecutionResult) => string };

function written(given: readonly Given[]): Written {
  const bytes = () =>
    bytesTogether(
      given,
      given.map(({ name, kept, result }) => kept ?? fieldOf(result?.data?.[name])),
    );
  return {
    data: dataOf(given) ?? {},
    stringify: (result) =>
      result.errors ? JSON.stringify(result) : textOf(bytes()) + endingOf(result.extensions ?? {}),
  };
}
