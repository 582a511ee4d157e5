import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dispatcher, Pool } from 'undici';
import { openStorage } from '../../src/storage/database.ts';
import { type RunningProcess, startGateway } from '../support/process.ts';
import { signatureOf } from '../support/webhook.ts';
import { createSubscriber, type Subscriber } from './subscriber.ts';

/** What became of a burst of webhooks whose gateway was killed in the middle of it. */
export interface BurstOutcome {
  readonly seed: number;
  readonly sent: number;
  readonly answered: number;
  /** Of those without an answer: recorded all the same, before the gateway died. */
  readonly recorded: number;
  /** What is wrong; empty where nothing that was answered is missing, and nothing is there twice. */
  readonly faults: readonly string[];
}

interface Webhook {
  /** Carried in its data, so that what the log has can be told apart. */
  readonly place: number;
  readonly body: string;
}

interface Running {
  readonly url: string;
  readonly process: RunningProcess;
  readonly pool: Pool;
}

const secret = 'whsec_burst';
const concurrency = 48;
const trunks = 12;
/** The burst goes on until the gateway is dead. */
const most = 5_000;

/** Sends a burst, kills the gateway in it, starts it again, delivers again what was not answered, and compares. */
export async function killInBurst(seed: number): Promise<BurstOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-burst-'));
  const file = join(folder, 'gateway.db');
  try {
    const first = await start(file);
    await deliver(first.pool, webhookAt(0));
    const subscriber = createSubscriber(await newestCursor(first.url));
    const lost = subscriber.follow(first.url);
    const { sent, answered } = await sendUntilKilled(first, seed);
    await lost;
    await end(first);

    const second = await start(file);
    const stopped = subscriber.follow(second.url);
    const caughtUp = async () => Promise.race([subscriber.reached(await newestCursor(second.url)), stopped]);
    await caughtUp();
    const kept = new Set(subscriber.places);
    for (const webhook of sent) if (!answered.has(webhook.place)) await deliver(second.pool, webhook);
    await caughtUp();
    await end(second);
    await stopped;
    return {
      seed,
      sent: sent.length,
      answered: answered.size,
      recorded: [...kept].filter((place) => !answered.has(place)).length,
      faults: [
        ...[...answered].filter((place) => !kept.has(place)).map((place) => `${place} was answered and is lost`),
        ...deliveredOnce(subscriber, sent),
        ...(await appliedOnce(file, sent)),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(file: string): Promise<Running> {
  const process = startGateway([], {
    env: {
      DIDFARM_API_KEY: 'df_live_burst',
      // Nothing answers there: no listing may tell what no webhook told.
      DIDFARM_BASE_URL: 'http://127.0.0.1:9/api/v1',
      DIDFARM_WEBHOOK_SECRET: secret,
      DATABASE_URL: `sqlite:${file}`,
      PORT: '0',
    },
  });
  const [, url = ''] = await process.printed(/"url":"([^"]+)"/);
  return { url, process, pool: new Pool(url, { connections: concurrency }) };
}

/** Gone already where it was killed. */
async function end({ process, pool }: Running): Promise<void> {
  await pool.destroy();
  process.child.kill('SIGTERM');
  await process.exited;
}

/** Every second one a text, which is a row of its own where it is applied; the others turn a trunk on and off. */
function webhookAt(place: number): Webhook {
  const event = place % 2 === 0 ? 'message.received' : isUp(place) ? 'trunk.registered' : 'trunk.offline';
  const text = { id: place, from: '+31687654321', to: '+31201234567', body: `Text ${place}` };
  const data = place % 2 === 0 ? { place, ...text } : { place, trunk_uuid: trunkOf(place) };
  const timestamp = new Date(started + place * 1000).toISOString();
  return { place, body: JSON.stringify({ event, timestamp, data }) };
}

const started = Date.now() - most * 1000;
const trunkOf = (place: number) => `trk_${place % trunks}`;
const isUp = (place: number) => Math.floor(place / trunks) % 3 !== 0;

function post(pool: Pool, { body }: Webhook): Promise<Dispatcher.ResponseData> {
  const headers = { 'x-didfarm-signature': signatureOf(body, secret) };
  return pool.request({ method: 'POST', path: '/webhooks/didfarm', headers, body });
}

async function deliver(pool: Pool, webhook: Webhook): Promise<void> {
  const { statusCode, body } = await post(pool, webhook);
  if (statusCode !== 200) throw new Error(`${webhook.place} was answered ${statusCode}: ${await body.text()}`);
  await body.dump();
}

/** Killed when so many were answered, every other seed when so many were sent: the one falls after a commit, the other into one. */
async function sendUntilKilled({ process, pool }: Running, seed: number) {
  const killAt = 60 + ((seed * 97) % 700);
  const sent: Webhook[] = [];
  const answered = new Set<number>();
  let dead = false;
  const killWhen = (count: number) => {
    if (count !== killAt || dead) return;
    dead = true;
    process.child.kill('SIGKILL');
  };
  const work = async () => {
    while (!dead && sent.length < most) {
      const webhook = webhookAt(sent.length + 1);
      sent.push(webhook);
      const answer = post(pool, webhook);
      if (seed % 2 === 1) killWhen(sent.length);
      // What is on its way when the gateway dies is never answered.
      const response = await answer.catch(() => null);
      if (response?.statusCode === 200) answered.add(webhook.place);
      await response?.body.dump().catch(() => undefined);
      if (seed % 2 === 0) killWhen(answered.size);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if ((await process.exited) !== 'SIGKILL') throw new Error(`The gateway ended by itself: ${process.output.stderr}`);
  return { sent, answered };
}

async function newestCursor(url: string): Promise<string> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ events(first: 1) { nodes { cursor } } }' }),
  });
  const { data } = (await answer.json()) as { data: { events: { nodes: { cursor: string }[] } } };
  return data.events.nodes[0]?.cursor ?? '';
}

function deliveredOnce({ places }: Subscriber, sent: readonly Webhook[]): string[] {
  const counted = new Map<number, number>();
  for (const place of places) counted.set(place, (counted.get(place) ?? 0) + 1);
  return sent.flatMap(({ place }) => {
    const times = counted.get(place) ?? 0;
    return times === 1 ? [] : [`${place} came to the subscriber ${times} times`];
  });
}

/** By the rows of the file: one event each without a gap, one text each, and each trunk as its latest event says. */
async function appliedOnce(file: string, sent: readonly Webhook[]): Promise<string[]> {
  const storage = await openStorage(`sqlite:${file}`);
  try {
    const events = await storage.db.selectFrom('events').select('seq').orderBy('seq').execute();
    const messages = await storage.db.selectFrom('messages').select('message_id').execute();
    const rows = await storage.db.selectFrom('trunks').select(['trunk_key', 'status']).execute();
    const texts = [0, ...sent.map(({ place }) => place)].filter((place) => place % 2 === 0);
    const latest = new Map(sent.filter(({ place }) => place % 2 === 1).map(({ place }) => [trunkOf(place), place]));
    const wrong = rows.filter(({ trunk_key, status }) => {
      const place = latest.get(trunk_key);
      return place === undefined || status !== (isUp(place) ? 'REGISTERED' : 'OFFLINE');
    });
    return [
      ...(events.length === sent.length + 1 && events.every(({ seq }, index) => seq === index + 1)
        ? []
        : [`the log has ${events.length} of ${sent.length + 1}`]),
      ...(messages.length === texts.length ? [] : [`${messages.length} texts of ${texts.length} are there`]),
      ...(rows.length === latest.size ? [] : [`${rows.length} trunks of ${latest.size} are there`]),
      ...wrong.map(({ trunk_key, status }) => `${trunk_key} is ${status}`),
    ];
  } finally {
    await storage.close();
  }
}
