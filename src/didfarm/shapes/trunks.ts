import { z } from 'zod';
import { type Answer, readAnswer } from './answer.ts';
import { optionalIdentity, optionalText, optionalWhole, requiredText } from './fields.ts';
import { type Page, readPage } from './page.ts';

/** A SIP trunk as listed. It has an id, a uuid or both. `status` is DIDfarm's own word. */
export interface TrunkListing {
  /** The integer that routing takes. */
  readonly sipTrunkId: number | null;
  readonly uuid: string | null;
  readonly name: string;
  readonly sipServer: string | null;
  readonly username: string | null;
  readonly authType: string | null;
  readonly status: string | null;
}

/** What a PBX logs in with. Shown once, never kept. */
export interface TrunkCredentials {
  readonly sipServer: string | null;
  readonly username: string | null;
  readonly password: string;
}

/** A new trunk (Connect guide, "Create Client SIP Trunks"). The only answer that carries its password. */
export interface CreatedTrunk extends TrunkListing {
  readonly password: string;
}

/** What routing a number answered: unpublished, so all of it may be missing. */
export interface RoutingAnswer {
  readonly didNumberId: number | null;
  readonly sipTrunkId: number | null;
  readonly status: string | null;
}

const trunkFields = z.object({
  id: optionalWhole,
  uuid: optionalIdentity,
  name: requiredText,
  sip_server: optionalText,
  username: optionalText,
  auth_type: optionalText,
  status: optionalText,
});

type TrunkFields = z.infer<typeof trunkFields>;

const identified = (row: TrunkFields): boolean => row.id !== null || row.uuid !== null;
const unidentified = 'neither id nor uuid';

const listing = (row: TrunkFields): TrunkListing => ({
  sipTrunkId: row.id,
  uuid: row.uuid,
  name: row.name,
  sipServer: row.sip_server,
  username: row.username,
  authType: row.auth_type,
  status: row.status,
});

const trunkListing = trunkFields.refine(identified, unidentified).transform(listing);

const createdTrunk = trunkFields
  .extend({ password: requiredText })
  .refine(identified, unidentified)
  .transform((row): CreatedTrunk => ({ ...listing(row), password: row.password }));

const credentials = z
  .object({ sip_server: optionalText, username: optionalText, password: requiredText })
  .transform(
    (row): TrunkCredentials => ({ sipServer: row.sip_server, username: row.username, password: row.password }),
  );

const routing = z
  .object({ did_number_id: optionalWhole, sip_trunk_id: optionalWhole, status: optionalText })
  .transform(
    (row): RoutingAnswer => ({ didNumberId: row.did_number_id, sipTrunkId: row.sip_trunk_id, status: row.status }),
  );

export const readTrunkPage = (answer: Answer): Page<TrunkListing> => readPage(answer, trunkListing);
export const readCreatedTrunk = (answer: Answer): CreatedTrunk => readAnswer(answer, createdTrunk);
export const readCredentials = (answer: Answer): TrunkCredentials => readAnswer(answer, credentials);
export const readRouting = (answer: Answer): RoutingAnswer => readAnswer(answer, routing);
