# ruff: noqa: T201  (a program for a person at a terminal)
"""Mutate genuine callbacks, a million times by default, and feed them to every adapter.

Only `CallbackRejected` or well-formed notices may come out, and no spoiled callback may say anything that the genuine
one does not; where an accident makes another genuine callback of it, whole, it says what that one says. Some are signed
anew after they were spoiled, so that what lies behind the signature is reached as well. One seed makes one run: keys,
sums and order are its.

    python -m tests.fuzz.fuzz_callbacks --inputs 1000000 --seed 1
    python -m tests.fuzz.fuzz_callbacks --short
"""

import argparse
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from random import Random
from urllib.parse import parse_qsl

from local.arguments import at_least_one
from paylatch.domain.errors import CallbackRejected
from paylatch.domain.payment import Capture, Dispute
from paylatch.gateways.alipay.rsa2 import sign
from paylatch.gateways.sandbox.credentials import signing_secret
from paylatch.gateways.signatures import sign_standard_webhook
from paylatch.ports import Callback, GatewayEvent, GatewayEventKind
from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import GatewayDriver
from tests.contract.gateway_drivers.payu_driver import SECOND_KEYS
from tests.contract.gateway_drivers.sandbox_driver import KEYS
from tests.contract.gateway_drivers.stripe_driver import SECRETS
from tests.fakes.fake_alipay import content_to_sign, key_pair
from tests.fakes.provider_signatures import sign_payu, sign_stripe
from tests.fuzz.mutations import corrupted_bytes, corrupted_form, corrupted_headers, corrupted_json, form_body

ATTEMPT_ID = re.compile(r"[!-~]{1,255}")
NAMES_THE_PAYMENT = frozenset({GatewayEventKind.MONEY_RETURNED, GatewayEventKind.DISPUTED, GatewayEventKind.UNKNOWN})
LONGEST_TOLD = 600
SHOWN = 5
SHORT_INPUTS = 80_000


@dataclass(frozen=True)
class Sample:
    """A genuine callback, its event, and its time of delivery."""

    gateway: str
    callback: Callback
    events: tuple[GatewayEvent, ...]
    at: datetime


def signed_again(random: Random, sample: Sample) -> Callback:
    """The callback with one value mutated, and a genuine signature."""
    if sample.gateway == "alipay":
        return _alipay_signed_again(random, sample)
    body = corrupted_json(random, sample.callback.body)
    return Callback(_SIGNERS[sample.gateway](body, sample.at), body)


_SIGNERS: dict[str, Callable[[bytes, datetime], dict[str, str]]] = {
    "sandbox": lambda body, at: sign_standard_webhook(signing_secret(KEYS[0]), "msg_1", at, body),
    "stripe": lambda body, at: sign_stripe(SECRETS[0], at, body),
    "payu": lambda body, _: sign_payu(SECOND_KEYS[0], body, "SHA-256"),
}


def _alipay_signed_again(random: Random, sample: Sample) -> Callback:
    parameters = corrupted_form(random, sample.callback.body)
    signed = {name: value for name, value in parameters.items() if name not in ("sign", "sign_type")}
    if not random.randrange(5):
        signed["charset"] = random.choice(("GBK", "utf-8", "gb18030", "big5", ""))
    encodable = {name.encode("utf-8", "replace").decode(): value for name, value in signed.items()}
    encodable = {name: value.encode("utf-8", "replace").decode() for name, value in encodable.items()}
    signature = sign("alipay", key_pair("alipay")[0], content_to_sign(encodable))
    kind = parameters.get("sign_type", "")
    return Callback(sample.callback.headers, form_body({**encodable, "sign": signature, "sign_type": kind}))


def corrupted(random: Random, sample: Sample, others: list[bytes]) -> tuple[str, Callback]:
    """A mutated callback, and the kind of mutation."""
    callback = sample.callback
    # Alipay's signatures take most of a millisecond to make; the others' next to nothing.
    share = 0.1 if sample.gateway == "alipay" else 0.5
    if random.random() < share:
        return "signed anew", signed_again(random, sample)
    if random.random() < 0.4:
        return "headers", Callback(corrupted_headers(random, callback.headers), callback.body)
    return "bytes", Callback(callback.headers, corrupted_bytes(random, callback.body, others))


def outcome_of(driver: GatewayDriver, sample: Sample, how: str, callback: Callback, samples: Sequence[Sample]) -> str:
    """The outcome of a callback; an outcome that begins with `wrong` is a failure."""
    try:
        parsed = driver.gateway.parse_callback(callback)
    except CallbackRejected:
        return "rejected"
    except Exception as error:
        return f"wrong: {type(error).__name__}: {error}"
    if not all(_well_formed(gateway_event) for gateway_event in parsed):
        return f"wrong: an odd notice {parsed!r}"
    if how != "signed anew" and parsed != sample.events and parsed not in _said_by(callback, sample.gateway, samples):
        return f"wrong: forged {parsed!r}"
    return "notices" if parsed else "nothing said"


def _said_by(callback: Callback, gateway: str, samples: Sequence[Sample]) -> list[tuple[GatewayEvent, ...]]:
    """The events of the genuine callbacks of that gateway with exactly these parameters or bytes.

    Two notifications of Alipay begin alike and carry their signature inside: cut where they do, the beginning of one
    and the end of the other are the other.
    """
    same_gateway = [sample for sample in samples if sample.gateway == gateway]
    return [sample.events for sample in same_gateway if _message(sample.callback) == _message(callback)]


def _message(callback: Callback) -> object:
    headers = {name: value for name, value in callback.headers.items() if name != "content-type"}
    return headers, sorted(parse_qsl(callback.body.decode("latin-1"), keep_blank_values=True, encoding="latin-1"))


def _well_formed(gateway_event: GatewayEvent) -> bool:
    if gateway_event.stated_at and gateway_event.stated_at.tzinfo is None:
        return False
    if gateway_event.kind is GatewayEventKind.FOREIGN:
        return _is_reported(gateway_event)
    if gateway_event.attempt_id == "":
        return gateway_event.kind in NAMES_THE_PAYMENT and _is_money(gateway_event.capture or gateway_event.dispute)
    money = [part for part in (gateway_event.capture, gateway_event.dispute) if part]
    return ATTEMPT_ID.fullmatch(gateway_event.attempt_id) is not None and all(map(_is_money, money))


def _is_reported(gateway_event: GatewayEvent) -> bool:
    """A foreign payment is reported as short text, whatever it is, and names no attempt."""
    payment = gateway_event.foreign
    if payment is None or gateway_event.attempt_id or gateway_event.capture or gateway_event.dispute:
        return False
    texts = (payment.said, payment.cause, payment.payment_id, str(payment.amount), payment.currency)
    return bool(payment.cause) and all(len(text) <= LONGEST_TOLD for text in texts)


def _is_money(money: Capture | Dispute | None) -> bool:
    if money is None or not money.payment_id:
        return False
    return type(money.amount) is int and money.amount >= 0 and len(money.currency) == 3


def fuzz(inputs: int, seed: int) -> Counter[tuple[str, str, str]]:
    """Spoil that many callbacks, and count their outcomes by gateway and kind of change."""
    random = Random(seed)
    counts: Counter[tuple[str, str, str]] = Counter()
    drivers = {name: kind().__enter__() for name, kind in GATEWAY_DRIVERS.items()}
    made = [_samples(driver) for driver in drivers.values()]
    turns, samples = [cycle(each) for each in made], [sample for each in made for sample in each]
    others = [sample.callback.body for sample in samples]
    for number in range(inputs):
        sample = next(turns[number % len(turns)])
        how, callback = corrupted(random, sample, others)
        outcome = outcome_of(drivers[sample.gateway], sample, how, callback, samples)
        if outcome.startswith("wrong") and sum(key[2].startswith("wrong") for key in counts) < SHOWN:
            print(f"{sample.gateway}, {how}: {outcome}\n  {callback!r:.2000}", file=sys.stderr)
        counts[sample.gateway, how, outcome[:80]] += 1
    for driver in drivers.values():
        driver.__exit__(None, None, None)
    return counts


def _samples(driver: GatewayDriver) -> list[Sample]:
    made = [driver.callback_for(gateway_event, driver.opened()) for gateway_event in driver.gateway_events]
    # The sandbox's clock moves while a refund settles or a session expires: all are delivered at the same moment.
    fresh = [driver.signed_now(callback) for callback in made]
    now = driver.clock.now()
    return [Sample(driver.name, callback, driver.gateway.parse_callback(callback), now) for callback in fresh]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--inputs", type=at_least_one, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--processes", type=at_least_one, default=os.cpu_count() or 1)
    arguments.add_argument("--short", action="store_true", help=f"{SHORT_INPUTS:,} inputs, for every change")
    chosen = arguments.parse_args()
    if chosen.short:
        chosen.inputs = SHORT_INPUTS
    started = time.monotonic()
    shares = [len(range(part, chosen.inputs, chosen.processes)) for part in range(chosen.processes)]
    with multiprocessing.get_context("spawn").Pool(chosen.processes) as pool:
        parts = pool.starmap(fuzz, [(share, chosen.seed * 1000 + part) for part, share in enumerate(shares)])
    counts = sum(parts, Counter[tuple[str, str, str]]())
    for (gateway, how, outcome), count in sorted(counts.items()):
        print(f"{gateway:8} {how:12} {outcome:14} {count:>9,}")
    wrong = sum(count for (_, _, outcome), count in counts.items() if outcome.startswith("wrong"))
    print(f"{counts.total():,} inputs, seed {chosen.seed}, {time.monotonic() - started:.0f} s: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
