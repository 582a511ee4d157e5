import type { TrunkCredentials } from '../didfarm/client.ts';
import { nullUnless, seenWith } from '../graph/access.ts';
import { builder } from '../graph/builder.ts';

const TrunkCredentialsRef = builder.objectRef<TrunkCredentials>('TrunkCredentials').implement({
  ...seenWith('password'),
  description: 'What a PBX registers with. Shown once: the gateway does not keep it and cannot show it again.',
  fields: (t) => ({
    sipServer: t.exposeString('sipServer', { description: 'Where it registers, such as "sip.didfarm.com".' }),
    username: t.exposeString('username', { description: 'What it registers as.' }),
    password: t.exposeString('password', {
      nullable: false,
      description: 'Store it securely now and hand it to the client.',
    }),
  }),
});

/** The field of every payload that may carry a new password. */
export const credentialsField = {
  ...nullUnless('password'),
  type: TrunkCredentialsRef,
  description:
    'What the PBX registers with, this once; null where the key was sent before. Never stored, cached or logged.',
  resolve: ({ secret }: { readonly secret: TrunkCredentials | null }) => secret,
} as const;
