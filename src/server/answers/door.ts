import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Answer, Answers, Recipe } from '../../cache/answers.ts';
import type { Clock } from '../../clock.ts';
import type { RepeatRecord } from '../operations.ts';
import { requestIdOf } from '../request-id.ts';
import { isKnown, wantsFresh } from './bytes.ts';
import { lookAtBody } from './request-body.ts';
import { bodyLengthOf, keyOf } from './request-key.ts';

/** How a request was answered, for its like: everything that only time can change is asked anew. */
export interface Repeat {
  readonly recipe: Recipe;
  /** Names and values in turn, without those that are the answer's own. */
  readonly headers: readonly string[];
  /** Whether who asked is still let in, and is who they were. */
  readonly holds: () => unknown;
  /** The bytes of what follows the data, as of now, one character each. */
  readonly ending: () => string;
}

/** Stands before everything else, and answers with kept bytes whoever asks what was asked before, word for word. */
export interface Door {
  /** @param through the whole way, for all other requests; they come to it as if there were no door. */
  listener(through: RequestListener): RequestListener;
  /** A request that went the whole way was answered with what is kept. */
  admit(request: IncomingMessage, repeat: Repeat): void;
}

export interface DoorOptions {
  readonly answers: Pick<Answers, 'compose'>;
  readonly requestBytes: number;
  readonly repeated: RepeatRecord;
  readonly newRequestId: () => string;
  readonly isStopping: () => boolean;
  readonly clock: Clock;
}

/** How long a request's like is let in before it goes the whole way again, in milliseconds. */
const admittedFor = 300_000;

/** What an entry takes besides the text of its headers, in bytes. */
const overhead = 2_000;

interface Admitted extends Repeat {
  readonly at: number;
}

export function createDoor(options: DoorOptions): Door {
  const { answers, requestBytes, repeated, newRequestId, isStopping, clock } = options;
  const repeats = new LRUCache<string, Admitted>({
    maxSize: requestBytes,
    sizeCalculation: ({ headers }) => overhead + headers.reduce((sum, text) => sum + text.length, 0),
  });
  const keys = new WeakMap<IncomingMessage, string>();

  const isAdmitted = ({ at, holds }: Admitted) => Math.abs(clock.now() - at) < admittedFor && holds() === true;
  const answered = (request: IncomingMessage, response: ServerResponse, body: string): boolean => {
    const key = keyOf(request, body);
    const repeat = repeats.get(key);
    if (repeat !== undefined && !isAdmitted(repeat)) repeats.delete(key);
    else if (repeat !== undefined) {
      const answer = answers.compose(repeat.recipe);
      if (answer !== null) {
        const requestId = requestIdOf(request.headers['x-request-id'], newRequestId);
        const unchanged = isKnown(request.headers['if-none-match'], answer.etag);
        if (unchanged) sendUnchanged(response, repeat, answer, requestId);
        else send(response, repeat, answer, requestId);
        repeated(repeat.recipe.operation, 0, unchanged, requestId);
        return true;
      }
    }
    keys.set(request, key);
    return false;
  };

  return {
    listener: (through) => (request, response) => {
      const length = isStopping() ? null : bodyLengthOf(request);
      if (length === null || wantsFresh((name) => headerOf(request, name)) !== null) through(request, response);
      else if (length === 0) {
        if (!answered(request, response, '')) through(request, response);
      } else {
        const taken = (body: Buffer) => answered(request, response, body.toString('latin1'));
        lookAtBody(request, length, taken, () => through(request, response));
      }
    },
    admit(request, repeat) {
      const key = keys.get(request);
      if (key !== undefined) repeats.set(key, { ...repeat, at: clock.now() });
    },
  };
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  return headers[name] as string | undefined;
}

function send(response: ServerResponse, { headers, ending }: Repeat, { bytes, etag }: Answer, requestId: string): void {
  const body = bytes + ending();
  const own = ['etag', etag, 'x-request-id', requestId, 'content-length', String(body.length)];
  // Text of single bytes goes out together with the headers.
  response.writeHead(200, [...headers, ...own]).end(body, 'latin1');
}

function sendUnchanged(response: ServerResponse, { headers }: Repeat, { etag }: Answer, requestId: string): void {
  const place = headers.indexOf('content-type');
  const kept = headers.filter((_, each) => place < 0 || (each !== place && each !== place + 1));
  response.writeHead(304, [...kept, 'etag', etag, 'x-request-id', requestId]).end();
}
