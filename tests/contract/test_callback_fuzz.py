"""The callback fuzzer distinguishes a forgery from a change that yields another genuine callback."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from paylatch.ports import Callback, GatewayEvent
from tests.contract.gateway_drivers.alipay_driver import AlipayDriver
from tests.fuzz.fuzz_callbacks import Sample, fuzz, outcome_of


@pytest.fixture
def alipay() -> Iterator[AlipayDriver]:
    with AlipayDriver() as driver:
        yield driver


def two_samples(alipay: AlipayDriver) -> list[Sample]:
    fields = [alipay.callback_for("TRADE_SUCCESS", alipay.opened()) for _ in range(2)]
    return [Sample("alipay", each, alipay.gateway.parse_callback(each), alipay.clock.now()) for each in fields]


def test_the_beginning_of_one_notification_and_the_end_of_another_are_the_other(alipay: AlipayDriver) -> None:
    first, second = samples = two_samples(alipay)
    bodies = [sample.callback.body for sample in samples]
    alike = next(place for place, (one, other) in enumerate(zip(*bodies, strict=False)) if one != other)
    assert alike > 200
    for cut in (0, 1, alike - 1, alike):
        spliced = Callback(first.callback.headers, bodies[0][:cut] + bodies[1][cut:])
        assert spliced.body == second.callback.body
        assert outcome_of(alipay, first, "bytes", spliced, samples) == "notices"


def test_an_event_of_no_genuine_callback_is_wrong(alipay: AlipayDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = samples = two_samples(alipay)

    def accepts_anything(_: Callback) -> tuple[GatewayEvent, ...]:
        return second.events

    monkeypatch.setattr(alipay.gateway, "parse_callback", accepts_anything)
    changed = replace(first.callback, body=first.callback.body.replace(b"12.34", b"12.35"))
    for forged in (changed, first.callback):
        assert outcome_of(alipay, first, "bytes", forged, samples).startswith("wrong: forged")


def test_one_seed_makes_one_run() -> None:
    first, again, other = (fuzz(200, seed) for seed in (5, 5, 6))
    assert first == again != other
    assert {gateway for gateway, _, _ in first} == {"sandbox", "stripe", "alipay", "payu"}


def test_a_crash_is_wrong(alipay: AlipayDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    def crashes(_: Callback) -> Any:
        raise KeyError("trade_no")

    samples = two_samples(alipay)
    monkeypatch.setattr(alipay.gateway, "parse_callback", crashes)
    assert outcome_of(alipay, samples[0], "bytes", samples[0].callback, samples) == "wrong: KeyError: 'trade_no'"
