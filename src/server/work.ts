import { channel } from 'node:diagnostics_channel';
import type { Plugin } from 'graphql-yoga';

/** What of an operation is done and not remembered, told to whoever measures it as it is begun: otherwise to nobody, at no cost. */
export const work = {
  parsed: channel('didfarm-graphql-gateway:parsed'),
  validated: channel('didfarm-graphql-gateway:validated'),
  executed: channel('didfarm-graphql-gateway:executed'),
  serialized: channel('didfarm-graphql-gateway:serialized'),
} as const;

/** Tells of each execution: of a query's root fields, each by itself. Stands before the plugins that refuse some: these put their refusal in its place. */
export function useExecutionTold(): Plugin {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: Parameters<typeof executeFn>[0]) => {
        work.executed.publish(args.document);
        return executeFn(args);
      });
    },
  };
}
