// What was typed in a form, across a sign-in: in the tab's session storage while the tab is at the sign-in page.
import type { Intents, OpenIntents } from './intents.ts';
import type { Router } from './router.ts';
import type { Session } from './session.ts';

interface Kept {
  readonly form: string;
  /** Whose input it is: nobody else who signs in in this tab gets it. */
  readonly subject: string;
  readonly input: unknown;
  /** What was sent and has no outcome is not done twice where it is sent again. */
  readonly intents: OpenIntents;
}

const KEPT = 'paylatch.unsaved';

/** At most one form's input. Once the user is back, it is in this page's memory alone, and is given out once. */
export class KeptInput {
  private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  private readonly router: Router;
  private readonly session: Session;
  private readonly intents: Intents;
  private returned: Kept | null = null;

  constructor(storage: KeptInput['storage'], router: Router, session: Session, intents: Intents) {
    this.storage = storage;
    this.router = router;
    this.session = session;
    this.intents = intents;
  }

  /** Keep what is not saved, just before the page is left; where that is impossible, the browser asks the user. */
  keep(): void {
    const typed = this.router.unsaved() ? this.router.typed() : null;
    if (typed === null) {
      return;
    }
    const kept: Kept = { ...typed, subject: this.session.caller.subject, intents: this.intents.open };
    try {
      this.storage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      return;
    }
    this.router.unsaved = () => false;
  }

  /** The user is signed in: take their input out of the storage, and drop another user's. */
  bringBack(): void {
    const written = this.storage.getItem(KEPT);
    this.drop();
    const kept = written === null ? null : (JSON.parse(written) as Kept);
    if (kept?.subject === this.session.caller.subject) {
      this.returned = kept;
      this.intents.goOnWith(kept.intents);
    }
  }

  /** The input of that form, once; null where there is none. */
  take(form: string): unknown {
    const kept = this.returned?.form === form ? this.returned : null;
    this.returned = kept ? null : this.returned;
    return kept?.input ?? null;
  }

  /** Nothing stays behind in the storage. */
  drop(): void {
    this.storage.removeItem(KEPT);
  }
}
