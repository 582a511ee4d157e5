import { hash, letters, pick } from '../random.ts';

/** Whether the client's PBX is connected; before its first time it is provisioning. */
export type TrunkStatus = 'provisioning' | 'registered' | 'offline';

/** A SIP trunk. The password is never part of it: it is in the answer that made it, and nowhere else. */
export interface Trunk {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly authType: string;
  readonly sipServer: string;
  readonly username: string;
  readonly status: TrunkStatus;
  readonly createdAt: number;
}

/** A trunk with the password that is told once. */
export interface Credentials {
  readonly trunk: Trunk;
  readonly password: string;
}

/** The trunks of an account, by both of their identifiers. */
export interface Trunks {
  all(): readonly Trunk[];
  byId(id: number): Trunk | undefined;
  byUuid(uuid: string): Trunk | undefined;
  create(name: string, authType: string): Credentials;
  /** New credentials; the PBX that used the old ones is disconnected. */
  regenerate(trunk: Trunk): Credentials;
  setStatus(trunk: Trunk, status: TrunkStatus): Trunk;
}

const clients = [
  'Acme Corp',
  'Van Dijk Logistiek',
  'Bakkerij De Zon',
  'Müller & Söhne GmbH',
  'Brouwerij Het Anker',
  'Lefèvre Conseil',
  'Thames Valley Dental',
  'Nordsee Reederei',
  'Garage Peeters',
  'Hudson Analytics',
  'Tandartspraktijk Linde',
  'Kanzlei Weber',
  'Boulangerie Martin',
  'Highland Travel',
  'Bay Area Movers',
  'De Vries Makelaardij',
] as const;

/** Several trunks of one client: typed by hand at different times, so case and blanks differ now and then. */
function nameOf(index: number, seed: number, known: Set<string>): string {
  const client = index < 3 ? index : hash(seed, 'client', index) % Math.max(3, index);
  const round = Math.floor(client / clients.length);
  const name = `${clients[client % clients.length]}${round ? ` ${round + 1}` : ''}`;
  const isFirst = !known.has(name);
  known.add(name);
  if (isFirst) return name;
  return pick([name, name, name, name.toUpperCase(), `${name} `, name.toLowerCase()], hash(seed, 'spelling', index));
}

const slug = (name: string) =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z]+/)?.[0] ?? 'trunk';

/** Creates an account's first trunks from the seed; about one in six is offline. */
export function createTrunks(seed: number, count: number, now: () => number): Trunks {
  const trunks: Trunk[] = [];
  const places = new Map<string, number>();
  const known = new Set<string>();
  let secrets = 0;

  const append = (name: string, authType: string, status: TrunkStatus, createdAt: number): Trunk => {
    const id = trunks.length + 1;
    const trunk: Trunk = {
      id,
      uuid: `trk_${hash(seed, 'uuid', id).toString(16).padStart(8, '0')}${id.toString(16).padStart(4, '0')}`,
      name,
      authType,
      sipServer: 'sip.didfarm.com',
      username: `${slug(name)}_${letters(5, seed, 'username', id)}`.toLowerCase(),
      status,
      createdAt,
    };
    places.set(trunk.uuid, trunks.push(trunk) - 1);
    return trunk;
  };
  const replace = (trunk: Trunk, change: Partial<Trunk>): Trunk => {
    const changed = { ...trunk, ...change };
    trunks[trunk.id - 1] = changed;
    return changed;
  };
  const password = () => letters(24, seed, 'password', secrets++);

  for (let i = 0; i < count; i++) {
    const status = hash(seed, 'status', i) % 6 === 0 ? 'offline' : 'registered';
    append(nameOf(i, seed, known), 'digest', status, now() - (count - i) * 86_400_000 * 7);
  }

  return {
    all: () => trunks,
    byId: (id) => trunks[id - 1],
    byUuid: (uuid) => trunks[places.get(uuid) ?? -1],
    create: (name, authType) => ({ trunk: append(name, authType, 'provisioning', now()), password: password() }),
    regenerate: (trunk) => {
      const username = `${slug(trunk.name)}_${letters(5, seed, 'username', trunk.id, secrets)}`.toLowerCase();
      const status = trunk.status === 'registered' ? 'offline' : trunk.status;
      return { trunk: replace(trunk, { username, status }), password: password() };
    },
    setStatus: (trunk, status) => replace(trunk, { status }),
  };
}
