// The fields of an order's lines.
import { html, nothing, type TemplateResult } from 'lit';
import { text, wordText } from '../texts/index.ts';
import type { LineKind } from './api_types.ts';
import { NO_LINE, type LineDraft } from './draft.ts';
import type { DraftForm } from './draft_form.ts';
import { check, choice, errorOf, folded, input, isChecked, valueOf } from './inputs.ts';

const KINDS: readonly LineKind[] = ['item', 'shipping', 'tax', 'discount', 'fee'];

/** The lines, each with its own fields, and a button for a further one. */
export function lineFields(form: DraftForm): TemplateResult {
  const { draft, rights, errors } = form;
  const fault = errorOf(errors, 'lines');
  return html`<fieldset class="draft-lines" aria-describedby=${fault ? 'f-lines-error' : nothing}>
    <legend>${text('field_lines')}</legend>
    ${fault ? html`<p class="field-error" id="f-lines-error">${fault}</p>` : nothing}
    ${draft.lines.map((line, place) => oneLine(form, line, place))}
    ${rights.everything
      ? html`<button type="button" @click=${() => form.change({ lines: [...draft.lines, NO_LINE] })}>${text('edit_add_line')}</button>`
      : nothing}
  </fieldset>`;
}

function oneLine(form: DraftForm, line: LineDraft, place: number): TemplateResult {
  const { rights, errors, currency } = form;
  const set = (change: Partial<LineDraft>): void => form.change({ lines: replaced(form.draft.lines, place, { ...line, ...change }) });
  const at = (name: string): string => `lines.${place}.${name}`;
  const own = !rights.everything;
  const fault = errorOf(errors, `lines.${place}`);
  const number = text('edit_line_number', { number: place + 1 });
  return html`<fieldset class="draft-line" aria-describedby=${fault ? `f-lines-${place}-error` : nothing}>
    <legend>${number}</legend>
    ${fault ? html`<p class="field-error" id="f-lines-${place}-error">${fault}</p>` : nothing}
    <div class="cells">
      ${input({ name: at('name'), label: text('field_name') }, line.name, errors, (event) => set({ name: valueOf(event) }), own)}
      ${input({ name: at('sku'), label: text('field_sku') }, line.sku, errors, (event) => set({ sku: valueOf(event) }), own)}
      ${input({ name: at('quantity'), label: text('field_quantity'), mode: 'numeric' }, line.quantity, errors, (event) => set({ quantity: valueOf(event) }), isHeld(form, place))}
      ${input({ name: at('unit_price'), label: text('field_unit_price', { currency }), mode: 'decimal' }, line.price, errors, (event) => set({ price: valueOf(event) }), own)}
    </div>
    ${own ? nothing : moreOfLine(form, line, place, set)} ${removeButton(form, place)}
  </fieldset>`;
}

// A buyer's quantities: where the order lets them, and the line is not to stay as it is.
const isHeld = (form: DraftForm, place: number): boolean => !form.rights.everything && (!form.rights.quantities || form.isFixed(place));

function moreOfLine(form: DraftForm, line: LineDraft, place: number, set: (change: Partial<LineDraft>) => void): TemplateResult {
  const at = (name: string): string => `lines.${place}.${name}`;
  const plain = line.kind === 'item' && !line.fixed && line.most === '';
  const fields = html`<div class="cells">
    ${choice(at('kind'), text('field_kind'), KINDS.map((kind) => [kind, wordText('kind_', kind)]), line.kind, form.errors, (event) => set({ kind: valueOf(event) as LineKind }))}
    ${input({ name: at('max_quantity'), label: text('field_most'), mode: 'numeric' }, line.most, form.errors, (event) => set({ most: valueOf(event) }))}
    ${check(at('fixed'), text('field_fixed'), line.fixed, (event) => set({ fixed: isChecked(event) }))}
  </div>`;
  return folded(text('edit_more'), !plain, fields);
}

function removeButton(form: DraftForm, place: number): TemplateResult | typeof nothing {
  const { rights, draft } = form;
  const removable = rights.everything || (rights.removeLines && !form.isFixed(place));
  const remove = (): void => form.change({ lines: draft.lines.filter((_, other) => other !== place) });
  return removable && draft.lines.length > 1
    ? html`<button type="button" class="quiet" @click=${remove}>${text('edit_remove_line', { number: place + 1 })}</button>`
    : nothing;
}

function replaced<Value>(values: readonly Value[], place: number, value: Value): readonly Value[] {
  return values.map((old, other) => (other === place ? value : old));
}
