// The lines of an order with their sums, as a table.
import { html, nothing, type TemplateResult } from 'lit';
import type { Line, Order } from '../api.ts';
import { sum } from '../elements/shown.ts';
import { moneyText } from '../money.ts';
import { isolated, text, wordText } from '../texts/index.ts';
import { sumOf, whole } from './line_diff.ts';

/** The table, its total at the end. */
export function linesView(order: Order): TemplateResult {
  return html`<table class="lines">
    <thead>
      <tr><th scope="col">${text('order_line')}</th><th scope="col" class="number">${text('order_sum')}</th></tr>
    </thead>
    <tbody>
      ${order.lines.map((line) => row(line, order.currency))}
    </tbody>
    <tfoot>
      <tr><th scope="row">${text('order_total')}</th><td class="number">${sum(order.total, order.currency)}</td></tr>
    </tfoot>
  </table>`;
}

function row(line: Line, currency: string): TemplateResult {
  return html`<tr>
    <th scope="row">${lineName(line, currency)}</th>
    <td class="number">${sum(sumOf(line), currency)}</td>
  </tr>`;
}

/** A line's name, with its article number, quantity, price and what is particular to it. */
export function lineName(line: Line, currency: string): TemplateResult {
  return html`<span class="name">${isolated(line.name)}</span> ${marks(line)}
    <span class="each">${isolated(line.sku)} · ${eachText(line, currency)}</span>`;
}

/** `2 × €12.50`. */
export const eachText = (line: Line, currency: string): string =>
  text('order_each', { quantity: line.quantity, price: moneyText(line.unit_price, currency) });

function marks(line: Line): TemplateResult | typeof nothing {
  const { kind, fixed, max_quantity } = whole(line);
  const shown = [
    ...(kind === 'item' ? [] : [wordText('kind_', kind)]),
    ...(fixed ? [text('line_fixed')] : []),
    ...(max_quantity === null ? [] : [text('line_most', { count: max_quantity })]),
  ];
  return shown.length === 0 ? nothing : html`${shown.map((words) => html`<span class="mark">${words}</span> `)}`;
}
