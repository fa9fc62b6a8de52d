// What the order is now: why it is locked, by whom and until when, or what can be done.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order, OrderEvent } from '../api.ts';
import type { Desk } from '../desk.ts';
import { instant } from '../elements/shown.ts';
import { moneyText } from '../money.ts';
import { text, wordText } from '../texts/index.ts';
import { instantText } from '../times.ts';
import { lockReason, type LockReason } from './lock_reason.ts';

const TONES = { opening: 'wait', being_paid: 'active', overdue: 'wait', processing: 'active', releasing: 'wait', review: 'bad' } as const;

/** The state in words; a lock with a countdown to its end. */
export function nowView(order: Order, events: readonly OrderEvent[], desk: Desk): TemplateResult {
  const lock = lockReason(order, events);
  return lock === null
    ? html`<p class="now">${nowText(order)} ${endsUnpaid(order)}</p>${openMatters(order)}`
    : html`<div class="now ${TONES[lock.state]}">
        <p class="now-title">${text(`lock_${lock.state}`)} ${countdown(lock, desk)}</p>
        <p>${text(`lock_${lock.state}_why`, valuesOf(order, lock))}</p>
        ${lockFacts(lock)}
      </div>
      ${openMatters(order)}`;
}

/** What is not settled yet of the order's money. */
function openMatters(order: Order): TemplateResult | typeof nothing {
  const statuses = new Set([...order.refunds, ...order.unapplied].map(({ status }) => status as string));
  const words = (['claimed', 'due', 'refused'] as const).filter((status) => statuses.has(status)).map((status) => text(`now_money_${status}`));
  const all = order.disputed ? [...words, text('now_money_disputed')] : words;
  return all.length === 0 ? nothing : html`<ul class="matters">${all.map((matter) => html`<li>${matter}</li>`)}</ul>`;
}

/** The state in one line. */
export function nowText(order: Order): string {
  if (order.lock) {
    return text(`lock_${lockReason(order, [])?.state ?? 'being_paid'}`);
  }
  if (order.payment_status === 'paid') {
    return text('now_paid');
  }
  if (order.payment_status === 'cancelled') {
    return text('now_cancelled');
  }
  const isFree = order.total === 0 ? text('now_free') : text('now_pending_payment');
  return order.payable ? isFree : text('now_not_payable');
}

function endsUnpaid(order: Order): string {
  const ends = order.payment_status === 'pending_payment' && order.pay_by !== null;
  return ends ? text('now_pay_by', { time: instantText(order.pay_by as string) }) : '';
}

function countdown(lock: LockReason, desk: Desk): TemplateResult | typeof nothing {
  return lock.state !== 'overdue' && lock.until ? html`<count-down .until=${lock.until} .clock=${desk.clock}></count-down>` : nothing;
}

function lockFacts(lock: LockReason): TemplateResult {
  const facts: (readonly [string, TemplateResult | string])[] = [
    ...(lock.by ? [[text('lock_begun_by', { actor: wordText('actor_', lock.by) }), instant(lock.since)] as const] : [[text('lock_since'), instant(lock.since)] as const]),
    ...(lock.until ? [[text('lock_until'), instant(lock.until)] as const] : []),
    ...(lock.nextCheck ? [[text('lock_next_check'), instant(lock.nextCheck)] as const] : []),
  ];
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    ${lock.givenUp ? html`<div><dt>${text('lock_given_up', { reason: wordText('reason_', lock.givenUp) })}</dt></div>` : nothing}
  </dl>`;
}

function valuesOf(order: Order, lock: LockReason): Record<string, string> {
  const captured = order.payment?.captured;
  return {
    gateway: lock.gateway ?? text('the_gateway'),
    agreed: moneyText(order.total, order.currency),
    captured: captured ? moneyText(captured.amount, captured.currency) : '–',
  };
}
