"""The payment page's style sheet, and the policy that allows nothing else."""

import base64
import hashlib

STYLE = """
:root { color-scheme: light dark; --ground: #eef1f5; --card: #fff; --ink: #16202c; --soft: #566272; --line: #d5dbe3;
  --accent: #1d4ed8; --on-accent: #fff; --good: #126b3a; --good-ground: #e3f4ea; --bad: #9a2617;
  --bad-ground: #fdecea; --wait: #7a4b00; --wait-ground: #fdf2dd; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #10161d; --card: #19212b; --ink: #eef2f7; --soft: #a5b1c0; --line: #334050; --accent: #8fb4ff;
    --on-accent: #0b1526; --good: #8fe0b0; --good-ground: #12301f; --bad: #ffb4a8; --bad-ground: #3a1813;
    --wait: #f5c772; --wait-ground: #33260c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 1rem; padding: 1.25rem 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  overflow: hidden; box-shadow: 0 1px 2px rgb(0 0 0 / .05), 0 12px 32px rgb(0 0 0 / .07); }
section { padding: 1.5rem; }
section + section { border-top: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.125rem; line-height: 1.35; overflow-wrap: anywhere; }
.badge { margin: 0; padding: .6rem 1.5rem; background: var(--wait-ground); color: var(--wait); font-size: .875rem;
  font-weight: 600; }
.order { margin: .25rem 0 0; color: var(--soft); overflow-wrap: anywhere; }
.amount { margin: 1.25rem 0 0; font-size: clamp(1.5rem, 7.5vw, 2.25rem); line-height: 1.15; font-weight: 700;
  letter-spacing: -.02em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.amount small { font-size: .5em; font-weight: 600; letter-spacing: 0; color: var(--soft); }
.until { margin: .5rem 0 0; color: var(--soft); font-size: .9375rem; }
.notice { margin: 0 0 1.25rem; padding: .875rem 1rem; border-radius: .625rem; }
.notice:last-child { margin-bottom: 0; }
.notice strong { display: block; }
.good { background: var(--good-ground); color: var(--good); }
.bad { background: var(--bad-ground); color: var(--bad); }
.wait { background: var(--wait-ground); color: var(--wait); }
form { display: grid; gap: .75rem; margin: 0; }
button, .button { display: block; width: 100%; min-height: 3rem; padding: .7rem 1rem; border: 1px solid var(--line);
  border-radius: .625rem; background: transparent; color: var(--ink); font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer; overflow-wrap: anywhere; }
button:hover, .button:hover { border-color: var(--soft); }
.primary, .primary:hover { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.leave { margin: 1.25rem 0 0; text-align: center; }
.leave a { display: inline-block; padding: .625rem; color: var(--soft); }
footer { max-width: 26rem; color: var(--soft); font-size: .8125rem; text-align: center; overflow-wrap: anywhere; }
"""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
}
