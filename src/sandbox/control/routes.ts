import { z } from 'zod';
import { validate } from '../api/validation.ts';
import { notFound } from '../api-error.ts';
import { faultSchema } from '../http/faults.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { AccountControl } from './account-control.ts';
import type { Control } from './control.ts';
import { controlPage } from './page.ts';

interface ControlCall {
  readonly control: Control;
  /** The account that `?account=KEY` names; the first without it. */
  readonly account: AccountControl;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

type Handler = (call: ControlCall) => Reply | Promise<Reply>;

const ok = (body: unknown) => jsonReply(200, body);
const text = (type: string, body: string): Reply => ({
  status: 200,
  headers: { 'content-type': `${type}; charset=utf-8` },
  body,
});

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const span = z
  .union([z.number().min(0), z.string().regex(/^\d+(ms|s|m|h|d)$/, 'must be milliseconds or like 90s, 10m, 24h, 30d')])
  .transform((value) => {
    if (typeof value === 'number') return value;
    const unit = z.enum(['ms', 's', 'm', 'h', 'd']).parse(value.replace(/\d+/, ''));
    return Number.parseInt(value, 10) * units[unit];
  });

const clockSchema = z.strictObject({ advance: span });
const emitSchema = z.strictObject({ event: z.string().min(1), data: z.record(z.string(), z.unknown()).default({}) });
const limitSchema = z.strictObject({ limit: z.int().min(1).nullable() });
const trunkSchema = z.strictObject({ uuid: z.string(), status: z.enum(['provisioning', 'registered', 'offline']) });
const numberSchema = z.strictObject({ did_number_id: z.int(), action: z.enum(['activate', 'suspend', 'release']) });
const textSchema = z.strictObject({ did_number_id: z.int(), from: z.string(), body: z.string() });
const topUpSchema = z.strictObject({ euros: z.string().regex(/^\d{1,9}(\.\d{1,3})?$/) });
const regulatorySchema = z.union([
  z.strictObject({ outcome: z.enum(['approved', 'rejected', 'manual']) }),
  z.strictObject({ did_number_id: z.int(), decision: z.enum(['approved', 'rejected']), reason: z.string().optional() }),
]);
const webhooksSchema = z.strictObject({
  url: z.url().nullable().optional(),
  secret: z.string().min(1).optional(),
  outage: z.boolean().optional(),
  deaf: z.boolean().optional(),
  lose: z.boolean().optional(),
  duplicates: z.int().min(0).max(10).optional(),
  reorder: z.boolean().optional(),
  clockSkew: z.number().optional(),
});

function regulatory({ account, body }: ControlCall): Reply {
  const asked = validate(regulatorySchema, body);
  if ('outcome' in asked) {
    account.world.regulatory.setOutcome(asked.outcome);
    return ok(asked);
  }
  if (!account.world.numbers.byId(asked.did_number_id)) throw notFound('Number');
  return ok(account.world.regulatory.decide(asked.did_number_id, asked.decision, asked.reason));
}

function numberAction({ account, body }: ControlCall): Reply {
  const { did_number_id: id, action } = validate(numberSchema, body);
  if (!account.world.numbers.byId(id)) throw notFound('Number');
  return ok(account.world.lifecycle[action](id));
}

function configureWebhooks({ account, body }: ControlCall): Reply {
  const { url, secret, ...troubles } = validate(webhooksSchema, body);
  account.webhooks.configure({ url, secret });
  const given = Object.entries(troubles).filter(([, value]) => value !== undefined);
  return ok(account.webhooks.trouble(Object.fromEntries(given)));
}

const handlers: Readonly<Record<string, Handler>> = {
  'GET /': () => text('text/plain', controlPage),
  'GET /state': ({ control }) =>
    ok({ now: new Date(control.clock.now()).toISOString(), accounts: control.accounts().map((each) => each.state()) }),
  'GET /numbers.csv': ({ account }) => text('text/csv', account.numbersCsv()),
  'GET /calls': ({ control }) => ok(control.calls()),
  'GET /calls/log': ({ control }) => ok(control.callLog().slice(-1000)),
  'DELETE /calls': ({ control }) => {
    control.resetCalls();
    return ok(control.calls());
  },
  'GET /faults': ({ control }) => ok(control.faults.list()),
  'POST /faults': ({ control, body }) => {
    control.faults.add(validate(faultSchema, body));
    return ok(control.faults.list());
  },
  'DELETE /faults': ({ control }) => {
    control.faults.clear();
    return ok([]);
  },
  'GET /variants': ({ control }) => ok(control.variants.current()),
  'PATCH /variants': ({ control, body }) => ok(control.variants.set(Object(body))),
  'DELETE /variants': ({ control }) => ok(control.variants.reset()),
  'GET /clock': ({ control }) => ok({ now: new Date(control.clock.now()).toISOString() }),
  'POST /clock': async ({ control, body }) => {
    await control.clock.advance(validate(clockSchema, body).advance);
    return ok({ now: new Date(control.clock.now()).toISOString() });
  },
  'PUT /rate-limit': ({ control, body }) => {
    const asked = validate(limitSchema, body);
    control.setRateLimit(asked.limit);
    return ok(asked);
  },
  'GET /webhooks': ({ account }) => ok(account.webhooks.list()),
  'PATCH /webhooks': configureWebhooks,
  'POST /emit': ({ account, body }) => {
    const { event, data } = validate(emitSchema, body);
    account.emit(event, data);
    return jsonReply(202, { event });
  },
  'POST /trunk': ({ account, body }) => {
    const { uuid, status } = validate(trunkSchema, body);
    return ok(account.setTrunkStatus(uuid, status));
  },
  'POST /number': numberAction,
  'POST /text': ({ account, body }) => {
    const asked = validate(textSchema, body);
    return ok(account.world.messages.receive(asked.did_number_id, asked.from, asked.body));
  },
  'POST /top-up': ({ account, body }) => {
    account.topUp(validate(topUpSchema, body).euros);
    return ok(account.state());
  },
  'POST /regulatory': regulatory,
};

/** Answers a call below `/__sandbox`. Throws an ApiError, or a ZodError for an unknown variant. */
export async function answerControl(control: Control, method: string, url: URL, body: unknown): Promise<Reply> {
  const path = url.pathname.replace(/^\/__sandbox/, '') || '/';
  const handler = handlers[`${method} ${path}`];
  if (!handler) throw notFound('Control');
  const key = url.searchParams.get('account') ?? undefined;
  return handler({ control, account: control.account(key), query: url.searchParams, body });
}
