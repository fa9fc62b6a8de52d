// The list of orders: the newest first, found by reference, buyer and status, and kept up to date.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { OrderHead } from '../api.ts';
import type { Desk } from '../desk.ts';
import { field } from '../elements/field.ts';
import { PageElement } from '../elements/page_element.ts';
import { problemLine, problemView, waysOn } from '../elements/problem_view.ts';
import { emptyState, instant, statusBadges, sum } from '../elements/shown.ts';
import { Live, SECONDS, type Pace } from '../live.ts';
import { Problem } from '../problem.ts';
import { listPath, orderPath } from '../router.ts';
import { countText, text, wordText, type TextKey } from '../texts/index.ts';
import { collect, filtersOf, listQuery, namesOwner, orderIdIn, STATUSES, type Filters, type Found, type Page } from './list_query.ts';

// With a status several pages are read to find its orders.
const SEARCHING: Pace = { every: 15, most: 60 };

// In milliseconds: how long the user waits for the view of what was searched for.
const LONGEST_LOOK = 3000;

/** `query` has the filters, as in the list's address. */
export class OrderList extends PageElement {
  static override properties = {
    desk: { attribute: false },
    query: { attribute: false },
    found: { state: true },
    problem: { state: true },
  };

  declare desk: Desk;
  declare query: URLSearchParams;
  declare found: Found | null;
  declare problem: unknown;
  private readonly live = new Live((signal) => this.read(signal), () => (this.query.get('status') ? SEARCHING : SECONDS));
  private shown = '';

  constructor() {
    super();
    this.found = null;
    this.problem = null;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.live.stop();
  }

  protected override willUpdate(): void {
    const asked = this.query.toString();
    if (this.shown !== asked || !this.hasUpdated) {
      this.shown = asked;
      this.found = null;
      this.problem = null;
      this.live.start();
    }
  }

  protected override render(): TemplateResult {
    const filters = filtersOf(this.query);
    return html`<div class="title-row">
        <h1 tabindex="-1">${text('list_title')}</h1>
        ${this.found && this.problem ? html`<p class="stale" role="status">${text('list_stale', { problem: problemLine(this.problem) })}</p>` : nothing}
      </div>
      ${this.form(filters)} ${this.result(filters)}`;
  }

  private form(filters: Filters): TemplateResult {
    const { caller } = this.desk.session;
    const used = this.query.size > 0;
    // Another address is another form: what was typed into the one before is not kept.
    return html`<form class="filters" role="search" aria-label=${text('list_filters')} @submit=${this.find}>
      ${textField('search', 'list_search', filters.search)}
      ${namesOwner(caller) ? textField('seller', 'list_seller', filters.seller) : nothing}
      ${namesOwner(caller) || caller.roles.has('seller') ? textField('buyer', 'list_buyer', filters.buyer) : nothing}
      ${field({ id: 'status', label: text('list_status') }, ({ id }) => statusSelect(id, filters.status))}
      <div class="actions">
        <button class="primary">${text('list_find')}</button>
        ${used ? html`<a class="button" href=${listPath({})}>${text('list_clear')}</a>` : nothing}
      </div>
    </form>`;
  }

  private result(filters: Filters): TemplateResult {
    const query = listQuery(filters, this.desk.session.caller);
    if ('missing' in query) {
      const lead = query.missing === 'owner' ? 'list_name_first_lead' : 'list_needs_seller';
      return emptyState(text('list_name_first'), text(lead));
    }
    if (this.found === null) {
      return this.problem
        ? problemView(this.problem, waysOn(this.desk, () => this.live.now()))
        : html`<p class="loading" aria-busy="true">${text('loading')}</p>`;
    }
    return html`${this.found.orders.length > 0 ? this.table(this.found.orders) : this.nobody(filters, this.found)}
      ${this.paging(filters, this.found)}`;
  }

  private nobody(filters: Filters, found: Found): TemplateResult {
    if (found.next !== null) {
      return emptyState(text('list_none'), text('list_none_here', { count: found.looked }));
    }
    const filtered = filters.search !== '' || filters.buyer !== '' || filters.status !== '' || filters.cursor !== '';
    return filtered
      ? emptyState(text('list_none'), text('list_none_lead'))
      : emptyState(text('list_empty'), text('list_empty_lead'));
  }

  private table(orders: readonly OrderHead[]): TemplateResult {
    const showsSeller = namesOwner(this.desk.session.caller);
    return html`<table class="orders">
      <caption class="unseen">${countText('list_count', orders.length)}</caption>
      <thead>
        <tr>
          <th scope="col">${text('list_reference')}</th>
          <th scope="col" class="wide">${text('list_status')}</th>
          ${showsSeller ? html`<th scope="col" class="widest">${text('list_seller')}</th>` : nothing}
          <th scope="col" class="widest">${text('list_buyer')}</th>
          <th scope="col" class="wide">${text('list_created')}</th>
          <th scope="col" class="number">${text('list_total')}</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(orders, (order) => order.order_id, (order) => this.row(order, showsSeller))}
      </tbody>
    </table>`;
  }

  private row(order: OrderHead, showsSeller: boolean): TemplateResult {
    const state = html`${statusBadges(order)} ${this.lockEnd(order)}`;
    return html`<tr>
      <th scope="row">
        <a class="target" href=${orderPath(order.order_id)}>${order.reference}</a>
        <div class="narrow">${state}</div>
      </th>
      <td class="wide">${state}</td>
      ${showsSeller ? html`<td class="widest id">${order.seller_id}</td>` : nothing}
      <td class="widest id">${order.buyer_id}</td>
      <td class="wide">${instant(order.created_at)}</td>
      <td class="number">
        ${sum(order.total, order.currency)}
        <div class="narrow soft">${instant(order.created_at)}</div>
      </td>
    </tr>`;
  }

  private lockEnd(order: OrderHead): TemplateResult | typeof nothing {
    const until = order.lock?.until;
    return until ? html`<count-down .until=${until} .clock=${this.desk.clock}></count-down>` : nothing;
  }

  private paging(filters: Filters, found: Found): TemplateResult {
    const { cursor, ...kept } = filters;
    return html`<nav class="paging" aria-label=${text('list_older')}>
      ${cursor === '' ? nothing : html`<a class="button" href=${listPath(kept)}>${text('list_newest')}</a>`}
      ${found.next === null ? nothing : html`<a class="button" href=${listPath({ ...kept, cursor: found.next })}>${text('list_older')}</a>`}
    </nav>`;
  }

  private async find(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const given = (name: string): string => String(form.get(name) ?? '').trim();
    const filters = { search: given('search'), seller: given('seller'), buyer: given('buyer'), status: given('status'), cursor: '' };
    const orderId = orderIdIn(filters.search);
    const path = orderId === null || (await this.isReference(orderId, filters)) ? listPath(filters) : orderPath(orderId);
    if (this.isConnected) {
      this.desk.router.go(path);
    }
  }

  // A reference may have the form of an order's number.
  private async isReference(orderId: string, filters: Filters): Promise<boolean> {
    if ('missing' in listQuery(filters, this.desk.session.caller)) {
      return false;
    }
    const call = { path: { order_id: orderId }, signal: AbortSignal.timeout(LONGEST_LOOK) };
    return this.desk.api.get('/orders/{order_id}', call).then(() => false, (problem) => problem instanceof Problem && problem.status === 404);
  }

  private async read(signal: AbortSignal): Promise<void> {
    const filters = filtersOf(this.query);
    const query = listQuery(filters, this.desk.session.caller);
    if ('missing' in query) {
      return;
    }
    const page = async (cursor: string): Promise<Page> => {
      const asked = cursor === '' ? query.ask : { ...query.ask, cursor };
      return (await this.desk.api.get('/orders', { query: asked, signal })).data;
    };
    try {
      this.take(await collect(page, filters.cursor, filters.status));
    } catch (problem) {
      this.problem = signal.aborted ? this.problem : problem;
      throw problem;
    }
  }

  private take(found: Found): void {
    if (this.found === null && this.query.size > 0) {
      this.desk.announce(countText('list_count', found.orders.length));
    }
    found.orders.forEach((order) => this.desk.clock.atLeast(order.updated_at));
    this.found = found;
    this.problem = null;
  }
}

function textField(id: string, label: TextKey, value: string): TemplateResult {
  return field({ id, label: text(label) }, () => html`<input id=${id} name=${id} .value=${value} maxlength="64" autocomplete="off" spellcheck="false" />`);
}

function statusSelect(id: string, chosen: string): TemplateResult {
  const option = (status: string, words: string): TemplateResult =>
    html`<option value=${status} .selected=${status === chosen}>${words}</option>`;
  return html`<select id=${id} name=${id}>
    ${option('', text('list_any_status'))}
    ${STATUSES.map((status) => option(status, status === 'locked' ? text('list_locked') : wordText('status_', status)))}
  </select>`;
}

customElements.define('order-list', OrderList);
