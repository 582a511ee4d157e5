import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** A key pair as an issuer holds it. */
export interface SigningKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function createSigningKey(alg: string, kid?: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), ...(kid !== undefined && { kid }) } };
}

export const issuer = 'https://login.example.com';
export const audience = 'didfarm-graph';

/** What a test says in a JWT; `undefined` leaves out what is said otherwise. */
export type Claims = Readonly<Record<string, unknown>>;

/** Signs claims; issuer, audience and an hour's time are added unless the claims say otherwise. */
export function sign(
  { alg, privateKey, publicJwk: { kid } }: SigningKey,
  now: number,
  claims: Claims,
): Promise<string> {
  return new SignJWT(claimsAt(now, claims))
    .setProtectedHeader(kid === undefined ? { alg } : { alg, kid })
    .sign(privateKey);
}

export function signWithSecret(secret: string, now: number, claims: Claims, alg = 'HS256'): Promise<string> {
  return new SignJWT(claimsAt(now, claims)).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

export function claimsAt(now: number, claims: Claims): JWTPayload {
  const seconds = Math.floor(now / 1000);
  const all = { iss: issuer, aud: audience, iat: seconds, exp: seconds + 3_600, ...claims };
  return JSON.parse(JSON.stringify(all)) as JWTPayload;
}

/** A JWKS address over real HTTP. `keys` may be changed; `answers: false` answers 500, `stop` refuses connections. */
export interface JwksServer extends AsyncDisposable {
  readonly url: string;
  keys: readonly JWK[];
  answers: boolean;
  readonly asked: () => number;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startJwksServer(keys: readonly JWK[]): Promise<JwksServer> {
  let asked = 0;
  let port = 0;
  let http: Server | null = null;
  const start = async () => {
    http = createServer((_request, response) => {
      asked += 1;
      if (!server.answers) response.writeHead(500).end();
      else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: server.keys }));
    });
    http.listen(port, '127.0.0.1');
    await once(http, 'listening');
    port = (http.address() as AddressInfo).port;
  };
  const stop = async () => {
    const stopping = http;
    http = null;
    if (!stopping) return;
    stopping.closeAllConnections();
    stopping.close();
    await once(stopping, 'close');
  };
  const server: JwksServer = {
    get url() {
      return `http://127.0.0.1:${port}/jwks.json`;
    },
    keys,
    answers: true,
    asked: () => asked,
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
  await start();
  return server;
}
