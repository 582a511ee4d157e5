import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/**
 * Characters of the documents that are remembered together: some hundred usual operations, and at the worst, for a parsed document is
 * a few hundred times as large as its text, some hundred MiB.
 */
export const mostCharacters = 500_000;

/** Parsed documents by their texts, as Yoga remembers them: by their size, where Yoga would go by their number alone. */
export function createDocumentCache(most: number = mostCharacters): LRUCache<string, DocumentNode> {
  return new LRUCache<string, DocumentNode>({ maxSize: most, sizeCalculation: (_, text) => text.length });
}
