import { type DocumentNode, Lexer, type ParseOptions, parse, Source, TokenKind } from 'graphql';
import { work } from '../work.ts';
import { limitExceeded } from './exceeded.ts';

/**
 * As graphql's own parser, which stops at the bound, so that a long document costs no more than an allowed one and its count. What is
 * no token to it, such as comments, is kept with the document as well: its characters bound that.
 * @throws GraphQLError LIMIT_EXCEEDED
 */
export function createBoundedParser(maxTokens: number, maxCharacters: number) {
  return (source: string | Source, options?: ParseOptions): DocumentNode => {
    const { length } = typeof source === 'string' ? source : source.body;
    if (length > maxCharacters) throw limitExceeded('characters', maxCharacters, length);
    work.parsed.publish(source);
    try {
      return parse(source, { ...options, maxTokens });
    } catch (error) {
      const found = countTokens(source);
      throw found > maxTokens ? limitExceeded('tokens', maxTokens, found) : error;
    }
  };
}

/** Up to the first character that belongs to no token. */
function countTokens(text: string | Source): number {
  const lexer = new Lexer(typeof text === 'string' ? new Source(text) : text);
  let count = 0;
  try {
    while (lexer.advance().kind !== TokenKind.EOF) count += 1;
  } catch {
    return count;
  }
  return count;
}
