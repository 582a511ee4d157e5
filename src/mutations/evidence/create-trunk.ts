import type { Transaction } from 'kysely';
import type { Account } from '../../account.ts';
import { type Evidence, type LostCall, openCalls } from '../../operations/evidence.ts';
import { enoughLooks } from '../../operations/settle.ts';
import type { Tables } from '../../storage/tables.ts';
import type { CreateTrunkEvidence, CreateTrunkResult } from '../create-trunk.ts';
import { bookedWithin } from './debits.ts';

/**
 * A trunk that was made shows in the next listings: one of its name that was not there before, and that no other operation has made.
 * What shows later than that was made elsewhere.
 */
export const createTrunkEvidence: Evidence<CreateTrunkEvidence> = {
  source: 'trunks',
  async judge(trx, account, call) {
    const { known } = call;
    const unexplained = await unexplainedTrunks(trx, account, call);
    const fresh = unexplained.filter(({ name }) => alike(name, known.name)).map(({ trunk_key }) => trunk_key);
    const [trunk] = fresh;
    // Once enough listings have shown nothing, only its own name still tells.
    if (trunk === undefined && unexplained.length > 0 && call.looks < enoughLooks)
      return { says: 'unclear', findings: [renamed(known.name, unexplained)] };
    if (trunk === undefined)
      return { says: 'nothing', findings: [`DIDfarm lists no new trunk of the name ${known.name}.`] };
    // Where there are as many as were asked for, each was made; which is whose makes no difference.
    const asked = (await openCalls(trx, account, 'create-trunk', call)).filter((each) =>
      alike((each.known as CreateTrunkEvidence).name, known.name),
    );
    if (fresh.length < asked.length) return { says: 'unclear', findings: [rivalled(known.name)] };
    return {
      says: 'happened',
      certain: true,
      findings: [
        `DIDfarm lists trunk ${trunk} of this name, which was not there before. Its password is lost: regenerateTrunkCredentials makes another.`,
      ],
      apply: async (): Promise<CreateTrunkResult> => ({ trunk }),
    };
  },
};

const rivalled = (name: string) =>
  `DIDfarm lists fewer new trunks of the name ${name} than were asked for: which of them was made is not known.`;

const renamed = (name: string, others: readonly { readonly name: string }[]) =>
  `DIDfarm lists no new trunk of the name ${name}, but new ones that nobody here asked for (${others.map((other) => other.name).join(', ')}): one of them may be it, under another name.`;

/** The trunks that were not there before, that were first seen in time, and that no other operation has made. */
async function unexplainedTrunks(
  trx: Transaction<Tables>,
  account: Account,
  { known: { known }, sentAt, lookedAt }: LostCall<CreateTrunkEvidence>,
): Promise<{ readonly trunk_key: string; readonly name: string }[]> {
  const rows = await trx
    .selectFrom('trunks')
    .select(['trunk_key', 'name', 'first_seen'])
    .where('account', '=', account.id)
    .orderBy('first_seen')
    .orderBy('trunk_key')
    .execute();
  const made = await trx
    .selectFrom('operation_steps')
    .select('result')
    .where('account', '=', account.id)
    .where('name', 'like', 'create-trunk%')
    .where('status', '=', 'SUCCEEDED')
    .execute();
  const explained = new Set([
    ...known,
    ...made.map(({ result }) => (JSON.parse(result ?? '{}') as CreateTrunkResult).trunk),
  ]);
  const fresh = rows.filter((row) => !explained.has(row.trunk_key));
  // Where nothing was listed for so long, the first listing is in time.
  const first = lookedAt === null ? (fresh[0]?.first_seen ?? sentAt) : sentAt;
  return fresh.filter((row) => row.first_seen <= Math.max(first, sentAt + bookedWithin));
}

/** DIDfarm may write a name in another case, with other spaces or its accents apart. */
function alike(one: string, other: string): boolean {
  const plain = (name: string) => name.normalize('NFC').trim().toLowerCase().replace(/\s+/g, ' ');
  return plain(one) === plain(other);
}
