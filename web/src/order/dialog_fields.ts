// The fields of the actions' dialogs. They keep what is typed while the order behind them is read again.
import { html, nothing, type TemplateResult } from 'lit';
import { errorAt, field, type Described } from '../elements/field.ts';
import type { Problem } from '../problem.ts';
import { text, wordText } from '../texts/index.ts';

interface Words {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly mode?: 'text' | 'decimal' | 'url';
  readonly most?: number;
  readonly optional?: boolean;
}

// An attribute, not a property: what is typed stays when the dialog is rendered again.
function typed({ name, mode = 'text', most, optional = false, ...words }: Words, value: string, problem: Problem | null): TemplateResult {
  const control = ({ id, by, invalid }: Described): TemplateResult => html`<input id=${id} name=${name} value=${value}
    inputmode=${mode} autocomplete="off" ?required=${!optional} maxlength=${most ?? nothing} aria-describedby=${by} aria-invalid=${invalid}>`;
  return field({ id: `ask-${name}`, ...words, error: errorAt(problem, name) }, control);
}

/** An operator's reason. */
export function reasonField(problem: Problem | null): TemplateResult {
  return typed({ name: 'reason', label: text('action_reason'), hint: text('action_reason_hint'), most: 500 }, '', problem);
}

/** Amount and reason of a refund; `left` as plain digits. */
export function refundFields(currency: string, left: string, problem: Problem | null): TemplateResult {
  const amount: Words = { name: 'amount', label: text('action_refund_amount', { currency }), mode: 'decimal' };
  const reason: Words = { name: 'reason', label: text('action_refund_reason'), hint: text('action_refund_reason_hint'), most: 100 };
  return html`${typed(amount, left, problem)} ${typed(reason, '', problem)}`;
}

/** How money came without a gateway. */
export function settleFields(problem: Problem | null): TemplateResult {
  const control = ({ id, by, invalid }: Described): TemplateResult => html`<select id=${id} name="method"
    aria-describedby=${by} aria-invalid=${invalid}>
      ${['cash', 'bank_transfer', 'other'].map((method) => html`<option value=${method}>${wordText('method_', method)}</option>`)}
    </select>`;
  const method = field({ id: 'ask-method', label: text('action_settle_method'), error: errorAt(problem, 'method') }, control);
  return html`${method} ${typed({ name: 'note', label: text('action_settle_note'), hint: text('action_reason_hint'), most: 500 }, '', problem)}`;
}

/** What becomes of money under review. `settles`: there is something left of it. */
export function resolveFields(settles: boolean, captured: string, held: string, problem: Problem | null): TemplateResult {
  const radio = (word: 'settle' | 'refund', hint: string, checked: boolean): TemplateResult => html`<label class="check">
    <input type="radio" name="action" value=${word} required ?checked=${checked}> ${text(`action_resolve_${word}`)}
    <span class="hint">${hint}</span>
  </label>`;
  return html`<fieldset>
      <legend class="unseen">${text('action_resolve')}</legend>
      ${settles ? radio('settle', text('action_resolve_settle_hint', { captured }), false) : html`<p>${text('action_resolve_nothing')}</p>`}
      ${radio('refund', text('action_resolve_refund_hint', { held }), !settles)}
    </fieldset>
    ${reasonField(problem)}`;
}

/** Where the payment page leads afterwards. */
export function linkFields(problem: Problem | null): TemplateResult {
  const words: Words = { name: 'return_url', label: text('action_pay_link_return'), hint: text('action_pay_link_return_hint'), mode: 'url', optional: true };
  return typed(words, '', problem);
}
