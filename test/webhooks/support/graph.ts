import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  parse,
  subscribe,
  validate,
} from 'graphql';
import { localAdmin, type Viewer } from '../../../src/access/viewer.ts';
import { schema } from '../../../src/schema.ts';
import { contextOf } from '../../support/context.ts';
import type { Receiver } from './receiver.ts';

type Variables = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, unknown>>;

/** A running subscription, read event by event. */
export interface Stream {
  /** The next payload of the one root field. */
  next(): Promise<Row>;
  take(count: number): Promise<Row[]>;
  result(): Promise<IteratorResult<ExecutionResult, undefined>>;
  end(): Promise<unknown>;
}

/** The graph as one viewer asks it. */
export interface Caller {
  /** Throws the first error. */
  ask<Data = Row>(query: string, variables?: Variables): Promise<Data>;
  /** Throws the errors of a subscription that does not begin. */
  follow(query: string, variables?: Variables): Promise<Stream>;
}

const typedSchema: GraphQLSchema = schema;

export function callerOf(receiver: Receiver, viewer?: Partial<Viewer>, signal?: AbortSignal): Caller {
  const { account, bus } = receiver;
  const context = () =>
    contextOf(
      account,
      { ...localAdmin(account.id), ...viewer },
      { bus, signal, subscribers: () => receiver.waiters() },
    );
  const argumentsOf = (query: string, variableValues: Variables) => {
    const document: DocumentNode = parse(query);
    const errors = validate(typedSchema, document);
    if (errors.length > 0) throw errors[0];
    return { schema: typedSchema, document, variableValues, contextValue: context() };
  };
  return {
    async ask<Data>(query: string, variables: Variables = {}) {
      const { data, errors } = await execute(argumentsOf(query, variables));
      if (errors) throw errors[0];
      return data as Data;
    },
    async follow(query, variables = {}) {
      const results = await subscribe(argumentsOf(query, variables));
      if (!(Symbol.asyncIterator in results)) throw results.errors?.[0];
      return streamOf(results);
    },
  };
}

function streamOf(results: AsyncGenerator<ExecutionResult, void, void>): Stream {
  const next = async (): Promise<Row> => {
    const { value } = await results.next();
    if (value?.errors) throw value.errors[0];
    return Object.values(value?.data ?? {})[0] as Row;
  };
  return {
    next,
    async take(count) {
      const rows: Row[] = [];
      while (rows.length < count) rows.push(await next());
      return rows;
    },
    result: async () => (await results.next()) as IteratorResult<ExecutionResult, undefined>,
    end: () => results.return(),
  };
}
