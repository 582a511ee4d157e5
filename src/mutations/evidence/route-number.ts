import type { Evidence } from '../../operations/evidence.ts';
import type { Route } from '../assign-number.ts';
import { eventsSince } from './events-since.ts';

/** Routing shows in the `trunk_uuid` of the number's next events, and nowhere else. */
export const routeNumberEvidence: Evidence<Route> = {
  source: null,
  async judge(trx, account, { known, sentAt }) {
    const trunk = await trx
      .selectFrom('trunks')
      .select('uuid')
      .where('account', '=', account.id)
      .where('trunk_key', '=', known.trunk)
      .executeTakeFirst();
    const told = (await eventsSince(trx, account, known.e164, sentAt)).find(({ data }) => data['trunk_uuid'] != null);
    if (told === undefined || trunk?.uuid == null || told.data['trunk_uuid'] !== trunk.uuid)
      return { says: 'unclear', findings: [silent(known, trunk?.uuid ?? null)] };
    // The event has written its routing itself, as of its own time: one that came late must not undo a newer one.
    return {
      says: 'happened',
      certain: true,
      findings: [`An event of ${known.e164} names trunk ${trunk.uuid}.`],
      apply: async (): Promise<Route> => ({ e164: known.e164, trunk: known.trunk }),
    };
  },
};

const silent = ({ e164, trunk }: Route, uuid: string | null) =>
  `No event since has said that the calls of ${e164} go to trunk ${uuid ?? trunk}, and nothing else shows it. DIDfarm's portal does; routing it again with a new key does no harm.`;
