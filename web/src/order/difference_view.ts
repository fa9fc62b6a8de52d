// What an edit changes, in words: before it is saved, and what somebody else changed meanwhile.
import { html, nothing, type TemplateResult } from 'lit';
import type { Line } from '../api.ts';
import { sum } from '../elements/shown.ts';
import { isolated, text, wordText } from '../texts/index.ts';
import { hasLineChanges, type ChangedLine, type Difference } from './line_diff.ts';
import { eachText } from './lines_view.ts';

/** The difference as a list of lines, the other fields by name, and both totals where they differ. */
export function differenceView(found: Difference, currency: string): TemplateResult {
  const fields = found.fields.map((field) => wordText('field_', field)).join(', ');
  return html`${hasLineChanges(found) ? lineChanges(found, currency) : nothing}
    ${fields === '' ? nothing : html`<p>${text('detail_fields', { value: fields })}</p>`} ${totals(found, currency)}`;
}

function lineChanges(found: Difference, currency: string): TemplateResult {
  return html`<ul class="changes">
    ${found.added.map((line) => change('added', line, currency))}
    ${found.changed.map((pair) => changedLine(pair, currency))}
    ${found.removed.map((line) => change('removed', line, currency))}
    ${found.reordered ? html`<li>${text('edit_reordered')}</li>` : nothing}
  </ul>`;
}

function change(kind: 'added' | 'removed' | 'changed', line: Line, currency: string, before: string = ''): TemplateResult {
  return html`<li class=${kind}>
    <span class="mark">${text(`edit_${kind}`)}</span> <span class="name">${isolated(line.name || line.sku)}</span>
    <span class="each">${eachText(line, currency)}</span>
    ${before === '' ? nothing : html`<span class="each">${text('edit_was', { text: before })}</span>`}
  </li>`;
}

function changedLine({ before, after }: ChangedLine, currency: string): TemplateResult {
  const name = before.name === after.name ? '' : `${isolated(before.name)}, `;
  return change('changed', after, currency, name + eachText(before, currency));
}

function totals({ total }: Difference, currency: string): TemplateResult | typeof nothing {
  const row = (key: 'edit_total_before' | 'edit_total_after', amount: bigint): TemplateResult =>
    html`<div><dt>${text(key)}</dt><dd>${sum(amount, currency)}</dd></div>`;
  return total.before === total.after
    ? nothing
    : html`<dl class="facts totals">${row('edit_total_before', total.before)}${row('edit_total_after', total.after)}</dl>`;
}
