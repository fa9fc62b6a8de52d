"""A function's environment becomes one typed value, and one set of ports."""

import pytest

from paylatch.domain.errors import Misconfigured
from paylatch.domain.ids import CROCKFORD, DEFAULT_STACK
from paylatch.gateways.pacing import PacedGateways
from paylatch.ports import Gateways, ReleasePolicy, Rules
from paylatch.runtime import wiring
from paylatch.runtime.settings import settings_from
from paylatch.runtime.timer_queue import TimerQueue
from paylatch.store.connection import TableConnection
from paylatch.use_cases.circuit_breaker import CircuitBreaker
from tests.fakes.settable_clock import SettableClock


def test_a_table_is_all_that_must_be_set() -> None:
    settings = settings_from({"PAYLATCH_TABLE": "orders"})
    assert (settings.table, settings.gateways, dict(settings.policies)) == ("orders", (), {})
    assert settings.retired_gateways == ()
    assert (settings.stage, settings.return_origins) == ("", frozenset())
    assert (settings.sandbox_url, settings.public_url, settings.event_bus, settings.secrets_prefix) == ("", "", "", "")
    with pytest.raises(KeyError, match="PAYLATCH_TABLE"):
        settings_from({})


def test_gateways_and_policies_are_lists() -> None:
    settings = settings_from(
        {
            "PAYLATCH_TABLE": "orders",
            "PAYLATCH_GATEWAYS": "stripe, alipay,",
            "PAYLATCH_RELEASE_POLICIES": "alipay=strict, stripe = fenced",
            "PAYLATCH_PUBLIC_URL": "https://shop.test/",
        }
    )
    assert settings.gateways == ("stripe", "alipay")
    assert settings.policies == {"alipay": ReleasePolicy.STRICT, "stripe": ReleasePolicy.FENCED}
    assert settings.public_url == "https://shop.test"


def test_a_gateway_that_is_listed_twice_is_retired() -> None:
    settings = settings_from(
        {"PAYLATCH_TABLE": "orders", "PAYLATCH_GATEWAYS": "payu,stripe", "PAYLATCH_RETIRED_GATEWAYS": "payu, alipay"}
    )
    assert settings.gateways == ("stripe",)
    assert settings.retired_gateways == ("payu", "alipay")


@pytest.mark.parametrize("policies", ["alipay=lenient", "alipay", "=x"])
def test_an_unknown_policy_is_an_error_and_not_a_default(policies: str) -> None:
    with pytest.raises(ValueError, match="ReleasePolicy"):
        settings_from({"PAYLATCH_TABLE": "orders", "PAYLATCH_RELEASE_POLICIES": policies})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PAYLATCH_TIMER_WIDTH", "wide"),
        ("PAYLATCH_RATE_SHARES", "1.5"),
        ("PAYLATCH_RETENTION_DAYS", "a month"),
        ("PAYLATCH_DEFAULT_LOCK", "15m"),
        ("PAYLATCH_LONGEST_LOCK", "PT1H"),
        ("PAYLATCH_GATEWAY_RATES", "stripe=fast"),
    ],
)
def test_a_setting_that_is_not_a_whole_number_is_named(variable: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"{variable}: '.*' is not a whole number"):
        settings_from({"PAYLATCH_TABLE": "orders", variable: text})


@pytest.mark.parametrize(("stage", "by_https"), [("prod", True), ("dev", False), ("", False)])
def test_the_rules_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch, stage: str, by_https: bool) -> None:
    monkeypatch.setattr(TableConnection, "make_client", lambda _: None)
    monkeypatch.setenv("PAYLATCH_TABLE", "orders")
    monkeypatch.setenv("PAYLATCH_STAGE", stage)
    monkeypatch.setenv("PAYLATCH_FOUR_EYES", "false")
    monkeypatch.setenv("PAYLATCH_RETURN_ORIGINS", "https://shop.example,http://localhost:5173")
    rules = wiring.ports_from_environment().rules
    assert rules.return_origins == {"https://shop.example", "http://localhost:5173"}
    assert (rules.return_by_https, rules.four_eyes) == (by_https, False)


@pytest.fixture
def gateways(clock: SettableClock) -> wiring.ConfiguredGateways:
    environment = {
        "PAYLATCH_TABLE": "orders",
        "PAYLATCH_GATEWAYS": "sandbox,alipay,nonsense",
        "PAYLATCH_RETIRED_GATEWAYS": "payu,folly",
        "PAYLATCH_RELEASE_POLICIES": "alipay=strict",
        "PAYLATCH_SANDBOX_URL": "http://sandbox.test",
    }
    return wiring.ConfiguredGateways(settings_from(environment), clock)


def test_the_first_gateway_is_the_default_and_unnamed_policies_are_fenced(gateways: wiring.ConfiguredGateways) -> None:
    assert gateways.default == "sandbox"
    assert gateways.policy("alipay") is ReleasePolicy.STRICT
    assert gateways.policy("sandbox") is ReleasePolicy.FENCED


def test_a_gateway_takes_payments_where_the_stack_lists_it_and_the_code_has_it(
    gateways: wiring.ConfiguredGateways,
) -> None:
    names = ("sandbox", "alipay", "payu", "stripe", "nonsense", "folly", "")
    assert [name for name in names if gateways.takes_payments(name)] == ["sandbox", "alipay"]


@pytest.mark.parametrize("name", ["sandbox", "stripe", "alipay", "payu"])
def test_each_adapter_puts_the_name_of_the_stack_on_its_payments(clock: SettableClock, name: str) -> None:
    environment = {"PAYLATCH_TABLE": "orders", "PAYLATCH_GATEWAYS": name, "PAYLATCH_STACK": "shop-eu"}
    adapter = wiring.ConfiguredGateways(settings_from(environment), clock).named(name)
    assert vars(adapter)["_stack"] == "shop-eu"


@pytest.mark.parametrize("environment", [{}, {"PAYLATCH_STACK": ""}])
def test_a_stack_without_a_name_has_that_of_a_developers_machine(environment: dict[str, str]) -> None:
    assert settings_from({"PAYLATCH_TABLE": "orders", **environment}).stack == DEFAULT_STACK


def test_a_retired_gateway_is_served_like_one_in_use_and_no_other(gateways: wiring.ConfiguredGateways) -> None:
    assert [gateways.named(name).name for name in ("sandbox", "alipay", "payu")] == ["sandbox", "alipay", "payu"]
    for name in ("stripe", "nonsense", "folly", ""):
        with pytest.raises(Misconfigured):
            gateways.named(name)


@pytest.mark.parametrize("name", ["sandbox", "alipay"])
def test_an_adapter_is_made_once(gateways: wiring.ConfiguredGateways, name: str) -> None:
    assert gateways.named(name) is gateways.named(name)
    assert gateways.named(name).name == name


@pytest.mark.parametrize("length", [8, 16])
def test_random_tokens_are_crockford_base32_and_never_the_same(length: int) -> None:
    ids = [wiring.RandomIdGenerator().new_id(length) for _ in range(1000)]
    assert len(set(ids)) == len(ids)
    assert {len(new_id) for new_id in ids} == {length}
    assert set("".join(ids)) <= set(CROCKFORD)


def test_the_clock_is_aware_and_in_utc() -> None:
    offset = wiring.SystemClock().now().utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0


@pytest.mark.parametrize(
    ("said", "four_eyes"), [({}, True), ("true", True), ("", True), ("yes", True), ("false", False)]
)
def test_four_eyes_are_required_unless_the_stack_turns_them_off(said: object, four_eyes: bool) -> None:
    environment = {"PAYLATCH_FOUR_EYES": said} if isinstance(said, str) else {}
    assert settings_from({"PAYLATCH_TABLE": "orders", **environment}).four_eyes is four_eyes
    assert Rules().four_eyes


def test_rates_are_whole_numbers_by_gateway() -> None:
    settings = settings_from({"PAYLATCH_TABLE": "orders", "PAYLATCH_GATEWAY_RATES": "stripe=25, payu = 10"})
    assert settings.gateway_rates == {"stripe": 25, "payu": 10}
    with pytest.raises(ValueError, match="fast"):
        settings_from({"PAYLATCH_TABLE": "orders", "PAYLATCH_GATEWAY_RATES": "stripe=fast"})


def gateways_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Gateways:
    monkeypatch.setattr(TableConnection, "make_client", lambda _: None)
    monkeypatch.setenv("PAYLATCH_TABLE", "orders")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return wiring.ports_from_environment().gateways


def test_timers_and_sweep_share_each_rate_by_the_width_and_one(monkeypatch: pytest.MonkeyPatch) -> None:
    gateways = gateways_of(monkeypatch, PAYLATCH_TIMER_WIDTH="4", PAYLATCH_GATEWAY_RATES="stripe=10")
    assert isinstance(gateways, PacedGateways)
    assert isinstance(gateways._gateways, CircuitBreaker), "asked after the wait for a turn"
    assert gateways._paces["stripe"].spacing == 1 / 2


def test_timers_without_rates_are_not_paced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(gateways_of(monkeypatch, PAYLATCH_TIMER_WIDTH="4"), CircuitBreaker)


def test_a_rate_without_a_width_is_for_functions_that_somebody_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gateways = gateways_of(monkeypatch, PAYLATCH_GATEWAY_RATES="stripe=10")
    assert isinstance(gateways, wiring.ConfiguredGateways)


def test_an_action_on_a_group_takes_one_share_of_each_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYLATCH_RATE_SHARES", "4")
    single = gateways_of(monkeypatch, PAYLATCH_GATEWAY_RATES="stripe=10")
    monkeypatch.setattr(wiring, "make_ports", wiring.ports_from_environment)
    wiring.ports.cache_clear()
    wiring._paced_for_groups.cache_clear()
    of_a_group = wiring.group_ports().gateways
    assert isinstance(single, wiring.ConfiguredGateways)
    assert isinstance(of_a_group, PacedGateways)
    assert of_a_group._paces["stripe"].spacing == 1 / 2
    assert wiring.group_ports().gateways is of_a_group, "the next call keeps the same pace"
    wiring.ports.cache_clear()


def test_what_somebody_waits_for_is_neither_paced_nor_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(gateways_of(monkeypatch), wiring.ConfiguredGateways)


def test_a_function_that_only_sends_timers_makes_no_other_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(TimerQueue, "make_client", lambda _: made.append("sqs"))
    monkeypatch.setattr(TableConnection, "make_client", lambda _: made.append("dynamodb"))
    monkeypatch.setenv("PAYLATCH_TIMER_QUEUE", "https://sqs.test/timers")
    monkeypatch.delenv("PAYLATCH_TABLE", raising=False)
    assert wiring.timers_from_environment() is not None
    assert made == ["sqs"]


def test_a_function_that_seldom_sends_timers_makes_the_queue_s_client_when_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    monkeypatch.setattr(TimerQueue, "make_client", lambda _: made.append("sqs"))
    monkeypatch.setenv("PAYLATCH_TIMER_QUEUE", "https://sqs.test/timers")
    monkeypatch.setenv("PAYLATCH_TABLE", "orders")
    assert wiring.timers_from_environment() is not None
    assert made == []


def test_a_function_without_a_queue_has_no_timers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYLATCH_TIMER_QUEUE", raising=False)
    assert wiring.timers_from_environment() is None


@pytest.mark.parametrize(
    ("default", "longest", "locks"),
    [("", "", (900, 86_400)), ("1200", "", (1200, 86_400)), ("1200", "600", (600, 600)), ("", "600", (600, 600))],
)
def test_locks_last_as_configured_and_a_default_is_never_above_the_longest(
    default: str, longest: str, locks: tuple[int, int]
) -> None:
    settings = settings_from(
        {"PAYLATCH_TABLE": "orders", "PAYLATCH_DEFAULT_LOCK": default, "PAYLATCH_LONGEST_LOCK": longest}
    )
    assert tuple(lock.total_seconds() for lock in (settings.default_lock, settings.longest_lock)) == locks
