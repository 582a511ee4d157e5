import { z } from 'zod';

/**
 * A fault to answer with. `cut-before` and `cut-after` end the connection before or after the work is done, `cut-body`
 * in the middle of the answer, `truncated` is half of the JSON as a whole answer, `hang` never answers.
 */
export const faultSchema = z.strictObject({
  kind: z.enum([
    'status',
    'latency',
    'cut-before',
    'cut-after',
    'cut-body',
    'truncated',
    'html',
    'redirect',
    'empty',
    'hang',
  ]),
  /** Any method where it is left out. */
  method: z.string().toUpperCase().optional(),
  /** The path below `/api/v1` (or the whole), with its query where the pattern has a `?`; `*` stands for anything. */
  path: z.string().default('*'),
  /** Only for the account with this key. */
  account: z.string().optional(),
  /** How many calls it meets; without it, all until cleared. */
  times: z.int().min(1).optional(),
  /** Lets so many calls pass first. */
  skip: z.int().min(0).default(0),
  /** Milliseconds on the sandbox's clock before anything is done. */
  latency: z.number().min(0).default(0),
  /** For `status`. */
  status: z.int().min(200).max(599).default(500),
  code: z.string().default('server_error'),
  message: z.string().default('Server Error'),
  headers: z.record(z.string(), z.string()).default({}),
  /** For `status`, `html` and `empty`: whether the work is done all the same. */
  processed: z.boolean().default(false),
});

/** A fault with all of its defaults. */
export type Fault = z.infer<typeof faultSchema>;
/** A fault as it is given: only `kind` is required. */
export type FaultInput = z.input<typeof faultSchema>;

/** The call that a fault may fit. */
export interface FaultTarget {
  readonly method: string;
  /** Below `/api/v1` where it lies there. */
  readonly path: string;
  readonly search: string;
  readonly account: string | undefined;
}

/** The faults in force. The oldest that fits a call meets it. */
export interface Faults {
  /** Throws a ZodError where it is none. Returns a function that takes it back. */
  add(fault: FaultInput): () => void;
  clear(): void;
  list(): readonly Fault[];
  /** The fault for a call, which thereby is used once. */
  take(target: FaultTarget): Fault | undefined;
}

interface Armed {
  readonly fault: Fault;
  readonly pattern: RegExp;
  skip: number;
  left: number;
}

const toPattern = (glob: string) => new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);

/** Creates a list of faults, none at first. */
export function createFaults(): Faults {
  const armed = new Set<Armed>();

  const fits = ({ fault, pattern }: Armed, { method, path, search, account }: FaultTarget) => {
    if (fault.method !== undefined && fault.method !== method) return false;
    if (fault.account !== undefined && fault.account !== account) return false;
    return pattern.test(fault.path.includes('?') ? path + search : path);
  };

  return {
    add(input) {
      const fault = faultSchema.parse(input);
      const path = fault.path.replace(/^\/api\/v1(?=\/)/, '');
      const entry = {
        fault,
        pattern: toPattern(path),
        skip: fault.skip,
        left: fault.times ?? Number.POSITIVE_INFINITY,
      };
      armed.add(entry);
      return () => void armed.delete(entry);
    },
    clear: () => armed.clear(),
    list: () => [...armed].map(({ fault }) => fault),
    take(target) {
      for (const entry of armed) {
        if (!fits(entry, target)) continue;
        if (entry.skip > 0) {
          entry.skip--;
          continue;
        }
        if (--entry.left <= 0) armed.delete(entry);
        return entry.fault;
      }
      return undefined;
    },
  };
}
