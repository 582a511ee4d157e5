import { ApiError } from '../api-error.ts';
import type { SandboxClock } from '../clock.ts';
import type { Mills } from '../money.ts';
import type { Emit } from './events.ts';
import type { Numbers } from './numbers.ts';
import type { Trunks } from './trunks.ts';
import type { Wallet } from './wallet.ts';

/** A text. `cost` is what the wallet paid, `createdAt` epoch ms. */
export interface Message {
  readonly id: number;
  readonly numberId: number;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly direction: 'outbound' | 'inbound';
  readonly status: 'queued' | 'sent' | 'delivered' | 'failed' | 'received';
  readonly segments: number;
  readonly cost: Mills;
  readonly createdAt: number;
}

/** The texts of an account; the history holds only what earlier ones cost. */
export interface Messages {
  /** Sends from one of the account's numbers and debits the wallet. Throws an ApiError where it cannot. */
  send(from: string, to: string, body: string): Message;
  /** A text arrives on a number: free, and told by `message.received`. */
  receive(numberId: number, from: string, body: string): Message;
  /** Newest first. */
  all(): readonly Message[];
}

/** What DIDfarm's SMS page names: about EUR 0.008 a segment. */
const costPerSegment: Mills = 8;

const gsm7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;

/** Segments of 160 GSM-7 characters (those of its extension table count twice), or of 70 in Unicode. */
export function countSegments(body: string): number {
  if (!gsm7.test(body)) return Math.ceil(body.length / 70);
  const doubled = body.match(/[\^{}\\[~\]|€]/g)?.length ?? 0;
  return Math.max(1, Math.ceil((body.length + doubled) / 160));
}

interface MessagesParts {
  readonly clock: SandboxClock;
  readonly numbers: Numbers;
  readonly trunks: Trunks;
  readonly wallet: Wallet;
  readonly emit: Emit;
}

/** Creates an account without messages. */
export function createMessages({ clock, numbers, trunks, wallet, emit }: MessagesParts): Messages {
  const messages: Message[] = [];
  const append = (message: Omit<Message, 'id' | 'createdAt'>): Message => {
    const kept = { ...message, id: messages.length + 1, createdAt: clock.now() };
    messages.push(kept);
    return kept;
  };
  const progress = (id: number, status: Message['status'], after: number) => {
    clock.after(after, () => {
      const message = messages[id - 1];
      if (message) messages[id - 1] = { ...message, status };
    });
  };

  return {
    send(from, to, body) {
      const number = numbers.byE164(from);
      if (number?.status !== 'active') throw new ApiError(422, 'invalid_sender', `${from} is not one of your numbers.`);
      if (!number.smsEnabled) throw new ApiError(422, 'sms_not_supported', `${from} does not support SMS.`);
      const segments = countSegments(body);
      const cost = segments * costPerSegment;
      if (wallet.balance() < cost) {
        throw new ApiError(422, 'insufficient_balance', 'Wallet balance too low for this message.');
      }
      wallet.book({
        amount: -cost,
        type: 'sms',
        description: `SMS from ${from}`,
        referenceType: 'number',
        referenceId: number.id,
      });
      const message = append({
        numberId: number.id,
        from,
        to,
        body,
        direction: 'outbound',
        status: 'queued',
        segments,
        cost,
      });
      progress(message.id, 'sent', 1000);
      progress(message.id, 'delivered', 4000);
      return message;
    },
    receive(numberId, from, body) {
      const number = numbers.byId(numberId);
      if (!number) throw new ApiError(404, 'not_found', `Number ${numberId} not found.`);
      const message = append({
        numberId,
        from,
        to: number.e164,
        body,
        direction: 'inbound',
        status: 'received',
        segments: countSegments(body),
        cost: 0,
      });
      emit('message.received', {
        id: message.id,
        number: number.e164,
        from,
        to: number.e164,
        body,
        segments: message.segments,
        trunk_uuid: trunks.byId(number.trunkId ?? 0)?.uuid ?? null,
      });
      return message;
    },
    all: () => messages.toReversed(),
  };
}
