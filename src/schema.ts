import './trunks/graph.ts';
import './clients/graph.ts';
import './numbers/graph.ts';
import './numbers/available-graph.ts';
import './orders/graph.ts';
import './messages/graph.ts';
import './wallet/graph.ts';
import './wallet/wallet-graph.ts';
import './mutations/operation-graph.ts';
import './mutations/errors-graph.ts';
import './mutations/checkout-graph.ts';
import './mutations/assign-number-graph.ts';
import './mutations/create-trunk-graph.ts';
import './mutations/regenerate-credentials-graph.ts';
import './mutations/send-message-graph.ts';
import './mutations/submit-regulatory-graph.ts';
import './mutations/import-numbers-graph.ts';
import './mutations/assign-trunk-to-client-graph.ts';
import './mutations/onboard-client-graph.ts';
import './gateway/viewer-graph.ts';
import './gateway/graph.ts';
import './webhooks/graph.ts';
import './webhooks/subscriptions.ts';
import { builder } from './graph/builder.ts';
import { refuseUndecided } from './graph/decisions.ts';
import { givingWay } from './graph/giving-way.ts';

/** The whole graph. Each import above adds one subject's types and root fields to the builder. */
export const schema = givingWay(refuseUndecided(builder.toSchema()));
