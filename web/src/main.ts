// Starts the desk: reads its configuration, ends a sign-in that is under way, and shows the view of the address.
import './app.ts';
import './elements/ask_once.ts';
import './elements/count_down.ts';
import './order/create_order.ts';
import './order/order_view.ts';
import './views/attention_view.ts';
import './views/order_list.ts';
import { Api } from './api.ts';
import type { OrderDesk } from './app.ts';
import { readClock, readConfig, type Config } from './config.ts';
import { noAnswer } from './problem.ts';
import { Intents } from './intents.ts';
import { KeptInput } from './kept_input.ts';
import { chooseReader, reader, setReader } from './reader.ts';
import { Router, safeReturn, setRoot } from './router.ts';
import { Session } from './session.ts';
import { languages, text } from './texts/index.ts';
import { ServerClock } from './times.ts';

const wait = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));
const send = (url: string, request: RequestInit): Promise<Response> => fetch(url, request);

function setLanguage(): void {
  setReader(chooseReader(navigator.languages, languages));
  document.documentElement.lang = reader().locale;
  document.documentElement.dir = reader().direction;
}

function sessionOf(config: Config, clock: ServerClock): Session {
  return new Session({ ...config, client_id: config.client_id ?? '' }, {
    fetch: send,
    storage: sessionStorage,
    navigate: (url) => location.assign(url),
    now: () => Date.now(),
    clockSkew: () => Math.round((clock.now() - Date.now()) / 1000),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
  });
}

function announce(words: string): void {
  const place = document.getElementById('announcements');
  if (place) {
    // The same text again would be no change, and would not be read out.
    place.textContent = '';
    setTimeout(() => (place.textContent = words), 50);
  }
}

/** The user is back from the sign-in page, or was signed in before the page was loaded anew; what went wrong, or null. */
async function signedIn(session: Session, router: Router): Promise<unknown> {
  const here = new URL(location.href);
  try {
    if (Session.isReturn(here)) {
      // The code is of no use a second time: neither the history nor a reload has it.
      history.replaceState(null, '', here.pathname);
      router.replace(safeReturn(await session.finish(here)));
    } else if (session.wasSignedIn) {
      await session.signIn(router.path);
    }
    return null;
  } catch (failure) {
    return failure;
  }
}

async function start(app: OrderDesk): Promise<void> {
  const clock = new ServerClock(() => performance.now(), Date.now());
  const config = await readConfig(clock);
  const session = sessionOf(config, clock);
  const router = new Router(window);
  router.confirmLeave = () => confirm(text('leave_unsaved'));
  router.onRoute = (route) => app.show(route);
  const api = new Api({ url: config.api_url, tokens: session, fetch: send, wait });
  session.onChange = () => app.requestUpdate();
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void readClock(clock));
  app.show(router.route);
  app.failure = await signedIn(session, router);
  const intents = new Intents();
  const keptInput = new KeptInput(sessionStorage, router, session, intents);
  if (session.state === 'signed-in') {
    keptInput.bringBack();
  }
  const fourEyes = config.four_eyes ?? true;
  app.canSignIn = Boolean(config.client_id);
  app.desk = { api, session, router, clock, intents, keptInput, fourEyes, announce, signIn: () => app.signIn() };
}

// This file is in the desk's folder for assets.
const ownAddress = import.meta.url;
setRoot(new URL('..', ownAddress).pathname.replace(/\/$/u, ''));
setLanguage();
const app = document.querySelector('order-desk') as OrderDesk;
const begin = (): void => {
  app.failure = null;
  start(app).catch(() => {
    app.failure = noAnswer();
  });
};
app.retry = begin;
begin();
