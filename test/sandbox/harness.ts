import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createFakeClock, type FakeClock } from '../support/clock.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

/** JSON whose parts are read by name; what an answer lacks is undefined at run time, so that an assertion fails. */
export type Json = { readonly [name in Name]: Json } & { readonly [index: number]: Json };

type Name =
  | 'accounts'
  | 'amount'
  | 'apiKey'
  | 'attempts'
  | 'balance'
  | 'body'
  | 'code'
  | 'cost'
  | 'country'
  | 'created_at'
  | 'current_page'
  | 'data'
  | 'did_number_id'
  | 'error'
  | 'errors'
  | 'event'
  | 'fields'
  | 'id'
  | 'items'
  | 'last_page'
  | 'length'
  | 'message'
  | 'meta'
  | 'monthly_rate'
  | 'now'
  | 'number'
  | 'order_id'
  | 'page'
  | 'page_number'
  | 'password'
  | 'per_page'
  | 'reference_id'
  | 'reference_type'
  | 'requires_regulatory'
  | 'routes'
  | 'segments'
  | 'state'
  | 'status'
  | 'timestamp'
  | 'total'
  | 'total_pages'
  | 'type'
  | 'username'
  | 'uuid';

export interface Running extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly clock: FakeClock;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
}

export async function read(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: tryJson(text) };
}

function tryJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse('{}');
  }
}

/** A listening sandbox on a fake clock without a limit, and calls with its key. Paths are below `/api/v1`, or whole. */
export async function run(options: SandboxOptions = {}): Promise<Running> {
  const clock = createFakeClock();
  const sandbox = createSandbox({ clock, rateLimit: null, ...options });
  await sandbox.listen();
  const call: Running['call'] = async (method, path, body, headers = {}) => {
    const whole = /^\/(api|__sandbox|login|sanctum)/.test(path);
    const response = await fetch((whole ? sandbox.url : sandbox.apiUrl) + path, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${sandbox.apiKey}`,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return read(response);
  };
  return {
    sandbox,
    clock,
    call,
    get: (path, headers) => call('GET', path, undefined, headers),
    post: (path, body, headers) => call('POST', path, body ?? {}, headers),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}
