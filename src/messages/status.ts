import type { MessageStatus } from './listing.ts';

const statuses: Readonly<Record<string, MessageStatus>> = {
  queued: 'QUEUED',
  sent: 'SENT',
  delivered: 'DELIVERED',
  failed: 'FAILED',
  received: 'RECEIVED',
};

/** DIDfarm's word for how far a text is; what it does not publish is UNKNOWN, and kept raw beside it. */
export function messageStatus(raw: string | null): MessageStatus {
  return statuses[raw?.trim().toLowerCase() ?? ''] ?? 'UNKNOWN';
}
