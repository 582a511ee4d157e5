import { channel } from 'node:diagnostics_channel';

/** What of an operation is done and not remembered, told to whoever measures it as it is begun: otherwise to nobody, at no cost. */
export const work = {
  parsed: channel('didfarm-graphql-gateway:parsed'),
  validated: channel('didfarm-graphql-gateway:validated'),
  executed: channel('didfarm-graphql-gateway:executed'),
} as const;
