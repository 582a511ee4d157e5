import type { NewEvent } from '../../../src/events/log.ts';

/** An event about nothing, but for the columns given. */
export function event(digest: string, columns: Partial<NewEvent> = {}): NewEvent {
  return {
    digest,
    type: 'UNKNOWN',
    name: 'custom.thing',
    source: 'WEBHOOK',
    at: 1,
    received_at: 2,
    e164: null,
    trunk_key: null,
    client_key: null,
    order_id: null,
    message_id: null,
    data: '{}',
    applied: 0,
    ...columns,
  };
}
