import type { Route } from '../http/router.ts';
import { messageRoutes } from './messages.ts';
import { regulatoryRoute } from './regulatory.ts';
import { routingRoute } from './routing.ts';
import { searchRoute } from './search.ts';
import { trunkRoutes } from './trunks.ts';
import { walletRoutes } from './wallet.ts';

/** Every call below `/api/v1`. */
export const apiRoutes: readonly Route[] = [
  searchRoute,
  ...walletRoutes,
  ...trunkRoutes,
  routingRoute,
  ...messageRoutes,
];

/** Calls outside of it. */
export const otherRoutes: readonly Route[] = [regulatoryRoute];
