// The fields of an order beside its lines: note, addresses, contact, terms and the shop's own texts.
import { html, nothing, type TemplateResult } from 'lit';
import { text, wordText, type TextKey } from '../texts/index.ts';
import { ADDRESS_FIELDS, type AddressDraft, type Draft } from './draft.ts';
import type { DraftForm } from './draft_form.ts';
import { area, check, choice, errorOf, folded, input, isChecked, valueOf } from './inputs.ts';

const RIGHTS = ['quantities', 'remove_lines', 'address', 'note'] as const;

/** The note, of several lines. */
export function noteField({ draft, rights, errors, change }: DraftForm): TemplateResult | typeof nothing {
  return rights.note ? area('note', text('field_note'), 3, draft.note, errors, (event) => change({ note: valueOf(event) })) : nothing;
}

/** The fields of both addresses, folded where they are empty. */
export function addressFields(form: DraftForm): TemplateResult | typeof nothing {
  return form.rights.address ? html`${address(form, 'shipping_address')} ${address(form, 'billing_address')}` : nothing;
}

function address(form: DraftForm, name: 'shipping_address' | 'billing_address'): TemplateResult {
  const draft = form.draft[name];
  const set = (change: Partial<AddressDraft>): void => form.change({ [name]: { ...draft, ...change } });
  const fields = ADDRESS_FIELDS.map((part) =>
    input({ name: `${name}.${part}`, label: text(`field_${part}`) }, draft[part], form.errors, (event) => set({ [part]: valueOf(event) })),
  );
  return folded(text(`field_${name}`), isFilled(draft), html`<div class="cells">${fields}</div>`);
}

const isFilled = (draft: AddressDraft): boolean => Object.values(draft).some((value) => value !== '');

/** What is the seller's alone: contact, terms and the shop's own texts. */
export function sellerFields(form: DraftForm): TemplateResult | typeof nothing {
  const { draft, errors, change } = form;
  if (!form.rights.everything) {
    return nothing;
  }
  return html`<div class="cells">
      ${input({ name: 'email', label: text('field_email'), type: 'email', mode: 'email' }, draft.email, errors, (event) => change({ email: valueOf(event) }))}
      ${input({ name: 'locale', label: text('field_locale'), hint: text('field_locale_hint') }, draft.locale, errors, (event) => change({ locale: valueOf(event) }))}
    </div>
    ${folded(text('order_terms'), hasTerms(draft), termFields(form))}
    ${folded(text('field_metadata'), draft.metadata.length > 0, metadataFields(form))}`;
}

const hasTerms = (draft: Draft): boolean => !draft.payable || draft.pay_by !== '' || draft.late_money !== '' || draft.buyer_may !== null;

function termFields({ draft, errors, change }: DraftForm): TemplateResult {
  const late = (['', 'accept', 'refund'] as const).map((word) => [word, wordText('late_', word || 'stack')] as const);
  return html`${check('payable', `${text('field_payable')}. ${text('field_payable_hint')}`, draft.payable, (event) => change({ payable: isChecked(event) }))}
    <div class="cells">
      ${input({ name: 'pay_by', label: text('field_pay_by'), hint: text('field_pay_by_hint'), type: 'datetime-local' }, draft.pay_by, errors, (event) => change({ pay_by: valueOf(event) }))}
      ${choice('late_money', text('field_late_money'), late, draft.late_money, errors, (event) => change({ late_money: valueOf(event) as Draft['late_money'] }))}
    </div>
    ${rightFields(draft, change)}`;
}

function rightFields(draft: Draft, change: DraftForm['change']): TemplateResult {
  const given = draft.buyer_may;
  const toggled = (right: (typeof RIGHTS)[number], on: boolean): void =>
    change({ buyer_may: RIGHTS.filter((other) => (other === right ? on : (given ?? []).includes(other))) });
  return html`<fieldset>
    <legend>${text('field_buyer_may')}</legend>
    ${check('buyer_may.rule', text('field_buyer_may_rule'), given === null, (event) => change({ buyer_may: isChecked(event) ? null : [] }))}
    ${given === null
      ? nothing
      : RIGHTS.map((right) => check(`buyer_may.${right}`, text(`right_${right}`), given.includes(right), (event) => toggled(right, isChecked(event))))}
  </fieldset>`;
}

function metadataFields(form: DraftForm): TemplateResult {
  const { draft, errors, change } = form;
  const fault = errorOf(errors, 'metadata');
  return html`${fault ? html`<p class="field-error">${fault}</p>` : nothing}
    ${draft.metadata.map((entry, place) => metadataField(form, entry, place))}
    <button type="button" @click=${() => change({ metadata: [...draft.metadata, { name: '', text: '' }] })}>${text('edit_add_text')}</button>`;
}

function metadataField({ draft, errors, change }: DraftForm, entry: Draft['metadata'][number], place: number): TemplateResult {
  const set = (changed: Partial<typeof entry>): void =>
    change({ metadata: draft.metadata.map((old, other) => (other === place ? { ...old, ...changed } : old)) });
  const at = `metadata.${place}`;
  // The API names a text by its name, which need not be one for an id.
  const own = errors.filter(({ field: name }) => name === `metadata.${entry.name}`).map(({ problem }) => ({ field: `${at}.text`, problem }));
  return html`<div class="cells">
    ${input({ name: `${at}.name`, label: label('field_metadata_name', place) }, entry.name, errors, (event) => set({ name: valueOf(event) }))}
    ${area(`${at}.text`, label('field_metadata_text', place), 2, entry.text, own, (event) => set({ text: valueOf(event) }))}
    <button type="button" class="quiet" @click=${() => change({ metadata: draft.metadata.filter((_, other) => other !== place) })}>
      ${text('edit_remove_text', { number: place + 1 })}
    </button>
  </div>`;
}

const label = (key: TextKey, place: number): string => `${text(key)} ${place + 1}`;
