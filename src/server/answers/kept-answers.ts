import type { RequestListener } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import { type UseAnswersOptions, useAnswers } from './answers.ts';
import { createDoor, type DoorOptions } from './door.ts';

/** Kept answers, and who they are kept for. */
export interface KeptAnswers<C extends object>
  extends Pick<UseAnswersOptions<C>, 'answers' | 'fields' | 'audience' | 'audienceOf' | 'partOf'> {
  /** Bytes for what requests look like that were answered with them. */
  readonly requestBytes: number;
}

interface Options<C extends object>
  extends Pick<DoorOptions, 'newRequestId' | 'repeated' | 'isStopping' | 'clock'>,
    Pick<UseAnswersOptions<C>, 'createContext' | 'extensions' | 'live'> {
  /** Nothing is kept without it. */
  readonly kept?: KeptAnswers<C> | null | undefined;
}

/**
 * The places where what is kept is given: before Yoga, in it before a document is parsed, and field by field as it is executed.
 * `execution` stands before the plugins that refuse an operation, `answering` behind all others.
 */
export function createKeptAnswers<C extends object>({
  kept,
  ...options
}: Options<C>): {
  readonly execution: Plugin[];
  readonly answering: Plugin[];
  before(wholeWay: RequestListener): RequestListener;
} {
  if (!kept) return { execution: [], answering: [], before: (wholeWay) => wholeWay };
  const door = createDoor({ ...options, ...kept });
  const { execution, answering } = useAnswers<C>({ ...options, ...kept, door });
  return { execution: [execution], answering: [answering], before: door.listener };
}
