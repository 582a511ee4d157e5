import type { RequestListener } from 'node:http';
import type { Plugin } from 'graphql-yoga';
import { type UseAnswersOptions, useAnswers } from './answers.ts';
import { createDoor, type DoorOptions } from './door.ts';

/** Kept answers, and who they are kept for. */
export interface KeptAnswers extends Pick<UseAnswersOptions<object>, 'answers' | 'audience'> {
  /** Bytes for what requests look like that were answered with them. */
  readonly requestBytes: number;
}

interface Options<C extends object>
  extends Pick<DoorOptions, 'newRequestId' | 'repeated' | 'isStopping' | 'clock'>,
    Pick<UseAnswersOptions<C>, 'createContext' | 'extensions' | 'live'> {
  /** Nothing is kept without it. */
  readonly kept?: KeptAnswers | null | undefined;
}

/** The two places where a query is answered with what is kept: before Yoga, and in it before a document is parsed. */
export function createKeptAnswers<C extends object>({
  kept,
  ...options
}: Options<C>): {
  readonly plugins: Plugin[];
  before(wholeWay: RequestListener): RequestListener;
} {
  if (!kept) return { plugins: [], before: (wholeWay) => wholeWay };
  const door = createDoor({ ...options, ...kept });
  return { plugins: [useAnswers<C>({ ...options, ...kept, door })], before: door.listener };
}
