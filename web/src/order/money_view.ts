// The money of an order: its ledger, refunds, money that does not pay for it, and disputes.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order } from '../api.ts';
import { instant, sum } from '../elements/shown.ts';
import { isolated, text, wordText } from '../texts/index.ts';
import { ledgerRows, type LedgerRow } from './ledger_view.ts';

/** All money of the order; nothing where none ever came. `actionsFor` gives the buttons of a refund. */
export function moneyView(order: Order, actionsFor: (refundId: string) => TemplateResult | typeof nothing): TemplateResult {
  return html`${ledgerView(order)} ${refundsView(order, actionsFor)} ${unappliedView(order, actionsFor)} ${disputesView(order)}`;
}

function ledgerView(order: Order): TemplateResult {
  return html`<table class="ledger">
    <caption class="unseen">${text('order_money')}</caption>
    <tbody>
      ${ledgerRows(order.ledger).map((row) => ledgerRow(row, order.currency))}
    </tbody>
  </table>`;
}

const ledgerRow = ({ field, amount, weight }: LedgerRow, currency: string): TemplateResult =>
  html`<tr class=${weight}><th scope="row">${text(`ledger_${field}`)}</th><td class="number">${sum(amount, currency)}</td></tr>`;

type Buttons = (refundId: string) => TemplateResult | typeof nothing;

function refundsView(order: Order, actionsFor: Buttons): TemplateResult | typeof nothing {
  const entries = order.refunds.map((refund) => {
    const { amount, currency, status, reason, requested_at, refund_id } = refund;
    return entry(amount, currency, 'refund_', status, html`${isolated(reason)} · ${instant(requested_at)}`, actionsFor(refund_id));
  });
  return section(text('refunds'), entries);
}

function unappliedView(order: Order, actionsFor: Buttons): TemplateResult | typeof nothing {
  const entries = order.unapplied.map((money) => {
    const { amount, currency, status, reason, since, refund_id } = money;
    const words = html`${reason === null ? nothing : html`${isolated(reason)} · `}${instant(since)}`;
    return entry(amount, currency, 'refund_', status, words, refund_id === null ? nothing : actionsFor(refund_id));
  });
  return section(text('unapplied'), entries);
}

function disputesView(order: Order): TemplateResult | typeof nothing {
  const entries = order.disputes.map(({ amount, currency, status, evidence_due }) => {
    const words = status === 'open' && evidence_due !== null ? evidenceWords(evidence_due) : html``;
    return entry(amount, currency, 'dispute_', status, words, nothing);
  });
  return section(text('disputes'), entries);
}

function evidenceWords(due: string): TemplateResult {
  const [before, after] = text('dispute_evidence', { time: '\n' }).split('\n');
  return html`${before}${instant(due)}${after}`;
}

function entry(
  amount: number, currency: string, prefix: string, status: string, words: TemplateResult, buttons: TemplateResult | typeof nothing,
): TemplateResult {
  return html`<li>
    <div class="between"><span class="badge ${TONES[status] ?? 'plain'}">${wordText(prefix, status)}</span> ${sum(amount, currency)}</div>
    <p class="small">${words}</p>
    ${buttons}
  </li>`;
}

function section(title: string, entries: readonly TemplateResult[]): TemplateResult | typeof nothing {
  return entries.length === 0 ? nothing : html`<h3>${title}</h3><ul class="entries">${entries}</ul>`;
}

const TONES: Readonly<Record<string, string>> = {
  due: 'wait',
  claimed: 'wait',
  open: 'bad',
  refused: 'bad',
  lost: 'bad',
  refunded: 'good',
  returned: 'good',
  won: 'good',
  written_off: 'off',
};
