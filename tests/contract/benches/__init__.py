"""The gateways that the conformance suite runs on."""

from tests.contract.benches.alipay_bench import AlipayDriver
from tests.contract.benches.bench import GatewayDriver
from tests.contract.benches.payu_bench import PayuDriver
from tests.contract.benches.sandbox_bench import SandboxDriver
from tests.contract.benches.stripe_bench import StripeDriver

GATEWAY_DRIVERS: dict[str, type[GatewayDriver]] = {
    driver.name: driver for driver in (SandboxDriver, StripeDriver, AlipayDriver, PayuDriver)
}
