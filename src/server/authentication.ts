import type { Plugin } from 'graphql-yoga';

/** Nothing of an operation is looked at before its caller is known: its faults would tell strangers of the schema. */
export function useAuthentication(authenticate: ((request: Request) => unknown) | undefined): Plugin {
  return {
    async onParams({ request }) {
      await authenticate?.(request);
    },
  };
}
