import { AsyncLocalStorage } from 'node:async_hooks';
import type { Plugin } from 'graphql-yoga';

const requests = new AsyncLocalStorage<string>();

const header = 'x-request-id';

/** The id of the request that this code runs for; kept with the flow of execution, so that every log line can carry it. */
export function currentRequestId(): string | undefined {
  return requests.getStore();
}

/** Runs `work` on behalf of a request. */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return requests.run(requestId, work);
}

/** The caller's own id where it is short and harmless in a log, else a new one. */
export function requestIdOf(given: unknown, create: () => string): string {
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : create();
}

/** Gives each HTTP request its id and returns it with the response. */
export function useRequestId(create: () => string): Plugin {
  return {
    instrumentation: {
      request: ({ request }, wrapped) => withRequestId(requestIdOf(request.headers.get(header), create), wrapped),
    },
    onResponse({ response }) {
      const requestId = currentRequestId();
      if (requestId !== undefined) response.headers.set(header, requestId);
    },
  };
}
