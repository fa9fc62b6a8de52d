// Parts of the API's answers that have no name of their own in its contract.
import type { Line, Order, OrderEvent } from '../api.ts';

export type LineKind = NonNullable<Line['kind']>;
export type Changes = NonNullable<OrderEvent['changes']>;
export type BuyerRight = NonNullable<Order['buyer_may']>[number];
export type ActorRole = OrderEvent['actor'];
