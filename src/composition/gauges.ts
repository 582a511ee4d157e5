import type { GaugeSource, GaugesOf } from '../server/metrics.ts';
import type { RunningAccount } from './running-account.ts';

/**
 * What accounts tell of themselves: one of them, or all together under the same names, so that a metric's name says the same
 * everywhere. @param subscribers how many there are of an account; undefined: of all. @param others of the process as a whole.
 */
export function gaugesOf(
  running: readonly RunningAccount[],
  subscribers: (account?: string) => number,
  others: readonly GaugeSource[],
): GaugesOf {
  return (account) =>
    account === null
      ? [...gaugesTogether(running, () => subscribers()), ...others]
      : gaugesTogether(
          running.filter((each) => each.account.id === account),
          () => subscribers(account),
        );
}

function gaugesTogether(running: readonly RunningAccount[], subscribers: () => number): GaugeSource[] {
  const budgets = () => running.map(({ account }) => account.didfarm.state().budget);
  const intakes = () => running.map(({ intake }) => intake.stats());
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
  return [
    {
      name: 'gateway_upstream_remaining',
      help: 'Requests left of the ration; of several accounts, of the one that has the least left.',
      read: () => Math.min(...budgets().map(({ remaining }) => remaining)),
    },
    {
      name: 'gateway_upstream_queued',
      help: 'Calls waiting for their turn.',
      read: () => sum(budgets().map(({ queued }) => queued)),
    },
    { name: 'gateway_subscribers', help: 'Live subscriptions.', read: subscribers },
    {
      name: 'gateway_webhooks',
      help: 'Webhooks committed.',
      read: () => sum(intakes().map(({ deliveries }) => deliveries)),
    },
    {
      name: 'gateway_webhook_commits',
      help: 'Commits that they shared.',
      read: () => sum(intakes().map(({ commits }) => commits)),
    },
  ];
}
