import { accountId, clientKey, type Viewer } from '../../src/access/viewer.ts';
import { type Answer, type Gateway, type GatewayOptions, startGateway } from './gateway.ts';

type Variables = Readonly<Record<string, unknown>>;

/** The graph as one viewer asks it, over the front door. */
export interface Asking {
  readonly viewer: Viewer;
  /** The answer as it was sent, byte for byte. */
  text(query: string, variables?: Variables): Promise<string>;
  ask<Data = Record<string, unknown>>(query: string, variables?: Variables): Promise<Answer<Data>>;
  follow(query: string, variables?: Variables): Promise<Following>;
}

/** A subscription over SSE. */
export interface Following {
  /** All that has arrived so far. */
  readonly received: () => string;
  /** Waits until something has arrived that holds this text; false where the stream ended without it. */
  until(text: string): Promise<boolean>;
  end(): Promise<void>;
}

/** A gateway that many viewers ask. */
export interface SharedGateway extends Gateway {
  as(viewer: Viewer): Asking;
}

const header = 'x-test-viewer';

/** Each request says by a header who asks, in place of a token. */
export async function startSharedGateway(options: GatewayOptions = {}): Promise<SharedGateway> {
  const viewers = new Map<string, Viewer>();
  const identify = (request: Request): Viewer =>
    viewers.get(request.headers.get(header) ?? '') ?? viewerOf('ADMIN', { name: 'local' });
  const gateway = await startGateway({ ...options, identify });
  return Object.assign(gateway, {
    as(viewer: Viewer): Asking {
      viewers.set(viewer.name, viewer);
      return askingAs(gateway, viewer, { [header]: viewer.name });
    },
  });
}

/** @param shown headers that tell who asks. */
export function askingAs(
  { app, clock }: Pick<Gateway, 'app' | 'clock'>,
  viewer: Viewer,
  shown: Readonly<Record<string, string>>,
): Asking {
  const send = (accept: string, query: string, variables: Variables = {}) => {
    const headers = { 'content-type': 'application/json', accept, ...shown };
    const body = JSON.stringify({ query, variables });
    return clock.through(app.fetch(new Request('http://gateway.test/graphql', { method: 'POST', headers, body })));
  };
  const text = async (query: string, variables?: Variables) =>
    (await send('application/graphql-response+json', query, variables)).text();
  return {
    viewer,
    text,
    ask: async <Data>(query: string, variables?: Variables) => JSON.parse(await text(query, variables)) as Answer<Data>,
    follow: async (query, variables) => following(await send('text/event-stream', query, variables)),
  };
}

export function viewerOf(role: Viewer['role'], { name = role.toLowerCase(), client = '', send = false } = {}): Viewer {
  return {
    account: accountId('sandbox'),
    name,
    role,
    client: client === '' ? null : clientKey(client),
    ...(send && { send }),
  };
}

function following(response: Response): Following {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let received = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const woken of waiting) woken();
    waiting.clear();
  };
  const read = async () => {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      received += part.value;
      wake();
    }
    ended = true;
    wake();
  };
  const reading = read();
  return {
    received: () => received,
    async until(text) {
      while (!received.includes(text) && !ended) await new Promise<void>((resolve) => waiting.add(resolve));
      return received.includes(text);
    },
    async end() {
      await reader?.cancel();
      await reading;
    },
  };
}
