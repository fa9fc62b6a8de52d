// Who looks at an order: the subject and the roles of the access token, and what they make of an order.
import type { OrderHead } from '../api.ts';
import type { Caller } from '../caller.ts';

type Parties = Pick<OrderHead, 'buyer_id' | 'seller_id'>;

/** A signed-in caller. The API decides by the token; this decides only what is offered. */
export type Viewer = Pick<Caller, 'subject' | 'roles'>;

/** Whether the viewer may change prices and lines, and not quantities alone. */
export function editsPrices(viewer: Viewer, order: Pick<Parties, 'seller_id'>): boolean {
  return viewer.roles.has('service') || (viewer.roles.has('seller') && viewer.subject === order.seller_id);
}

/** Whether the viewer may change the order: its buyer, its seller or a service. */
export function owns(viewer: Viewer, order: Parties): boolean {
  return editsPrices(viewer, order) || (viewer.roles.has('buyer') && viewer.subject === order.buyer_id);
}

/** Whether the viewer acts for the shop: the order's seller, a service or an operator, and never its buyer. */
export function actsForShop(viewer: Viewer, order: Parties): boolean {
  const shop = editsPrices(viewer, order) || viewer.roles.has('operator');
  return shop && viewer.subject !== order.buyer_id;
}

/**
 * Whether the viewer may decide about the order's money: an operator, never about an order that they bought, and about
 * one that they sell only where the stack does without four eyes.
 */
export function decides(viewer: Viewer, order: Parties, fourEyes: boolean): boolean {
  const own = viewer.subject === order.buyer_id || (fourEyes && viewer.subject === order.seller_id);
  return viewer.roles.has('operator') && !own;
}

/** Whether the viewer may create orders. */
export function creates(viewer: Viewer): boolean {
  return viewer.roles.has('seller') || viewer.roles.has('service');
}
