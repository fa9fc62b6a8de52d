// English texts of the order view, its actions and the form for a new order.
export const orderEn = {
  order_title: 'Order {reference}',
} as const;
