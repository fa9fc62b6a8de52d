// Who is signed in. Tokens live in this page's memory alone: no storage, cookie or URL has them.
import * as oauth from 'oauth4webapi';
import { callerOf, nobody, type Caller } from './caller.ts';
import { noAnswer } from './problem.ts';
import type { TokenSource } from './api.ts';

/** What `/desk/config.json` says about signing in. */
export interface SignInConfig {
  readonly issuer: string;
  readonly client_id: string;
  readonly scope: string;
  readonly redirect_uri: string;
  /** The issuer's addresses, where the stack knows them; else they are read from the issuer. */
  readonly authorization_server: oauth.AuthorizationServer | null;
}

/** What the session needs of the browser. `storage` keeps a sign-in that is under way, and never a token. */
export interface Surroundings {
  readonly fetch: (url: string, request: RequestInit) => Promise<Response>;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly navigate: (url: string) => void;
  readonly after: (milliseconds: number, act: () => void) => () => void;
  /** Milliseconds since 1970, by a clock that goes on while the machine sleeps. */
  readonly now: () => number;
  /** How many seconds the server's clock is ahead of the reader's: identity tokens are checked by the server's. */
  readonly clockSkew: () => number;
}

/** `ended`: the user was signed in, and must sign in again; what is on the page stays until they do. */
export type SessionState = 'signed-out' | 'signed-in' | 'ended';

/** A return from the sign-in page that is no sign-in. `cause` is the issuer's word. */
export class SignInRefused extends Error {
  constructor(cause: string) {
    super(cause);
    this.name = 'SignInRefused';
  }
}

interface Begun {
  readonly state: string;
  readonly verifier: string;
  readonly returnTo: string;
}

interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  /** When the access token ends, in milliseconds since 1970. */
  readonly endsAt: number;
}

interface RequestOptions {
  readonly [oauth.customFetch]: (url: string, request: unknown) => Promise<Response>;
  readonly [oauth.allowInsecureRequests]: boolean;
}

const BEGUN = 'paylatch.sign-in';
const WAS_SIGNED_IN = 'paylatch.signed-in';
// Renewed a minute before its end, so that no call meets the end.
const MARGIN = 60;
const SHORTEST_LIFE = 30;
// In milliseconds: a timer of a browser takes no longer one, and fires at once.
const LONGEST_TIMER = 2 ** 31 - 1;
const AGAIN_AFTER = 5000;
// In seconds, for what issuer and server differ by.
const TOLERANCE = 30;

export class Session implements TokenSource {
  caller: Caller = nobody;
  state: SessionState = 'signed-out';
  /** Called after each change of `state`. */
  onChange: () => void = () => {};

  private readonly config: SignInConfig;
  private readonly around: Surroundings;
  private server: oauth.AuthorizationServer | null;
  private tokens: Tokens | null = null;
  private renewal: Promise<string> | null = null;
  private cancelTimer: () => void = () => {};

  constructor(config: SignInConfig, around: Surroundings) {
    this.config = config;
    this.around = around;
    this.server = config.authorization_server;
  }

  /** This tab was signed in before the page was loaded anew: the sign-in page may know the user still. */
  get wasSignedIn(): boolean {
    return this.around.storage.getItem(WAS_SIGNED_IN) !== null;
  }

  /** Go to the sign-in page, and come back to the path `returnTo` of the desk. `onLeave` is called just before. */
  async signIn(returnTo: string, onLeave = (): void => {}): Promise<void> {
    const server = await this.discovered();
    const begun: Begun = { state: oauth.generateRandomState(), verifier: oauth.generateRandomCodeVerifier(), returnTo };
    // A sign-in that fails must not begin again by itself.
    this.around.storage.removeItem(WAS_SIGNED_IN);
    this.around.storage.setItem(BEGUN, JSON.stringify(begun));
    const url = new URL(server.authorization_endpoint ?? '');
    const challenge = await oauth.calculatePKCECodeChallenge(begun.verifier);
    const { client_id, redirect_uri, scope } = this.config;
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const asked = { client_id, redirect_uri, scope, response_type: 'code', state: begun.state, ...pkce };
    for (const [name, value] of Object.entries(asked)) {
      url.searchParams.set(name, value);
    }
    onLeave();
    this.around.navigate(url.href);
  }

  /** Whether this address is a return from the sign-in page. */
  static isReturn(url: URL): boolean {
    return url.searchParams.has('state') && (url.searchParams.has('code') || url.searchParams.has('error'));
  }

  /**
   * End the sign-in that `url` returns from; the path to go to. Raises `SignInRefused` where it was not begun in this tab,
   * or the issuer refuses; `Problem` where the issuer does not answer.
   */
  async finish(url: URL): Promise<string> {
    const begun = this.takeBegun();
    const server = await this.discovered();
    try {
      const answer = oauth.validateAuthResponse(server, this.client, url, begun.state);
      const { redirect_uri } = this.config;
      const response = await oauth.authorizationCodeGrantRequest(
        server, this.client, oauth.None(), answer, redirect_uri, begun.verifier, this.options(),
      );
      this.accept(await oauth.processAuthorizationCodeResponse(server, this.client, response));
    } catch (error) {
      throw refusalOf(error);
    }
    return begun.returnTo;
  }

  /** The access token, renewed where its time is over. Raises `SignInRefused` where nobody is signed in. */
  async token(): Promise<string> {
    const { tokens } = this;
    // Timers stand still while the machine sleeps, and an authorizer's 401 may come without what lets the page read it.
    const isValid = tokens !== null && this.state === 'signed-in' && this.around.now() < tokens.endsAt;
    return isValid ? tokens.access : this.renew();
  }

  /** Another access token; callers at the same time share it. Raises `SignInRefused` once the session has ended. */
  renew(): Promise<string> {
    this.renewal ??= this.refreshed().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  /** Drop the tokens, have the issuer revoke them, and leave through its sign-out page where it has one. */
  async signOut(): Promise<void> {
    const refresh = this.tokens?.refresh ?? null;
    this.clear('signed-out');
    await this.revoke(refresh);
    this.around.navigate(signOutUrl(await this.discovered(), this.config));
  }

  private async revoke(refresh: string | null): Promise<void> {
    const server = await this.discovered();
    if (refresh && server.revocation_endpoint) {
      await oauth.revocationRequest(server, this.client, oauth.None(), refresh, this.options()).catch(() => null);
    }
  }

  private async refreshed(): Promise<string> {
    const refresh = this.tokens?.refresh;
    if (!refresh) {
      this.end();
      throw new SignInRefused('no-session');
    }
    const answer = await this.refreshedBy(refresh);
    if (this.tokens === null) {
      // The user signed out meanwhile.
      await this.revoke(answer.refresh_token ?? null);
      throw new SignInRefused('no-session');
    }
    return this.accept(answer, refresh);
  }

  private async refreshedBy(refresh: string): Promise<oauth.TokenEndpointResponse> {
    try {
      const server = await this.discovered();
      const response = await oauth.refreshTokenGrantRequest(server, this.client, oauth.None(), refresh, this.options());
      return await oauth.processRefreshTokenResponse(server, this.client, response);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal instanceof SignInRefused) {
        this.end();
      }
      throw refusal;
    }
  }

  private accept(answer: oauth.TokenEndpointResponse, refresh: string | null = null): string {
    const claims = oauth.getValidatedIdTokenClaims(answer);
    this.caller = callerOf(answer.access_token, claims?.['email'] ?? this.caller.name);
    const endsAt = this.around.now() + (answer.expires_in ?? Infinity) * 1000;
    this.tokens = { access: answer.access_token, refresh: answer.refresh_token ?? refresh, endsAt };
    this.around.storage.setItem(WAS_SIGNED_IN, '1');
    this.planRenewal(Math.max(SHORTEST_LIFE, (answer.expires_in ?? 0) - MARGIN) * 1000);
    this.become('signed-in');
    return answer.access_token;
  }

  private planRenewal(milliseconds: number): void {
    this.cancelTimer();
    const again = (): void => this.planRenewal(AGAIN_AFTER);
    // Without a refresh token the access token is used to its end: the API then says 401.
    const renew = (): void => void this.renew().catch(() => this.state === 'signed-in' && again());
    this.cancelTimer = this.tokens?.refresh ? this.around.after(Math.min(milliseconds, LONGEST_TIMER), renew) : () => {};
  }

  private end(): void {
    this.clear(this.state === 'signed-out' ? 'signed-out' : 'ended');
  }

  private clear(state: SessionState): void {
    this.cancelTimer();
    this.tokens = null;
    this.around.storage.removeItem(WAS_SIGNED_IN);
    this.become(state);
  }

  private become(state: SessionState): void {
    const changed = this.state !== state;
    this.state = state;
    if (changed) {
      this.onChange();
    }
  }

  private takeBegun(): Begun {
    const text = this.around.storage.getItem(BEGUN);
    this.around.storage.removeItem(BEGUN);
    if (text === null) {
      throw new SignInRefused('not-begun-here');
    }
    return JSON.parse(text) as Begun;
  }

  private async discovered(): Promise<oauth.AuthorizationServer> {
    if (this.server === null) {
      const issuer = new URL(this.config.issuer);
      try {
        const response = await oauth.discoveryRequest(issuer, this.options());
        this.server = await oauth.processDiscoveryResponse(issuer, response);
      } catch (error) {
        throw refusalOf(error);
      }
    }
    return this.server;
  }

  private get client(): oauth.Client {
    return { client_id: this.config.client_id, [oauth.clockSkew]: this.around.clockSkew(), [oauth.clockTolerance]: TOLERANCE };
  }

  private options(): RequestOptions {
    const send = (url: string, request: unknown): Promise<Response> => this.around.fetch(url, request as RequestInit);
    return { [oauth.customFetch]: send, [oauth.allowInsecureRequests]: isLocal(this.config) };
  }
}

/** Plain HTTP is for a stack on the same machine alone. */
function isLocal(config: SignInConfig): boolean {
  const { protocol, hostname } = new URL(config.redirect_uri);
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}

function refusalOf(error: unknown): Error {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    return new SignInRefused(error.error);
  }
  return error instanceof oauth.OperationProcessingError && error.code !== oauth.RESPONSE_IS_NOT_CONFORM
    ? new SignInRefused(error.code ?? 'refused')
    : noAnswer();
}

/** Cognito's sign-out page takes `logout_uri`, that of OpenID Connect `post_logout_redirect_uri`. */
function signOutUrl(server: oauth.AuthorizationServer, config: SignInConfig): string {
  if (!server.end_session_endpoint) {
    return config.redirect_uri;
  }
  const url = new URL(server.end_session_endpoint);
  url.searchParams.set('client_id', config.client_id);
  url.searchParams.set('logout_uri', config.redirect_uri);
  url.searchParams.set('post_logout_redirect_uri', config.redirect_uri);
  return url.href;
}
