// Paths of the desk. The list's filters are its query, so that the back button and a copied address keep them.

export type Route =
  | { readonly view: 'list'; readonly query: URLSearchParams }
  | { readonly view: 'order'; readonly orderId: string; readonly action: string }
  | { readonly view: 'attention' }
  | { readonly view: 'create' }
  | { readonly view: 'unknown' };

// Where the pages have a path of their own, the desk is below it.
let root = '/desk';

const PLAIN: Readonly<Record<string, 'attention' | 'create'>> = { '/attention': 'attention', '/create': 'create' };

/** The desk is at this path. */
export function setRoot(path: string): void {
  root = path;
}

/** A path of the desk; `below` begins with a slash, and is empty for the list. */
export const deskPath = (below = ''): string => root + below;

/** The route of an address. The fragment of an order's address names an action, as in `#release`. */
export function routeOf(url: URL): Route {
  const path = url.pathname.replace(/\/+$/u, '');
  if (path !== root && !path.startsWith(`${root}/`)) {
    return { view: 'unknown' };
  }
  const below = path.slice(root.length);
  if (below === '') {
    return { view: 'list', query: url.searchParams };
  }
  const order = below.match(/^\/orders\/([0-9A-Z]{16})$/u);
  if (order) {
    return { view: 'order', orderId: order[1] ?? '', action: url.hash.match(ACTION)?.[1] ?? '' };
  }
  return { view: Object.hasOwn(PLAIN, below) ? (PLAIN[below] ?? 'unknown') : 'unknown' };
}

// A name, and of what it is where an order has several, as in `write_off:<refund_id>`.
const ACTION = /^#([\w.:-]+)$/u;

/** The path of an order, at one of its actions where `action` is given. */
export const orderPath = (orderId: string, action = ''): string =>
  deskPath(`/orders/${orderId}${action === '' ? '' : `#${action}`}`);

/** The path of the list with these filters; empty ones are left out. */
export function listPath(filters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''));
  return query.size === 0 ? root : `${root}?${query}`;
}

/** A path of the desk to return to after a sign-in, and nothing else: never another origin. */
export function safeReturn(path: string): string {
  const own = path === root || ['/', '?', '#'].some((sign) => path.startsWith(root + sign));
  return own ? path : root;
}

/** What a form has that is not saved; `form` names it. */
export interface Typed {
  readonly form: string;
  readonly input: unknown;
}

/** Follows the address of the page. A view with unsaved input is left only where the user agrees. */
export class Router {
  /** Called with each new route. */
  onRoute: (route: Route) => void = () => {};
  /** Whether the view has unsaved input. A view sets it, and the next route resets it. */
  unsaved: () => boolean = nothingUnsaved;
  /** The input to keep across a sign-in; null where the view's input is not kept. Set and reset as `unsaved` is. */
  typed: () => Typed | null = nothingTyped;
  /** Asks the user whether to leave unsaved input. */
  confirmLeave: () => boolean = () => true;

  private readonly page: Window;
  private shown: string;

  constructor(page: Window) {
    this.page = page;
    this.shown = this.path;
    page.addEventListener('popstate', () => this.goBack());
    page.document.addEventListener('click', (event) => this.take(event));
    page.addEventListener('beforeunload', (event) => this.unsaved() && event.preventDefault());
  }

  get route(): Route {
    return routeOf(new URL(this.page.location.href));
  }

  /** The path with query and fragment, as a sign-in returns to it. */
  get path(): string {
    const { pathname, search, hash } = this.page.location;
    return pathname + search + hash;
  }

  /** Show `path`. */
  go(path: string): void {
    if (this.mayLeave()) {
      this.page.history.pushState(null, '', path);
      this.follow();
    }
  }

  /** Show `path` in place of the present one: the back button does not lead to it. */
  replace(path: string): void {
    this.page.history.replaceState(null, '', path);
    this.follow();
  }

  /** Whether there is no unsaved input, or the user agrees to leave it. */
  mayLeave(): boolean {
    return !this.unsaved() || this.confirmLeave();
  }

  private goBack(): void {
    if (this.mayLeave()) {
      this.follow();
    } else {
      // The browser has left already.
      this.page.history.pushState(null, '', this.shown);
    }
  }

  private follow(): void {
    this.unsaved = nothingUnsaved;
    this.typed = nothingTyped;
    this.shown = this.path;
    this.onRoute(this.route);
  }

  private take(event: MouseEvent): void {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (plain && !event.defaultPrevented && link instanceof HTMLAnchorElement && this.isOwn(link)) {
      event.preventDefault();
      this.go(link.pathname + link.search + link.hash);
    }
  }

  private isOwn(link: HTMLAnchorElement): boolean {
    const inPage = link.getAttribute('href')?.startsWith('#') ?? false;
    const own = link.origin === this.page.location.origin && safeReturn(link.pathname) === link.pathname;
    return !inPage && link.target === '' && own;
  }
}

const nothingUnsaved = (): boolean => false;
const nothingTyped = (): null => null;
