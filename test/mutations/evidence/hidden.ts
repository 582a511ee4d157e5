import type { Gateway } from '../../support/gateway.ts';
import { listTransactionsAs } from './lost.ts';

/** Neither the transaction nor the balance tells of a purchase, until the function that this returns is called. */
export function hidePurchases(gateway: Gateway) {
  const { wallet } = gateway.sandbox.control.world;
  const { balance } = wallet;
  const held = balance();
  const show = listTransactionsAs(gateway, (row) => (row.amount === -1_200 && row.type === 'order' ? [] : [row]));
  wallet.balance = () => held;
  return () => {
    wallet.balance = balance;
    show();
  };
}
