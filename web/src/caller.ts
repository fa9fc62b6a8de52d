// Who calls the API, as the access token says: for display, and for which actions are offered. The API decides.

export type Role = 'buyer' | 'seller' | 'service' | 'operator';

export interface Caller {
  readonly subject: string;
  readonly roles: ReadonlySet<Role>;
  /** The e-mail address, where the issuer gives it, else the subject. */
  readonly name: string;
}

export const nobody: Caller = { subject: '', roles: new Set(), name: '' };

const ROLES: readonly Role[] = ['buyer', 'seller', 'service', 'operator'];
const SCOPE_PREFIX = 'paylatch/';

/** The caller that an access token names; nobody's roles where it is no JWT. `name` is what to call them. */
export function callerOf(accessToken: string, name: unknown): Caller {
  const claims = claimsOf(accessToken);
  const subject = typeof claims['sub'] === 'string' ? claims['sub'] : '';
  const scopes = wordsOf(claims['scope']).filter((word) => word.startsWith(SCOPE_PREFIX));
  const named = [
    ...wordsOf(claims['cognito:groups']),
    ...wordsOf(claims['roles']),
    ...scopes.map((word) => word.slice(SCOPE_PREFIX.length)),
  ];
  const roles = new Set(ROLES.filter((role) => named.includes(role)));
  return { subject, roles, name: typeof name === 'string' && name !== '' ? name : subject };
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/gu, '+').replace(/_/gu, '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

function wordsOf(claim: unknown): string[] {
  if (Array.isArray(claim)) {
    return claim.map(String);
  }
  return typeof claim === 'string' ? claim.split(' ') : [];
}
