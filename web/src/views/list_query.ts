// What the list's filters ask of the API, and which orders of a page they leave.
import type { OrderHead } from '../api.ts';
import type { Caller } from '../caller.ts';

/** The filters as the list's address has them; empty where not given. */
export interface Filters {
  /** A reference, or an order's number. */
  readonly search: string;
  readonly seller: string;
  readonly buyer: string;
  /** A payment status, `locked` for each that holds the order, or empty. */
  readonly status: string;
  readonly cursor: string;
}

/** The query of `GET /orders`, or why there is none yet. */
export type ListQuery =
  | { readonly ask: Readonly<Record<string, string>> }
  | { readonly missing: 'owner' | 'seller' };

/** What a user can filter by status; `locked` is the desk's own. */
export const STATUSES = ['locked', 'pending_payment', 'in_payment', 'releasing', 'review', 'paid', 'cancelled'] as const;

export function filtersOf(query: URLSearchParams): Filters {
  const given = (name: string): string => (query.get(name) ?? '').trim();
  return {
    search: given('search'),
    seller: given('seller'),
    buyer: given('buyer'),
    status: given('status'),
    cursor: given('cursor'),
  };
}

/** Whether the caller names whose orders to list: an operator and a service have none of their own. */
export const namesOwner = (caller: Caller): boolean => caller.roles.has('operator') || caller.roles.has('service');

/** The order's number, where that is what was searched for. */
export function orderIdIn(search: string): string | null {
  const plain = search.toUpperCase();
  return /^[0-9A-HJKMNP-TV-Z]{16}$/u.test(plain) ? plain : null;
}

/** A seller's list is that of their orders as a seller, whatever other roles they have. */
export function listQuery(filters: Filters, caller: Caller): ListQuery {
  const own = !namesOwner(caller);
  const seller = own && caller.roles.has('seller') ? caller.subject : filters.seller;
  const buyer = own && !caller.roles.has('seller') ? caller.subject : filters.buyer;
  if (seller === '' && buyer === '') {
    return { missing: 'owner' };
  }
  if (filters.search !== '' && seller === '') {
    return { missing: 'seller' };
  }
  const asked = { seller_id: seller, buyer_id: buyer, reference: filters.search, cursor: filters.cursor };
  return { ask: Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== '')) };
}

/** Whether the status filter leaves the order in the list. */
export function isKept(order: OrderHead, status: string): boolean {
  return status === '' || (status === 'locked' ? order.lock !== null : order.payment_status === status);
}

export interface Page {
  readonly orders: readonly OrderHead[];
  readonly next_cursor: string | null;
}

/** What was found from a cursor on. `next` leads on, null at the end; `looked` is how many orders were looked at. */
export interface Found {
  readonly orders: readonly OrderHead[];
  readonly next: string | null;
  readonly looked: number;
}

// A page of the API can have few of a status, or none, and lead on.
const ENOUGH = 20;
const MOST_PAGES = 4;

/** Read pages until there are enough orders of the status, there are no more, or the read has gone far enough. */
export async function collect(read: (cursor: string) => Promise<Page>, cursor: string, status: string): Promise<Found> {
  let found: Found = { orders: [], next: cursor, looked: 0 };
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await read(found.next ?? '');
    const kept = page.orders.filter((order) => isKept(order, status));
    found = { orders: [...found.orders, ...kept], next: page.next_cursor, looked: found.looked + page.orders.length };
    if (found.next === null || found.orders.length >= ENOUGH) {
      break;
    }
  }
  return found;
}
