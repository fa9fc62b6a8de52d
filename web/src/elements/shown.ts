// How money, times and states are shown.
import { html, nothing, type TemplateResult } from 'lit';
import type { OrderHead } from '../api.ts';
import { moneyText } from '../money.ts';
import { text, wordText } from '../texts/index.ts';
import { agoText, instantText } from '../times.ts';

/** A sum in minor units. */
export const sum = (amount: number | bigint, currency: string): TemplateResult =>
  html`<span class="sum">${moneyText(amount, currency)}</span>`;

/** A time, in the reader's zone. */
export const instant = (at: string): TemplateResult => html`<time datetime=${at}>${instantText(at)}</time>`;

/** How long ago a time was; the time itself is its title. */
export const ago = (at: string, now: number): TemplateResult =>
  html`<time datetime=${at} title=${instantText(at)}>${agoText(at, now)}</time>`;

/** The status in one word of ours: `processing` is a status of the attempt that holds the order. */
export function statusOf(order: OrderHead): string {
  const processing = order.payment_status === 'in_payment' && order.payment?.status === 'processing';
  return processing ? 'processing' : order.payment_status;
}

/** The status as a badge, and whether money went back or is disputed. */
export function statusBadges(order: OrderHead): TemplateResult {
  const status = statusOf(order);
  const refunded = order.refund_status === 'none' ? nothing : badge('good', wordText('refund_status_', order.refund_status));
  return html`<span class="badges"
    >${badge(TONES[status] ?? 'plain', wordText('status_', status))} ${refunded}
    ${order.disputed ? badge('bad', text('status_disputed')) : nothing}</span
  >`;
}

const badge = (tone: string, words: string): TemplateResult => html`<span class="badge ${tone}">${words}</span>`;

const TONES: Readonly<Record<string, string>> = {
  pending_payment: 'plain',
  in_payment: 'active',
  processing: 'active',
  releasing: 'wait',
  review: 'bad',
  paid: 'good',
  cancelled: 'off',
};

/** What is shown in place of nothing. */
export const emptyState = (title: string, lead: string, way: TemplateResult | typeof nothing = nothing): TemplateResult =>
  html`<div class="empty"><p class="empty-title">${title}</p><p>${lead}</p>${way}</div>`;
