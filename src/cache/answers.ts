import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeptField, KeptFields } from './kept-fields.ts';

/** An answer as it is served again. */
export interface Answer {
  /** The bytes of `{"data":{…}` without the closing brace, one character each: what follows is made anew for each who asks. */
  readonly bytes: string;
  /** As HTTP has it, with its quotes. */
  readonly etag: string;
}

/** What the answer to a question is put together of. It stays true whatever is written. */
export interface Recipe {
  readonly question: string;
  /** The operation's own name, for the log. */
  readonly operation: string | undefined;
  /** In the order of the answer. */
  readonly fields: readonly FieldOfAnswer[];
}

export interface FieldOfAnswer {
  /** In the answer. */
  readonly name: string;
  /** By which what it came to is kept. */
  readonly question: string;
}

export interface AnswerStats {
  readonly entries: number;
  readonly bytes: number;
  /** Answers put together of what is kept. */
  readonly hits: number;
}

/** Answers by their questions, each put together of the root fields that are kept. */
export interface Answers {
  /** To be told of each question that was answered. */
  learn(recipe: Recipe): void;
  recipeOf(question: string): Recipe | null;
  /** Null where a field of it has to be worked out. */
  compose(recipe: Recipe): Answer | null;
  stats(): AnswerStats;
}

interface Options {
  readonly fields: Pick<KeptFields, 'find'>;
  readonly maxBytes: number;
}

interface Last {
  readonly found: readonly KeptField[];
  readonly answer: Answer;
}

/** What an entry takes, and each field of it, in bytes. */
const overhead = 700;
const overheadPerField = 300;

export function createAnswers({ fields, maxBytes }: Options): Answers {
  const recipes = new LRUCache<string, Recipe>({
    maxSize: maxBytes,
    sizeCalculation: (recipe) => overhead + overheadPerField * recipe.fields.length,
  });
  /** As they were put together last. Text that is made of others holds these and no bytes of its own, until it is written. */
  const last = new WeakMap<Recipe, Last>();
  let hits = 0;

  /** Null where one of them has to be worked out. */
  const findAll = (recipe: Recipe): KeptField[] | null => {
    const found: KeptField[] = [];
    for (const { question } of recipe.fields) {
      const field = fields.find(question);
      if (field === null) return null;
      found.push(field);
    }
    return found;
  };

  return {
    learn: (recipe) => void recipes.set(recipe.question, recipe),
    recipeOf: (question) => recipes.get(question) ?? null,
    compose(recipe) {
      const found = findAll(recipe);
      if (found === null) return null;
      hits += 1;
      const known = last.get(recipe);
      if (known?.found.every((field, place) => field === found[place])) return known.answer;
      const answer = { bytes: bytesTogether(recipe.fields, found), etag: etagOf(recipe.question, found) };
      last.set(recipe, { found, answer });
      return answer;
    },
    stats: () => ({ entries: recipes.size, bytes: recipes.calculatedSize, hits }),
  };
}

/**
 * The tag is of the question too, so that nobody is told of an answer that was somebody else's that it is still theirs. @param found what
 * its fields came to.
 */
export function etagOf(question: string, found: readonly KeptField[]): string {
  const tags = found.map(({ tag }) => tag).join();
  return `W/"${hash('sha256', `${question} ${tags}`, 'base64url').slice(0, 22)}"`;
}

/** `{"data":{…}` of what its fields came to. Names are letters, digits and underscores. */
export function bytesTogether(fields: readonly Pick<FieldOfAnswer, 'name'>[], found: readonly KeptField[]): string {
  let bytes = '';
  for (const [place, { name }] of fields.entries()) {
    const value = found[place]?.bytes ?? '';
    if (value !== '') bytes += `${bytes === '' ? '' : ','}"${name}":${value}`;
  }
  return `{"data":{${bytes}}`;
}
