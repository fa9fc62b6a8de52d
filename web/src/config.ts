// What the stack says about itself: where its API is, and who signs people in.
import { deskPath } from './router.ts';
import type { SignInConfig } from './session.ts';
import type { ServerClock } from './times.ts';

export interface Config extends Omit<SignInConfig, 'client_id'> {
  readonly api_url: string;
  /** Null where nobody can sign in. */
  readonly client_id: string | null;
  /** Nobody decides about the money of an order that they sell. */
  readonly four_eyes?: boolean;
}

/** The configuration, and the server's clock by the answer's `Date`. Raises where there is no answer. */
export async function readConfig(clock: ServerClock): Promise<Config> {
  const answer = await fetch(deskPath('/config.json'), { cache: 'no-store' });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  const config = (await answer.json()) as Config;
  setClock(clock, answer);
  return { ...config, api_url: config.api_url.replace(/\/+$/u, '') };
}

/** Take the server's time again, as after a sleep of the machine, in which clocks that run forward may stand still. */
export async function readClock(clock: ServerClock): Promise<void> {
  const answer = await fetch(deskPath('/config.json'), { cache: 'no-store', method: 'HEAD' }).catch(() => null);
  if (answer?.ok) {
    setClock(clock, answer);
  }
}

function setClock(clock: ServerClock, answer: Response): void {
  const date = Date.parse(answer.headers.get('date') ?? '');
  if (!Number.isNaN(date)) {
    // The header is cut to whole seconds: on average it is half a second behind.
    clock.set(date + 500);
  }
}
