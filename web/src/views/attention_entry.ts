// An order that needs a person: why, since when, and the way to each remedy.
import { html, nothing, type TemplateResult } from 'lit';
import type { Finding, OrderHead } from '../api.ts';
import { ago, statusBadges, sum } from '../elements/shown.ts';
import { orderPath } from '../router.ts';
import { hasText, text, wordText } from '../texts/index.ts';
import { dayText, instantText } from '../times.ts';
import type { Concern } from './concerns.ts';

/** Why orders of this cause need a person, in a sentence. */
export function whyText(cause: string, gateway: string | null): string {
  const key = `cause_${cause}_why`;
  return hasText(key) ? text(key, { gateway: gateway ?? text('the_gateway') }) : wordText('cause_', cause);
}

export function entryView(order: OrderHead, concerns: readonly Concern[], now: number): TemplateResult {
  return html`<li class="card entry">
    <div class="entry-head">
      <a class="target" href=${orderPath(order.order_id)}>${order.reference}</a> ${statusBadges(order)}
    </div>
    ${concerns.map((concern) => concernView(order, concern, now))}
    ${concerns.length === 0 ? remedyLink(order, 'look', '', true) : nothing}
  </li>`;
}

function concernView(order: OrderHead, concern: Concern, now: number): TemplateResult {
  const { cause, gateway, since, until, amount, currency } = concern;
  return html`<div class="concern">
    <h3>${wordText('cause_', cause)}</h3>
    <p>${whyText(cause, gateway)} ${until ? text('cause_evidence_due', { time: instantText(until) }) : nothing}</p>
    <p class="soft">${sum(amount, currency)} ${since ? html`· ${ago(since, now)}` : nothing} ${gateway ? html`· ${gateway}` : nothing}</p>
    <div class="actions">${concern.remedies.map((remedy, place) => remedyLink(order, remedy.kind, remedy.action, place === 0))}</div>
  </div>`;
}

function remedyLink(order: OrderHead, kind: string, action: string, first: boolean): TemplateResult {
  const words = wordText('remedy_', kind);
  // Read alone, a link says which order it is about.
  return html`<a class="button ${first ? 'primary' : ''}" href=${orderPath(order.order_id, action)}
    >${words} <span class="unseen">(${order.reference})</span></a
  >`;
}

/** A difference to a statement that no rule put right. */
export function findingView(finding: Finding, handle: (finding: Finding) => void): TemplateResult {
  const { gateway, day, discrepancy, payment_id, attempt_id, amount, currency, since, remedy } = finding;
  const orderId = attempt_id.split('_')[0] ?? '';
  return html`<li class="card entry">
    <h3>${wordText('discrepancy_', discrepancy)}</h3>
    <p>${remedy ? text('finding_needs', { remedy }) : nothing}</p>
    <p class="soft">
      ${sum(amount, currency)} · ${gateway} · ${text('finding_day', { day: dayText(day) })} · ${text('finding_payment', { id: payment_id })}
      ${since ? html`· ${text('attention_since', { time: instantText(since) })}` : nothing}
    </p>
    <div class="actions">
      ${/^[0-9A-Z]{16}$/u.test(orderId) ? html`<a class="button" href=${orderPath(orderId)}>${text('remedy_look')}</a>` : nothing}
      <button type="button" @click=${() => handle(finding)}>${text('finding_handled')}<span class="unseen"> (${payment_id})</span></button>
    </div>
  </li>`;
}
