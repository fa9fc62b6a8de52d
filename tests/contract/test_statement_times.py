"""The event of a callback carries the gateway's own time of the statement, however late the callback arrives."""

from datetime import timedelta

import pytest

from tests.contract.gateway_drivers import GATEWAY_DRIVERS
from tests.contract.gateway_drivers.gateway_driver import BAD_TIMES, GatewayDriver

GATEWAY_EVENTS = [
    (name, gateway_event) for name, kind in GATEWAY_DRIVERS.items() for gateway_event in kind.gateway_events
]
every_gateway_event = pytest.mark.parametrize(("driver", "gateway_event"), GATEWAY_EVENTS, indirect=["driver"])


@every_gateway_event
def test_an_event_has_the_time_it_happened_not_of_its_delivery(driver: GatewayDriver, gateway_event: str) -> None:
    callback = driver.callback_for(gateway_event, driver.opened())
    happened = None if gateway_event in driver.undated else driver.clock.now()
    (first,) = driver.gateway.parse_callback(callback)
    assert first.stated_at == happened
    driver.clock.advance(timedelta(hours=20))
    assert driver.gateway.parse_callback(driver.signed_now(callback)) == (first,)


@every_gateway_event
def test_a_genuine_callback_with_an_unreadable_time_gives_an_event_without_time(
    driver: GatewayDriver, gateway_event: str
) -> None:
    callback = driver.callback_for(gateway_event, driver.opened())
    (genuine,) = driver.gateway.parse_callback(callback)
    for time in BAD_TIMES:
        (event,) = driver.gateway.parse_callback(driver.with_time(callback, time))
        assert (event.attempt_id, event.capture, event.stated_at) == (genuine.attempt_id, genuine.capture, None)
