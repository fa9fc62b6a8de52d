// A new order as its form has it, and as it is sent.
import type { NewOrder } from '../api.ts';
import { CONTENT_FIELDS, same, whole, type Content } from './line_diff.ts';

/** What is fixed once the order exists. */
export interface Head {
  readonly reference: string;
  readonly buyer_id: string;
  readonly seller_id: string;
  readonly currency: string;
  readonly unique_reference: boolean;
}

/** The content of an order that nothing was said about. */
export const NO_CONTENT: Content = {
  lines: [],
  shipping_address: null,
  billing_address: null,
  note: null,
  email: null,
  locale: null,
  metadata: null,
  buyer_may: null,
  payable: true,
  pay_by: null,
  late_money: null,
};

/** The request for the order; what has its default is left out. */
export function newOrderOf(head: Head, content: Content): NewOrder {
  const given = CONTENT_FIELDS.filter((field) => !same(content[field], NO_CONTENT[field]));
  return {
    reference: head.reference.trim(),
    buyer_id: head.buyer_id.trim(),
    seller_id: head.seller_id.trim(),
    currency: head.currency as NewOrder['currency'],
    ...(head.unique_reference ? { unique_reference: true } : {}),
    lines: content.lines.map(whole),
    ...Object.fromEntries(given.map((field) => [field, content[field]])),
  };
}
