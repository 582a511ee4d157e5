import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Control } from '../control/control.ts';
import { answerControl } from '../control/routes.ts';
import type { Received } from './api.ts';
import { parseJson, readBody } from './body.ts';
import { htmlReply, jsonReply, type Reply, send } from './reply.ts';
import type { Sessions } from './sessions.ts';

interface ServerParts {
  readonly api: (received: Received, response: ServerResponse) => Promise<void>;
  readonly control: Control;
  readonly sessions: Sessions;
}

function toReply(error: unknown): Reply {
  if (error instanceof ApiError) {
    const { status, code, message, fields } = error;
    return jsonReply(status, { error: { code, message, status, ...(fields ? { fields } : {}) } });
  }
  if (error instanceof RangeError) return toReply(new ApiError(422, 'validation_error', error.message));
  if (error instanceof ZodError) return toReply(new ApiError(422, 'validation_error', error.message));
  const message = error instanceof Error ? error.message : String(error);
  return toReply(new ApiError(500, 'server_error', message));
}

/** The sandbox on node:http: control, cookie login and the API. */
export function createHttpServer({ api, control, sessions }: ServerParts) {
  const login = ({ request, body }: Received): Reply | undefined => {
    const { method, headers } = request;
    const path = request.url?.split('?')[0];
    if (path === '/sanctum/csrf-cookie' && method === 'GET') return asReply(sessions.open());
    if (path === '/login' && method === 'POST') return asReply(sessions.login(headers, parseJson(body)));
    return path === '/login' ? htmlReply('Log in to DIDfarm') : undefined;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'sandbox'}`);
    const received = { request, url, body: await readBody(request) };
    const { method = 'GET' } = request;
    if (/^\/__sandbox(\/|$)/.test(url.pathname)) {
      send(response, await answerControl(control, method, url, parseJson(received.body)));
      return;
    }
    const reply = login(received);
    if (reply) send(response, reply);
    else await api(received, response);
  };

  return createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else send(response, toReply(error));
    });
  });
}

const asReply = (answer: { status: number; body?: unknown; headers?: Reply['headers'] }): Reply =>
  jsonReply(answer.status, answer.body, answer.headers);
