import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EndingCode } from './subscriptions/stream.ts';

/** How an operation ended: `refused` never ran (syntax, validation), `partial` has data and errors. */
export type Outcome = 'ok' | 'partial' | 'error' | 'refused';

/** What ran: the operation's kind, or `none` where the document could not be read. */
export type OperationKind = 'query' | 'mutation' | 'subscription' | 'none';

/** A number read whenever somebody asks for the metrics. */
export interface GaugeSource {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** The server's own counts, in Prometheus' text format. Labels come from closed sets: nothing that a caller wrote. */
export interface Metrics {
  operation(kind: OperationKind, outcome: Outcome, milliseconds: number): void;
  /** A query that was answered with what is kept, and so in no time; `unchanged`: with 304. */
  repeat(unchanged: boolean): void;
  /** `own`: for one caller who reads what is in the log; `shared`: for all who ask the same. */
  subscriptionExecution(phase: 'own' | 'shared'): void;
  subscriptionEnded(code: EndingCode): void;
  /** All of it (null), or the gauges of one account alone: what the process counts is of all of them. */
  expose(account: string | null): Promise<Response>;
}

/** The gauges of all accounts together (null), or of one. */
export type GaugesOf = (account: string | null) => readonly GaugeSource[];

export function createMetrics(gaugesOf: GaugesOf): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ['kind', 'outcome'] as const;
  let repeats = 0;
  const operations = new Counter({
    name: 'gateway_operations_total',
    help: 'GraphQL operations by kind and outcome; a subscription counts once, when it starts.',
    labelNames,
    registers,
    // There are too many of them to look up where to count each.
    collect() {
      this.inc({ kind: 'query', outcome: 'ok' }, repeats);
      repeats = 0;
    },
  });
  const durations = new Histogram({
    name: 'gateway_operation_duration_seconds',
    help: 'Time from the start of an operation to its result; of a subscription, to its start. Answers that were kept take none.',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const executions = new Counter({
    name: 'gateway_subscription_executions_total',
    help: 'Results worked out for subscriptions: for one caller (own) or for all who ask the same (shared).',
    labelNames: ['phase'],
    registers,
  });
  const endings = new Counter({
    name: 'gateway_subscriptions_ended_total',
    help: 'Subscriptions that the gateway ended, by the code that their callers were given.',
    labelNames: ['code'],
    registers,
  });
  const unchangedAnswers = new Counter({
    name: 'gateway_answers_unchanged_total',
    help: 'Queries answered with 304: who asked had the answer already.',
    registers,
  });
  addGauges(registry, gaugesOf(null));

  return {
    operation(kind, outcome, milliseconds) {
      operations.inc({ kind, outcome });
      durations.observe({ kind, outcome }, milliseconds / 1000);
    },
    repeat(unchanged) {
      repeats += 1;
      if (unchanged) unchangedAnswers.inc();
    },
    subscriptionExecution: (phase) => executions.inc({ phase }),
    subscriptionEnded: (code) => endings.inc({ code }),
    async expose(account) {
      const shown = account === null ? registry : addGauges(new Registry(), gaugesOf(account));
      return new Response(await shown.metrics(), { headers: { 'content-type': shown.contentType } });
    },
  };
}

function addGauges(registry: Registry, gauges: readonly GaugeSource[]): Registry {
  for (const { name, help, read } of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  return registry;
}
