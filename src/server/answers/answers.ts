import type { IncomingMessage } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { type Answer, type Answers, etagOf, type Recipe } from '../../cache/answers.ts';
import type { KeptFields, Way } from '../../cache/kept-fields.ts';
import type { Clock } from '../../clock.ts';
import { ownPlace } from '../../graph/place.ts';
import type { RepeatRecord } from '../operations.ts';
import { currentRequestId } from '../request-id.ts';
import type { LiveOptions } from '../subscriptions/live-options.ts';
import { bytesOf, endingOf, isKnown, textOf, wantsFresh } from './bytes.ts';
import type { Door } from './door.ts';
import { type FieldByFieldOptions, type Made, useFieldByField } from './field-by-field.ts';
import { questionOf } from './question.ts';

export interface UseAnswersOptions<C extends object>
  extends Pick<FieldByFieldOptions<C>, 'audienceOf' | 'partOf'>,
    AnsweringOptions<C> {
  readonly fields: Pick<KeptFields, 'ask'>;
}

interface AnsweringOptions<C extends object> {
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

/** How a request was answered. */
interface Given<C> {
  readonly recipe: Recipe;
  readonly etag: string;
  readonly context: C;
}

/** How a query is worked out of which this is wanted. */
const wayFor = { any: 'usual', 'no-cache': 'fresh', 'no-store': null } as const;

/** Nobody waits for what is made of a context that answers repeats. */
const never = new AbortController().signal;

/**
 * Answers a query that was answered before, to the same viewer and with nothing written since that it read, with the same bytes.
 * `answering` does so before it is parsed, and is to be the last of the plugins: what it sees of a response is what the door gives to
 * the request's like. `execution` stands before the plugins that refuse an operation.
 */
export function useAnswers<C extends object>(
  options: UseAnswersOptions<C>,
): Readonly<Record<'answering' | 'execution', Plugin>> {
  const ways = new WeakMap<Request, Way | null>();
  const made = new WeakMap<Request, Made<C>>();
  const requestOf = (context: C) => (context as C & Partial<YogaInitialContext>).request;
  const execution = useFieldByField<C>({
    ...options,
    wayOf(context) {
      const request = requestOf(context);
      const way = request && ways.get(request);
      return way === undefined ? 'usual' : way;
    },
    made(whole) {
      const request = requestOf(whole.context);
      if (request !== undefined) made.set(request, whole);
    },
  });
  return { execution, answering: answering(options, ways, made) };
}

function answering<C extends object>(
  { answers, audience, door, createContext, extensions, live, repeated, clock }: AnsweringOptions<C>,
  ways: WeakMap<Request, Way | null>,
  made: WeakMap<Request, Made<C>>,
): Plugin {
  const given = new WeakMap<Request, Given<C>>();

  const repeat = async (request: Request, recipe: Recipe, answer: Answer, startedAt: number) => {
    const context = await createContext(request, currentRequestId() ?? '');
    const unchanged = isKnown(request.headers.get('if-none-match'), answer.etag);
    repeated(recipe.operation, clock.now() - startedAt, unchanged);
    given.set(request, { recipe, etag: answer.etag, context });
    const written: Written = { stringify: () => textOf(answer.bytes + bytesOf(endingOf(extensions(context)))) };
    return written;
  };
  const learn = (request: Request, question: string) => {
    const whole = made.get(request);
    if (whole === undefined) return;
    const { operation, context } = whole;
    const recipe = { question, operation, fields: whole.fields.map(({ name, question }) => ({ name, question })) };
    answers.learn(recipe);
    given.set(request, { recipe, etag: etagOf(question, whole.kept), context });
  };

  return {
    onParams({ request, paramsHandler, setParamsHandler }) {
      const wanted = wantsFresh((name) => request.headers.get(name));
      ways.set(request, wayFor[wanted ?? 'any']);
      if (wanted === 'no-store') return;
      setParamsHandler(async (payload) => {
        const question = questionOf(await audience(request), payload.params);
        if (question === null) return paramsHandler(payload);
        const startedAt = clock.now();
        const recipe = wanted === null ? answers.recipeOf(question) : null;
        const answer = recipe && answers.compose(recipe);
        if (recipe && answer) return repeat(request, recipe, answer, startedAt);
        const result = await paramsHandler(payload);
        learn(request, question);
        return result;
      });
    },
    onResponse({ request, response, setResponse, serverContext, fetchAPI }) {
      const found = given.get(request);
      if (found === undefined || response.status !== 200 || !isJson(response)) return;
      const { recipe, etag, context } = found;
      response.headers.set('etag', etag);
      const { req } = serverContext as { readonly req?: IncomingMessage };
      if (req !== undefined) {
        const light = live.fork(context, ownPlace(), never);
        const ending = oncePerTurn(() => bytesOf(endingOf(extensions(light))));
        door.admit(req, { recipe, headers: headersOf(response), holds: live.admission(context), ending });
      }
      if (!isKnown(request.headers.get('if-none-match'), etag)) return;
      const headers = new fetchAPI.Headers(response.headers);
      for (const name of ['content-type', 'content-length']) headers.delete(name);
      setResponse(new fetchAPI.Response(null, { status: 304, headers }));
    },
  };
}

/** Yoga's results may say how they are written. */
type Written = ExecutionResult & { readonly stringify: () => string };

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
