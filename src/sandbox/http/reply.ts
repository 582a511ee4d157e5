import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';

/** A finished answer: the bytes and their type. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** An answer of JSON; an undefined body is empty. */
export function jsonReply(status: number, body: unknown, headers: Reply['headers'] = {}): Reply {
  const text = body === undefined ? '' : JSON.stringify(body);
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: text };
}

const page = (title: string) =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;

/** What a Laravel application answers to a guest that did not ask for JSON. */
export const loginRedirect = (origin: string): Reply => ({
  status: 302,
  headers: { 'content-type': 'text/html; charset=utf-8', location: `${origin}/login` },
  body: page('Redirecting to /login'),
});

/** What a proxy or a page for people answers. */
export const htmlReply = (title: string): Reply => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: page(title),
});

/** Sends an answer as it is. */
export function send(response: ServerResponse, reply: Reply): void {
  const bodiless = reply.status === 204 || reply.status === 304;
  const length = bodiless ? {} : { 'content-length': String(Buffer.byteLength(reply.body)) };
  const headers = { ...reply.headers, ...length };
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  response.writeHead(reply.status);
  response.end(bodiless ? undefined : reply.body);
}

const half = (text: string) => text.slice(0, Math.ceil(text.length / 2));

/** Sends an answer spoilt by a fault after the work was done. */
export function sendSpoilt(response: ServerResponse, reply: Reply, fault: Fault): void {
  if (fault.kind === 'cut-after') response.destroy();
  else if (fault.kind === 'cut-body') {
    response.writeHead(reply.status, {
      'content-type': 'application/json',
      'content-length': String(reply.body.length),
    });
    response.write(half(reply.body), () => response.destroy());
  } else if (fault.kind === 'truncated') send(response, { ...reply, body: half(reply.body) });
  else send(response, reply);
}
