// An order's history: "now" at its head, then each payment's events together, the newest first.
import { html, nothing, type TemplateResult } from 'lit';
import type { Order, OrderEvent } from '../api.ts';
import { instant } from '../elements/shown.ts';
import { text } from '../texts/index.ts';
import { actorText, eventDetails, eventTitle } from './event_words.ts';
import { nowText } from './now_view.ts';
import { timeline, type EventGroup } from './timeline.ts';

/** `subject` is the viewer's. */
export function timelineView(order: Order, events: readonly OrderEvent[], subject: string): TemplateResult {
  const groups = timeline(events);
  const attempts = groups.filter(({ attemptId }) => attemptId !== null).reverse();
  const heading = ({ attemptId }: EventGroup): string =>
    attemptId === null ? text('attempt_none') : text('attempt_heading', { number: numberOf(attempts, attemptId) });
  return html`<ol class="timeline">
    <li class="group current"><h3>${text('now')}</h3><p>${nowText(order)}</p></li>
    ${groups.map((group) => html`<li class="group"><h3>${heading(group)}</h3>${eventList(group, order, subject)}</li>`)}
  </ol>`;
}

// Attempts are numbered from the first to the last that began.
function numberOf(groups: readonly EventGroup[], attemptId: string): number {
  const begun = groups.map((group) => ({ id: group.attemptId, seq: group.events.at(-1)?.seq ?? 0 }));
  return begun.sort((one, other) => one.seq - other.seq).findIndex(({ id }) => id === attemptId) + 1;
}

function eventList(group: EventGroup, order: Order, subject: string): TemplateResult {
  return html`<ol class="events">
    ${group.events.map((event) => eventView(event, order, subject))}
  </ol>`;
}

function eventView(event: OrderEvent, order: Order, subject: string): TemplateResult {
  const details = eventDetails(event, order.currency);
  return html`<li>
    <p class="event-title">${eventTitle(event)}</p>
    <p class="small">${instant(event.at)} · ${text('event_by', { actor: actorText(event, subject) })}</p>
    ${details.length === 0 ? nothing : html`<ul class="details">${details.map((words) => html`<li>${words}</li>`)}</ul>`}
  </li>`;
}
