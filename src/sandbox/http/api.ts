import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiRoutes, otherRoutes } from '../api/routes.ts';
import { ApiError, notFound } from '../api-error.ts';
import type { Account } from '../world/account.ts';
import { type AdmissionParts, createAdmission } from './admission.ts';
import { parseBody } from './body.ts';
import type { CallRecord, Calls } from './calls.ts';
import type { Fault, Faults } from './faults.ts';
import { htmlReply, jsonReply, loginRedirect, type Reply, send, sendSpoilt } from './reply.ts';
import { createRouter, type Match } from './router.ts';
import { createWire } from './wire.ts';

interface ApiParts extends AdmissionParts {
  readonly faults: Faults;
  readonly calls: Calls;
}

/** A request whose body has been read. */
export interface Received {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer<ArrayBuffer>;
}

const base = '/api/v1';
const withoutBase = (path: string) => (path.startsWith(`${base}/`) ? path.slice(base.length) : path);

/** The REST API: who calls, how often, which fault meets the call, and what the account makes of it. */
export function createApi(parts: ApiParts): (received: Received, response: ServerResponse) => Promise<void> {
  const { clock, variants, faults, calls } = parts;
  const admit = createAdmission(parts);
  const find = createRouter([...apiRoutes.map((route) => ({ ...route, path: base + route.path })), ...otherRoutes]);

  const work = async (received: Received, match: Match | undefined, account: Account, headers: Reply['headers']) => {
    const wire = createWire(variants.current());
    try {
      if (!match) throw notFound('Route');
      const { params, route } = match;
      const query = received.url.searchParams;
      const body = await parseBody(received.body, received.request.headers['content-type']);
      const answer = route.handle({ account, wire, params, query, body });
      return jsonReply(answer.status, answer.body, { ...headers, ...answer.headers });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return jsonReply(error.status, wire.error(error), headers);
    }
  };

  /** The answer that a fault puts in the place of the true one. */
  const inPlace = (fault: Fault, origin: string, headers: Reply['headers']): Reply | undefined => {
    if (fault.kind === 'html') return htmlReply('Scheduled maintenance');
    if (fault.kind === 'redirect') return loginRedirect(origin);
    if (fault.kind === 'empty') return { status: 200, headers, body: '' };
    if (fault.kind !== 'status') return undefined;
    const error = new ApiError(fault.status, fault.code, fault.message);
    return jsonReply(fault.status, createWire(variants.current()).error(error), { ...headers, ...fault.headers });
  };

  const answerSpoilt = async (
    fault: Fault,
    origin: string,
    headers: Reply['headers'],
    doWork: () => Promise<Reply>,
    to: Sink,
  ) => {
    if (fault.latency > 0) await new Promise<void>((resolve) => void clock.after(fault.latency, resolve));
    if (fault.kind === 'hang') return;
    if (fault.kind === 'cut-before') {
      to.response.destroy();
      return;
    }
    const instead = inPlace(fault, origin, headers);
    const done = instead && !fault.processed ? instead : await doWork();
    const reply = instead ?? done;
    to.record.status = fault.kind === 'cut-after' ? 0 : reply.status;
    sendSpoilt(to.response, reply, fault);
  };

  return async (received, response) => {
    const { request, url } = received;
    const { method = 'GET' } = request;
    const match = find(method, url.pathname);
    const route = `${method} ${withoutBase(match?.route.path ?? url.pathname)}`;
    const admission = admit(request, url.origin);
    const apiKey = admission.account?.plan.apiKey;
    const record = calls.record({
      at: clock.now(),
      route,
      path: url.pathname + url.search,
      account: apiKey,
      status: 0,
    });
    const finish = (reply: Reply) => {
      record.status = reply.status;
      send(response, reply);
    };
    if (!admission.account) {
      finish(admission.refusal);
      return;
    }
    const { account, headers } = admission;
    const doWork = () => work(received, match, account, headers);
    const fault = faults.take({ method, path: withoutBase(url.pathname), search: url.search, account: apiKey });
    if (fault) await answerSpoilt(fault, url.origin, headers, doWork, { record, response });
    else finish(await doWork());
  };
}

/** Where an answer goes, and where its status is noted. */
interface Sink {
  readonly record: CallRecord;
  readonly response: ServerResponse;
}
