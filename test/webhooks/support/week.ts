import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Gateway, startGateway } from '../../support/gateway.ts';

/** A week of an account whose webhooks meet every trouble, at a gateway that is down now and then. */
export interface Week {
  readonly gateway: Gateway;
  /** What became of each event, by the digest of its bytes, in the order in which they happened. */
  readonly sent: ReadonlyMap<string, Sent>;
  /** Has the gateway list the trunks: it did so last within the last half day of the week. */
  listTrunks(): Promise<void>;
  close(): Promise<void>;
}

export interface Sent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether the gateway was given it; otherwise DIDfarm dropped it. */
  readonly delivered: boolean;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** When the gateway is down, in hours: once for less, and once for longer than DIDfarm tries. */
const down: readonly (readonly [from: number, to: number])[] = [
  [40, 46],
  [80, 110],
];

/** For some hours everything is stamped with a time to come. */
const ahead = { from: 124, to: 128, by: 20 * minute };

/** @param databaseUrl of a file: the gateway is started again after each time that it was down. */
export async function liveThroughWeek(seed: number, databaseUrl: string): Promise<Week> {
  const gateway = await startGateway({
    databaseUrl,
    sandbox: { seed, trunks: 6, numbers: 12, transactions: 0, rateLimit: null },
  });
  const front = createFront(gateway);
  const { control } = gateway.sandbox;
  const { webhooks } = control;
  webhooks.configure({ url: await front.listen() });
  const chance = createChance(seed);
  const begun = gateway.clock.now();
  const pass = (milliseconds: number) => gateway.clock.advance(milliseconds, () => webhooks.idle());

  for (let at = 0; at < 7 * 24; at++) {
    const isDown = down.some(([from, to]) => at >= from && at < to);
    if (front.open && isDown) front.open = false;
    if (!front.open && !isDown) {
      await gateway.restart();
      await readTrunks(gateway);
      front.open = true;
    }
    webhooks.trouble(troubleOf(chance, at));
    for (let happening = chance(3); happening >= 0; happening--) {
      await pass(chance(15 * minute));
      const happen = happeningOf(gateway, chance);
      for (let times = chance(3); times >= 0; times--) {
        happen();
        await pass(2_000 + chance(10_000));
      }
    }
    await pass(begun + (at + 1) * hour - gateway.clock.now());
    if (front.open && at % 12 === 0) await readTrunks(gateway);
  }
  // Nothing happens any more, and the last retries come through.
  webhooks.trouble({ outage: false, deaf: false, duplicates: 0, reorder: false });
  await pass(day);
  return {
    gateway,
    listTrunks: () => readTrunks(gateway),
    sent: whatBecame(gateway),
    async close() {
      await front.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** Whole numbers below a limit, each following from the seed. */
function createChance(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Another trouble every hour. DIDfarm's clock is behind by up to two minutes and gains on the gateway's; once it is far ahead. */
function troubleOf(chance: (limit: number) => number, at: number) {
  const isAhead = at >= ahead.from && at < ahead.to;
  const kind = isAhead ? -1 : chance(8);
  return {
    outage: kind === 0,
    deaf: kind === 1,
    reorder: kind === 2 || kind === 3,
    duplicates: kind === 4 ? 1 + chance(2) : 0,
    clockSkew: isAhead ? ahead.by : -2 * minute + at * 1_000,
  };
}

/** One thing that happens, by itself or several times within seconds: then what is delivered last need not be the latest. */
function happeningOf({ sandbox }: Gateway, chance: (limit: number) => number): () => void {
  const { control } = sandbox;
  const { trunks, numbers, lifecycle, messages } = control.world;
  const { uuid } = trunks.all()[chance(trunks.all().length)] ?? { uuid: '' };
  const id = 1 + chance(numbers.count());
  const toggleTrunk = () => {
    control.setTrunkStatus(uuid, trunks.byUuid(uuid)?.status === 'registered' ? 'offline' : 'registered');
  };
  const toggleNumber = () => {
    const status = numbers.byId(id)?.status;
    if (status === 'active') lifecycle.suspend(id);
    if (status === 'suspended') lifecycle.activate(id);
  };
  const receiveText = () => void messages.receive(id, '+31687654321', `Text ${chance(1_000_000)}`);
  const release = () => void lifecycle.release(id);
  const kind = chance(40);
  if (kind === 0) return release;
  return kind < 8 ? receiveText : kind < 20 ? toggleTrunk : toggleNumber;
}

/** What a dashboard asks for: the gateway lists the trunks where its own picture is too old. */
async function readTrunks(gateway: Gateway): Promise<void> {
  const { errors } = await gateway.askText('{ trunks(first: 50) { nodes { status } } }');
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
}

function whatBecame({ sandbox }: Gateway): Map<string, Sent> {
  const sent = new Map<string, Sent>();
  for (const { event, body, attempts } of sandbox.control.webhooks.list()) {
    const digest = createHash('sha256').update(body).digest('hex');
    const reached = attempts.some(({ result }) => result === 200 || result === 'the answer was lost');
    const { data } = JSON.parse(body) as Pick<Sent, 'data'>;
    sent.set(digest, { event, data, delivered: reached || sent.get(digest)?.delivered === true });
  }
  return sent;
}

/** Before the gateway, whose address outlives it: closed, it cuts every connection. */
function createFront(gateway: Gateway) {
  const server: Server = createServer(async (incoming, answer) => {
    if (!front.open) return void incoming.socket.destroy();
    const headers = { 'x-didfarm-signature': String(incoming.headers['x-didfarm-signature']) };
    const body = Buffer.concat(await incoming.toArray());
    const request = new Request('http://gateway.test/webhooks/didfarm', { method: 'POST', headers, body });
    const { status } = await gateway.app.fetch(request);
    answer.writeHead(status).end();
  });
  const front = {
    open: true,
    listen: () =>
      new Promise<string>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}
