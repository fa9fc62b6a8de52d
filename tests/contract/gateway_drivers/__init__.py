"""The gateways that the conformance suite runs on."""

from tests.contract.gateway_drivers.alipay_driver import AlipayDriver
from tests.contract.gateway_drivers.gateway_driver import GatewayDriver
from tests.contract.gateway_drivers.payu_driver import PayuDriver
from tests.contract.gateway_drivers.sandbox_driver import SandboxDriver
from tests.contract.gateway_drivers.stripe_driver import StripeDriver

GATEWAY_DRIVERS: dict[str, type[GatewayDriver]] = {
    driver.name: driver for driver in (SandboxDriver, StripeDriver, AlipayDriver, PayuDriver)
}
