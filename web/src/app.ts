// The frame of the desk: who is signed in, the way to each view, and the view of the address.
import { html, nothing, type TemplateResult } from 'lit';
import type { Desk } from './desk.ts';
import { PageElement } from './elements/page_element.ts';
import { problemView } from './elements/problem_view.ts';
import { emptyState } from './elements/shown.ts';
import { deskPath, type Route } from './router.ts';
import { SignInRefused } from './session.ts';
import { text, wordText } from './texts/index.ts';

/** `desk` is null until the stack's configuration was read; `failure` is what stands against the desk as a whole. */
export class OrderDesk extends PageElement {
  static override properties = {
    desk: { attribute: false },
    failure: { attribute: false },
    canSignIn: { attribute: false },
    retry: { attribute: false },
    route: { state: true },
  };

  declare desk: Desk | null;
  declare failure: unknown;
  /** Whether the stack has a sign-in page. */
  declare canSignIn: boolean;
  /** Begins anew after a failure. */
  declare retry: () => void;
  declare route: Route;
  private shownView = '';

  constructor() {
    super();
    this.desk = null;
    this.failure = null;
    this.canSignIn = true;
    this.route = { view: 'unknown' };
    this.retry = () => location.reload();
  }

  /** Show the view of a route; focus goes to its heading where another view is shown. */
  show(route: Route): void {
    this.route = route;
    const view = route.view === 'order' ? `order ${route.orderId}` : route.view;
    const moved = this.shownView !== '' && this.shownView !== view;
    this.shownView = view;
    if (moved) {
      void this.updateComplete.then(() => this.focusHeading());
    }
  }

  protected override render(): TemplateResult {
    const signedIn = this.desk !== null && this.desk.session.state !== 'signed-out';
    return html`<a class="skip" href="#content" @click=${this.skip}>${text('skip')}</a>
      ${this.header(signedIn)} ${this.endedNotice()}
      <main id="content" tabindex="-1">${signedIn ? this.view(this.desk as Desk) : this.door()}</main>
      <div class="unseen" role="status" id="announcements"></div>`;
  }

  protected override firstUpdated(): void {
    // Views name themselves, some only once they have read what they show.
    const main = this.querySelector('main') as HTMLElement;
    new MutationObserver(() => this.setTitle()).observe(main, { childList: true, characterData: true, subtree: true });
    this.setTitle();
  }

  private setTitle(): void {
    const heading = this.querySelector('main h1')?.textContent?.trim();
    document.title = heading ? `${heading} – ${text('desk')}` : text('desk');
  }

  private header(signedIn: boolean): TemplateResult {
    return html`<header class="top">
      <a class="brand" href=${deskPath()}>${text('desk')}</a>
      ${signedIn ? this.navigation(this.desk as Desk) : nothing}
    </header>`;
  }

  private navigation(desk: Desk): TemplateResult {
    const { roles, name } = desk.session.caller;
    return html`<nav aria-label=${text('menu')}>
        ${this.tab('list', deskPath(), text('orders'))}
        ${roles.has('operator') ? this.tab('attention', deskPath('/attention'), text('attention')) : nothing}
        ${roles.has('seller') || roles.has('service') ? this.tab('create', deskPath('/create'), text('create')) : nothing}
      </nav>
      <div class="who">
        <span title=${text('signed_in_as', { roles: [...roles].map((role) => wordText('role_', role)).join(', ') })}>${name}</span>
        <button type="button" class="quiet" @click=${this.signOut}>${text('sign_out')}</button>
      </div>`;
  }

  private tab(view: Route['view'], path: string, words: string): TemplateResult {
    return html`<a href=${path} aria-current=${this.route.view === view ? 'page' : nothing}>${words}</a>`;
  }

  private endedNotice(): TemplateResult | typeof nothing {
    if (this.desk?.session.state !== 'ended') {
      return nothing;
    }
    return html`<div class="notice" role="alert">
      <p>${text('session_ended')}</p>
      <button type="button" class="primary" @click=${() => this.signIn()}>${text('sign_in_again')}</button>
    </div>`;
  }

  private view(desk: Desk): TemplateResult {
    if (desk.session.caller.roles.size === 0) {
      return html`<h1 tabindex="-1">${text('no_role')}</h1><p>${text('no_role_lead')}</p>`;
    }
    const route = this.route;
    switch (route.view) {
      case 'list':
        return html`<order-list .desk=${desk} .query=${route.query}></order-list>`;
      case 'attention':
        return html`<attention-view .desk=${desk}></attention-view>`;
      case 'create':
        return html`<create-order .desk=${desk}></create-order>`;
      case 'order':
        return html`<order-view .desk=${desk} .orderId=${route.orderId} .action=${route.action}></order-view>`;
      case 'unknown':
        return html`<h1 tabindex="-1">${text('not_found')}</h1>
          ${emptyState('', text('not_found_lead'), html`<a class="button" href=${deskPath()}>${text('to_orders')}</a>`)}`;
    }
  }

  /** What is shown to those who are not signed in. */
  private door(): TemplateResult {
    if (this.desk === null) {
      return this.failure === null
        ? html`<h1 tabindex="-1">${text('desk')}</h1><p aria-busy="true">${text('loading')}</p>`
        : html`<h1 tabindex="-1">${text('desk')}</h1>${problemView(this.failure, { retry: this.retry })}`;
    }
    if (!this.canSignIn) {
      return html`<section class="card door">
        <h1 tabindex="-1">${text('sign_in_not_set_up')}</h1>
        <p>${text('sign_in_not_set_up_lead')}</p>
      </section>`;
    }
    return html`<section class="card door">
      <h1 tabindex="-1">${text('sign_in')}</h1>
      ${this.refusal()}
      <p class="lead">${text('sign_in_lead')}</p>
      <button type="button" class="primary" @click=${() => this.signIn()}>${text('sign_in')}</button>
    </section>`;
  }

  private refusal(): TemplateResult | typeof nothing {
    if (this.failure === null) {
      return nothing;
    }
    if (!(this.failure instanceof SignInRefused)) {
      return problemView(this.failure);
    }
    const elsewhere = this.failure.message === 'not-begun-here';
    const words = elsewhere ? text('sign_in_elsewhere') : text('sign_in_refused_lead', { cause: this.failure.message });
    return html`<div class="problem" role="alert"><p class="problem-title">${text('sign_in_refused')}</p><p>${words}</p></div>`;
  }

  /** Go to the sign-in page, and come back to this address. */
  signIn(): void {
    const desk = this.desk as Desk;
    this.failure = null;
    desk.session.signIn(desk.router.path, () => desk.keptInput.keep()).catch((failure: unknown) => {
      this.failure = failure;
    });
  }

  private signOut(): void {
    if (this.desk?.router.mayLeave()) {
      this.desk.keptInput.drop();
      void this.desk.session.signOut().catch(() => null);
    }
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.querySelector('main')?.focus();
  }

  private focusHeading(): void {
    const heading = this.querySelector<HTMLElement>('main h1');
    heading?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }
}

customElements.define('order-desk', OrderDesk);

declare global {
  interface HTMLElementTagNameMap {
    'order-desk': OrderDesk;
  }
}

