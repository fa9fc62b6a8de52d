// German texts of the order view, its actions and the form for a new order.
import type { orderEn } from './order.en.ts';

export const orderDe: Readonly<Record<keyof typeof orderEn, string>> = {
  order_title: 'Bestellung {reference}',
};
