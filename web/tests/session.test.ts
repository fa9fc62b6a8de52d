import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { callerOf } from '../src/caller.ts';
import { Problem } from '../src/problem.ts';
import { Session, SignInRefused } from '../src/session.ts';

const ISSUER = 'https://issuer.example/pool';
const CONFIG = { authorization_server: null, issuer: ISSUER, client_id: 'desk', scope: 'openid email', redirect_uri: 'https://pages.example/desk' };
const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const jwt = (claims: object): string => `${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2ln`;
const accessToken = (name: string): string => jwt({ sub: 'seller-1', 'cognito:groups': ['seller'], name });


/** All that was begun and waits for nobody is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((done) => setImmediate(done));
  }
}

/** An issuer whose token endpoint gives these answers in turn; an `Error` is no answer. */
function world(tokenAnswers: (object | Error | Response)[] = [], skew = 0) {
  const stored = new Map<string, string>();
  const asked: URLSearchParams[] = [];
  const revoked: string[] = [];
  const visited: string[] = [];
  const timers: { milliseconds: number; act: () => void }[] = [];
  const clock = { now: Date.parse('2026-11-26T10:00:00Z') };
  const fetch = async (url: string, request: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url);
    if (pathname.endsWith('/.well-known/openid-configuration')) {
      return Response.json({
        issuer: ISSUER,
        authorization_endpoint: 'https://sign-in.example/oauth2/authorize',
        token_endpoint: 'https://sign-in.example/oauth2/token',
        revocation_endpoint: 'https://sign-in.example/oauth2/revoke',
        end_session_endpoint: 'https://sign-in.example/logout',
      });
    }
    const form = new URLSearchParams(String(request.body));
    if (pathname.endsWith('/revoke')) {
      revoked.push(form.get('token') ?? '');
      return new Response();
    }
    asked.push(form);
    const answer = tokenAnswers.shift() ?? new Error('no more answers');
    if (answer instanceof Error) {
      throw answer;
    }
    return answer instanceof Response ? answer : Response.json(answer);
  };
  const session = (): Session =>
    new Session(CONFIG, {
      fetch,
      storage: {
        getItem: (key) => stored.get(key) ?? null,
        setItem: (key, value) => void stored.set(key, value),
        removeItem: (key) => void stored.delete(key),
      },
      navigate: (url) => void visited.push(url),
      now: () => clock.now,
      clockSkew: () => -skew,
      after: (milliseconds, act) => {
        const timer = { milliseconds, act };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
      },
    });
  return { session, stored, asked, revoked, visited, timers, clock };
}

const tokens = (access: string, more: object = {}): object => ({
  access_token: accessToken(access),
  token_type: 'Bearer',
  expires_in: 900,
  refresh_token: 'refresh-1',
  ...more,
});
const refused = (error: string): Response => Response.json({ error }, { status: 400 });
const asksForSignIn = (error: unknown): boolean => error instanceof SignInRefused;

/** A session that came back from the sign-in page. */
async function signedIn(around: ReturnType<typeof world>, path = '/desk'): Promise<Session> {
  await around.session().signIn(path);
  const session = around.session();
  assert.equal(await session.finish(returnTo(around)), path);
  return session;
}

function returnTo(around: ReturnType<typeof world>, more: Record<string, string> = { code: 'code-1' }): URL {
  const state = new URL(around.visited.at(-1) ?? '').searchParams.get('state') ?? '';
  return new URL(`https://pages.example/desk?${new URLSearchParams({ state, ...more })}`);
}

test('signing in asks for a code with PKCE, and for no more than the scope', async () => {
  const around = world();
  await around.session().signIn('/desk/attention');
  const asked = new URL(around.visited[0] ?? '').searchParams;
  assert.equal(asked.get('response_type'), 'code');
  assert.equal(asked.get('code_challenge_method'), 'S256');
  assert.equal(asked.get('redirect_uri'), CONFIG.redirect_uri);
  assert.equal(asked.get('scope'), 'openid email');
  assert.equal(asked.get('client_secret'), null);
});

test('the code is exchanged with the verifier of the challenge, and leads back to the path', async () => {
  const around = world([tokens('first')]);
  const session = await signedIn(around, '/desk/orders/0123456789ABCDEF#release');
  const verifier = around.asked[0]?.get('code_verifier') ?? '';
  const challenge = new URL(around.visited[0] ?? '').searchParams.get('code_challenge');
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), challenge);
  assert.equal(session.state, 'signed-in');
  assert.equal(await session.token(), accessToken('first'));
  assert.deepEqual([session.caller.subject, [...session.caller.roles]], ['seller-1', ['seller']]);
});

test('nothing that is stored has a token or, after the return, the verifier', async () => {
  const around = world([tokens('first')]);
  await signedIn(around);
  const written = JSON.stringify([...around.stored]);
  const verifier = around.asked[0]?.get('code_verifier') ?? 'none';
  assert.ok(!written.includes(accessToken('first')) && !written.includes('refresh-1') && !written.includes(verifier));
});

test('a return with another state, or none that was begun here, is no sign-in', async () => {
  const around = world([tokens('first')]);
  await around.session().signIn('/desk');
  const forged = new URL('https://pages.example/desk?state=forged&code=x');
  await assert.rejects(around.session().finish(forged), asksForSignIn);
  await assert.rejects(around.session().finish(returnTo(around)), /not-begun-here/u);
  assert.equal(around.asked.length, 0);
});

test('what the issuer says against it is the cause', async () => {
  const around = world([refused('invalid_grant')]);
  await around.session().signIn('/desk');
  await assert.rejects(around.session().finish(returnTo(around, { error: 'access_denied' })), /access_denied/u);
  await around.session().signIn('/desk');
  await assert.rejects(around.session().finish(returnTo(around)), /invalid_grant/u);
});

test('no answer of the issuer is a problem that passes, not a refusal', async () => {
  const around = world([new TypeError('no connection')]);
  await around.session().signIn('/desk');
  const error = await around.session().finish(returnTo(around)).catch((caught: unknown) => caught);
  assert.ok(error instanceof Problem && error.code === 'no-answer');
});

test('a token is renewed a minute before its end', async () => {
  const around = world([tokens('first'), tokens('second', { refresh_token: undefined })]);
  const session = await signedIn(around);
  assert.equal(around.timers[0]?.milliseconds, 840_000);
  around.timers[0]?.act();
  await settled();
  assert.equal(await session.token(), accessToken('second'));
  assert.equal(around.asked[1]?.get('refresh_token'), 'refresh-1');
  assert.equal(around.timers.length, 1);
});

test('a token whose time is over is renewed before it is sent, as after a sleep of the machine', async () => {
  const around = world([tokens('first'), tokens('second')]);
  const session = await signedIn(around);
  around.clock.now += 899_000;
  assert.equal(await session.token(), accessToken('first'));
  around.clock.now += 1000;
  assert.equal(await session.token(), accessToken('second'));
});

test('a token whose time is not known is used until it is refused', async () => {
  const around = world([tokens('first', { expires_in: undefined })]);
  const session = await signedIn(around);
  around.clock.now += 86_400_000;
  assert.equal(await session.token(), accessToken('first'));
});

test('callers at the same time share one renewal', async () => {
  const around = world([tokens('first'), tokens('second')]);
  const session = await signedIn(around);
  const both = await Promise.all([session.renew(), session.renew()]);
  assert.deepEqual(both, [accessToken('second'), accessToken('second')]);
});

test('a renewal without an answer is tried again, and the session goes on', async () => {
  const around = world([tokens('first'), new TypeError('no connection'), tokens('second')]);
  const session = await signedIn(around);
  around.timers[0]?.act();
  await settled();
  assert.equal(session.state, 'signed-in');
  assert.deepEqual(around.timers.map((timer) => timer.milliseconds), [5000]);
  around.timers[0]?.act();
  await settled();
  assert.equal(await session.token(), accessToken('second'));
});

test('a refused renewal ends the session, and says so once', async () => {
  const around = world([tokens('first'), refused('invalid_grant')]);
  const session = await signedIn(around);
  const states: string[] = [];
  session.onChange = () => states.push(session.state);
  await assert.rejects(session.renew(), asksForSignIn);
  await assert.rejects(session.token(), asksForSignIn);
  assert.deepEqual(states, ['ended']);
  assert.equal(around.timers.length, 0);
  assert.equal(session.wasSignedIn, false);
});

test('where the issuer gives no refresh token, the first 401 ends the session', async () => {
  const around = world([tokens('first', { refresh_token: undefined })]);
  const session = await signedIn(around);
  assert.equal(around.timers.length, 0);
  await assert.rejects(session.renew(), asksForSignIn);
  assert.equal(session.state, 'ended');
});

test('a page that is loaded anew knows that the tab was signed in, until a sign-in fails', async () => {
  const around = world([tokens('first')]);
  await signedIn(around);
  assert.equal(around.session().wasSignedIn, true);
  await around.session().signIn('/desk');
  assert.equal(around.session().wasSignedIn, false);
});

test('signing out revokes the refresh token and leaves through the sign-out page', async () => {
  const around = world([tokens('first')]);
  const session = await signedIn(around);
  await session.signOut();
  assert.deepEqual(around.revoked, ['refresh-1']);
  const left = new URL(around.visited.at(-1) ?? '');
  assert.equal(left.pathname, '/logout');
  assert.equal(left.searchParams.get('logout_uri'), CONFIG.redirect_uri);
  assert.equal(session.state, 'signed-out');
  await assert.rejects(session.token(), asksForSignIn);
  assert.equal(around.stored.size, 0);
});

test('a renewal under way when the user signs out signs nobody in, and what it brings is revoked', async () => {
  const around = world([tokens('first'), tokens('second', { refresh_token: 'refresh-2' })]);
  const session = await signedIn(around);
  const renewal = session.renew();
  await Promise.all([assert.rejects(renewal, asksForSignIn), session.signOut()]);
  assert.equal(session.state, 'signed-out');
  assert.deepEqual(around.revoked.sort(), ['refresh-1', 'refresh-2']);
  assert.equal(around.stored.size, 0);
  assert.equal(around.timers.length, 0);
});

test('a token that lives longer than a timer runs is not renewed at once', async () => {
  const around = world([tokens('first', { expires_in: 90 * 86_400 })]);
  await signedIn(around);
  assert.equal(around.timers[0]?.milliseconds, 2_147_483_647);
});

test('roles are those that the API reads: groups, roles and scopes', () => {
  const rolesOf = (claims: object): string[] => [...callerOf(jwt({ sub: 's', ...claims }), null).roles];
  assert.deepEqual(rolesOf({ 'cognito:groups': ['operator', 'staff'] }), ['operator']);
  assert.deepEqual(rolesOf({ roles: 'seller buyer' }), ['buyer', 'seller']);
  assert.deepEqual(rolesOf({ scope: 'openid paylatch/service' }), ['service']);
  assert.deepEqual(rolesOf({ scope: 'operator' }), []);
});

test('a token that cannot be read gives no role', () => {
  for (const token of ['', 'opaque', 'a.b.c', jwt([])]) {
    assert.deepEqual([...callerOf(token, null).roles], []);
  }
});

test('a name with any letters is shown as it is', () => {
  assert.equal(callerOf(jwt({ sub: 'Zoë 東京' }), undefined).name, 'Zoë 東京');
  assert.equal(callerOf(jwt({ sub: 's' }), 'zoe@example.com').name, 'zoe@example.com');
});

test('a reader whose clock is three hours ahead can sign in', async () => {
  const now = Date.now() / 1000 - 3 * 3600;
  const identity = jwt({ iss: ISSUER, aud: 'desk', sub: 'seller-1', iat: now, exp: now + 900, email: 'ada@example.com' });
  const session = await signedIn(world([tokens('first', { id_token: identity })], 3 * 3600));
  assert.equal(session.caller.name, 'ada@example.com');
});

test('an identity token for another client is no sign-in', async () => {
  const now = Date.now() / 1000;
  const identity = jwt({ iss: ISSUER, aud: 'other', sub: 'seller-1', iat: now, exp: now + 900 });
  const around = world([tokens('first', { id_token: identity })]);
  await around.session().signIn('/desk');
  await assert.rejects(around.session().finish(returnTo(around)), asksForSignIn);
});
