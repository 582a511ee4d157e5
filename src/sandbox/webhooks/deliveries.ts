import { request } from 'undici';
import type { SandboxClock } from '../clock.ts';
import { createWire } from '../http/wire.ts';
import type { VariantSwitches } from '../variants.ts';
import type { EventData } from '../world/events.ts';
import { sign } from './signature.ts';

/** One try to deliver an event. */
export interface Attempt {
  readonly at: number;
  /** The receiver's status, or why there was none. */
  readonly result: number | string;
}

/** One event on its way to the receiver. */
export interface Delivery {
  readonly id: number;
  readonly event: string;
  readonly body: string;
  readonly createdAt: number;
  readonly attempts: readonly Attempt[];
  readonly state: 'waiting' | 'delivered' | 'dropped';
  readonly nextAttemptAt: number | null;
}

/** How delivery misbehaves. */
export interface DeliveryTroubles {
  /** Attempts fail before they reach the receiver, and are retried. */
  readonly outage: boolean;
  /** Attempts reach the receiver and its answers are lost, so that what it took is sent again. */
  readonly deaf: boolean;
  /** Events are lost without a trace. */
  readonly lose: boolean;
  /** How often each event is delivered besides the first time. */
  readonly duplicates: number;
  /** Of two events that follow each other the later is delivered first. */
  readonly reorder: boolean;
  /** Added to the timestamp of each event, in ms. */
  readonly clockSkew: number;
}

/** The webhooks of one account. */
export interface Deliveries {
  emit(event: string, data: EventData): void;
  /** Sets where events go (null: nowhere) and what they are signed with; what is left out stays. */
  configure(target: { url?: string | null | undefined; secret?: string | undefined }): void;
  trouble(change: Partial<DeliveryTroubles>): DeliveryTroubles;
  /** The latest deliveries, oldest first. */
  list(): readonly Delivery[];
  /** Waits until no attempt is on its way (retries that wait for their time are not). */
  idle(): Promise<void>;
  stop(): void;
}

interface DeliveriesParts {
  readonly clock: SandboxClock;
  readonly variants: VariantSwitches;
  readonly url: string | undefined;
  readonly secret: string;
}

const timeout = 3000;
const firstRetry = 10_000;
const givenUpAfter = 24 * 3_600_000;
/** A held event waits so long for one to change places with. */
const longestHold = 5000;
const kept = 1000;

type Draft = { -readonly [K in keyof Delivery]: Delivery[K] } & { attempts: Attempt[] };

/** Delivers an account's events: signed, retried with doubling waits for 24 hours, then dropped. */
export function createDeliveries(parts: DeliveriesParts): Deliveries {
  const { clock, variants } = parts;
  let { url, secret } = parts;
  let troubles: DeliveryTroubles = {
    outage: false,
    deaf: false,
    lose: false,
    duplicates: 0,
    reorder: false,
    clockSkew: 0,
  };
  let deliveries: Draft[] = [];
  let created = 0;
  let held: Draft | undefined;
  const underway = new Set<Promise<void>>();
  const stopped = new AbortController();

  const post = async (delivery: Draft): Promise<Attempt['result']> => {
    if (troubles.outage) return 'network unreachable';
    if (url === undefined) return 'no receiver';
    const slow = new AbortController();
    const cancel = clock.after(timeout, () => slow.abort(new Error(`no answer in ${timeout} ms`)));
    try {
      const answer = await request(url, {
        method: 'POST',
        reset: true,
        body: delivery.body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'DIDfarm-Webhooks/1.0',
          'x-didfarm-signature': sign(delivery.body, secret, variants.current()),
        },
        signal: AbortSignal.any([slow.signal, stopped.signal]),
      });
      await answer.body.dump();
      return troubles.deaf ? 'the answer was lost' : answer.statusCode;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      cancel();
    }
  };

  const attempt = async (delivery: Draft) => {
    const result = await post(delivery);
    if (stopped.signal.aborted) return;
    const now = clock.now();
    delivery.attempts.push({ at: now, result });
    delivery.nextAttemptAt = null;
    if (typeof result === 'number' && result >= 200 && result < 300) {
      delivery.state = 'delivered';
      return;
    }
    const wait = firstRetry * 2 ** (delivery.attempts.length - 1);
    if (now + wait > delivery.createdAt + givenUpAfter) {
      delivery.state = 'dropped';
      return;
    }
    delivery.nextAttemptAt = now + wait;
    clock.after(wait, () => start(delivery));
  };

  const start = (delivery: Draft, then = () => {}) => {
    if (stopped.signal.aborted) return;
    const running = attempt(delivery).finally(() => {
      then();
      underway.delete(running);
    });
    underway.add(running);
  };

  const release = (delivery: Draft) => {
    if (held !== delivery) return;
    held = undefined;
    start(delivery);
  };
  const dispatch = (delivery: Draft) => {
    if (!troubles.reorder) return start(delivery);
    const earlier = held;
    if (!earlier) {
      held = delivery;
      clock.after(longestHold, () => release(delivery));
      return;
    }
    start(delivery, () => release(earlier));
  };

  return {
    emit(event, data) {
      if (url === undefined || troubles.lose) return;
      const wire = createWire(variants.current());
      const hidden = wire.variants.eventTrunk === 'null' && 'trunk_uuid' in data ? { trunk_uuid: null } : {};
      const timestamp = wire.time(clock.now() + troubles.clockSkew);
      const body = JSON.stringify({ event, timestamp, data: wire.resource('event', { ...data, ...hidden }) });
      for (let copy = 0; copy <= troubles.duplicates; copy++) {
        const delivery: Draft = {
          id: ++created,
          event,
          body,
          createdAt: clock.now(),
          attempts: [],
          state: 'waiting',
          nextAttemptAt: clock.now(),
        };
        deliveries.push(delivery);
        dispatch(delivery);
      }
      if (deliveries.length > 2 * kept) deliveries = deliveries.slice(-kept);
    },
    configure: (target) => {
      url = target.url === undefined ? url : (target.url ?? undefined);
      secret = target.secret ?? secret;
    },
    trouble: (change) => {
      troubles = { ...troubles, ...change };
      return troubles;
    },
    list: () => deliveries,
    async idle() {
      while (underway.size > 0) await Promise.all(underway);
    },
    stop: () => stopped.abort(),
  };
}
