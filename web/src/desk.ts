// What every view is given: the API, who calls it, where to go, what time it is, and a voice for screen readers.
import type { Api } from './api.ts';
import type { Intents } from './intents.ts';
import type { KeptInput } from './kept_input.ts';
import type { Router } from './router.ts';
import type { Session } from './session.ts';
import type { ServerClock } from './times.ts';

export interface Desk {
  readonly api: Api;
  readonly session: Session;
  readonly router: Router;
  readonly clock: ServerClock;
  readonly intents: Intents;
  readonly keptInput: KeptInput;
  /** The stack's rule: nobody decides about the money of an order that they sell. */
  readonly fourEyes: boolean;
  /** Announce a result to screen readers; the same text again is announced again. */
  readonly announce: (text: string) => void;
  /** Go to the sign-in page, and come back to this address. */
  readonly signIn: () => void;
}
