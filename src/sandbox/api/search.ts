import { z } from 'zod';
import type { Route } from '../http/router.ts';
import { askedPage } from './paging.ts';
import { validate } from './validation.ts';

const schema = z.object({
  country: z.string().length(2).toUpperCase().optional(),
  type: z.enum(['local', 'national', 'mobile', 'toll-free']).optional(),
  city: z.string().min(1).max(100).optional(),
});

/** Connect guide, "Search Available Numbers". Rates are EUR cents. */
export const searchRoute: Route = {
  method: 'GET',
  path: '/numbers/search',
  handle(call) {
    const { account, wire } = call;
    const criteria = validate(schema, Object.fromEntries(call.query));
    const { total } = account.inventory.search(criteria, 0, 0);
    const page = askedPage(call, total);
    const { found } = account.inventory.search(criteria, page.offset, page.perPage);
    const rows = found.map(({ e164, block }) =>
      wire.resource('number', {
        number: e164,
        country: block.country,
        type: wire.word(block.type, 'shared-cost'),
        city: block.city,
        monthly_rate: wire.cents(block.monthlyRateCents),
        setup_fee: wire.cents(block.setupFeeCents),
        sms_enabled: block.smsEnabled,
        requires_regulatory: block.regulatory,
      }),
    );
    return { status: 200, body: wire.found(rows, page) };
  },
};
