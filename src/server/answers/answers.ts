import type { IncomingMessage } from 'node:http';
import { type ExecutionResult, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import type { Answer, Answers, Asked } from '../../cache/answers.ts';
import { noteUnkeepable } from '../../cache/reading.ts';
import type { Clock } from '../../clock.ts';
import { ownPlace } from '../../graph/place.ts';
import type { RepeatRecord } from '../operations.ts';
import { currentRequestId } from '../request-id.ts';
import type { LiveOptions } from '../subscriptions/live-options.ts';
import { answerOf, bytesOf, endingOf, isKnown, textOf, wantsFresh } from './bytes.ts';
import type { Door } from './door.ts';
import { questionOf } from './question.ts';

export interface UseAnswersOptions<C extends object> {
  readonly answers: Answers;
  /** Who asks, in everything that an answer can depend on; rejects where they may not. */
  readonly audience: (request: Request) => Promise<string>;
  readonly door: Pick<Door, 'admit'>;
  readonly createContext: (request: Request, requestId: string) => C | Promise<C>;
  readonly extensions: (context: C) => Record<string, unknown>;
  readonly live: Pick<LiveOptions<C>, 'fork' | 'admission'>;
  readonly repeated: RepeatRecord;
  readonly clock: Clock;
}

/** Yoga's results may say how they are written. */
type Result = (ExecutionResult & { readonly stringify?: () => string }) | AsyncIterable<ExecutionResult>;

interface Given<C> {
  readonly question: string;
  readonly answer: Answer;
  readonly context: C;
}

/** Nobody waits for what is made of a context that answers repeats. */
const never = new AbortController().signal;

/**
 * Answers a query that was answered before, to the same viewer and with nothing written since that it read, with the same bytes:
 * before it is parsed. To be the last of the plugins: what it sees of a response is what the door gives to the request's like.
 */
export function useAnswers<C extends object>(options: UseAnswersOptions<C>): Plugin {
  const { answers, audience, door, createContext, extensions, live, repeated, clock } = options;
  const executed = new WeakMap<Request, { readonly context: C; readonly operation: string | undefined }>();
  const given = new WeakMap<Request, Given<C>>();

  const answerTo = (request: Request, question: string, result: Result): Answer | null => {
    const execution = executed.get(request);
    if (execution === undefined || isAsyncIterable(result) || result.errors !== undefined || !result.data) return null;
    return answerOf(question, result.data, execution.operation);
  };
  const write = async (request: Request, question: string, asked: Asked<Result>, startedAt: number) => {
    if ('result' in asked) {
      const made = executed.get(request);
      if (asked.answer === null || made === undefined || isAsyncIterable(asked.result)) return asked.result;
      given.set(request, { question, answer: asked.answer, context: made.context });
      return written(asked.answer, asked.result.extensions);
    }
    const answer = asked.kept;
    const context = await createContext(request, currentRequestId() ?? '');
    const unchanged = isKnown(request.headers.get('if-none-match'), answer.etag);
    repeated(answer.operation, clock.now() - startedAt, unchanged);
    given.set(request, { question, answer, context });
    return written(answer, extensions(context));
  };

  return {
    onParams({ request, paramsHandler, setParamsHandler }) {
      const wanted = wantsFresh((name) => request.headers.get(name));
      if (wanted === 'no-store') return;
      setParamsHandler(async (payload) => {
        const question = questionOf(await audience(request), payload.params);
        if (question === null) return paramsHandler(payload);
        const startedAt = clock.now();
        const work = {
          run: async () => paramsHandler(payload) as Promise<Result>,
          answer: (result: Result) => answerTo(request, question, result),
        };
        const asked = await answers.ask(question, work, wanted === null ? 'usual' : 'fresh');
        return write(request, question, asked, startedAt);
      });
    },
    onExecute({ args }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (operation?.operation !== 'query') noteUnkeepable('It is no query');
      // The context was made by `createContext`; Yoga's types have lost that.
      const context = args.contextValue as C & Partial<YogaInitialContext>;
      if (context.request) executed.set(context.request, { context, operation: operation?.name?.value });
    },
    onResponse({ request, response, setResponse, serverContext, fetchAPI }) {
      const found = given.get(request);
      if (found === undefined || response.status !== 200 || !isJson(response)) return;
      const { question, answer, context } = found;
      response.headers.set('etag', answer.etag);
      const { req } = serverContext as { readonly req?: IncomingMessage };
      if (req !== undefined) {
        const light = live.fork(context, ownPlace(), never);
        const ending = oncePerTurn(() => bytesOf(endingOf(extensions(light))));
        door.admit(req, { question, headers: headersOf(response), holds: live.admission(context), ending });
      }
      if (!isKnown(request.headers.get('if-none-match'), answer.etag)) return;
      const headers = new fetchAPI.Headers(response.headers);
      for (const name of ['content-type', 'content-length']) headers.delete(name);
      setResponse(new fetchAPI.Response(null, { status: 304, headers }));
    },
  };
}

function written(answer: Answer, extensions: Readonly<Record<string, unknown>> = {}): Result {
  return { stringify: () => textOf(answer) + endingOf(extensions) };
}

/** As they are sent: names and values in turn, without those that each answer has of its own. */
function headersOf({ headers }: Response): string[] {
  const own = ['etag', 'x-request-id', 'content-length'];
  return [...headers].filter(([name]) => !own.includes(name)).flat();
}

/** Many are answered in one turn of the event loop, and between two of them nothing is spent. */
function oncePerTurn(make: () => string): () => string {
  let made: string | null = null;
  const forget = () => {
    made = null;
  };
  return () => {
    if (made === null) setImmediate(forget);
    made ??= make();
    return made;
  };
}

/** Not as an event of a stream, which a caller may have asked for instead. */
function isJson({ headers }: Response): boolean {
  return /^application\/(?:graphql-response\+)?json;/.test(headers.get('content-type') ?? '');
}
