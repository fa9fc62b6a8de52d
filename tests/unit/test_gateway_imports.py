"""An adapter that is loaded but not called imports no library: a callback function's init has no time for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from paylatch.runtime.wiring import _MAKERS
from tests.contract.gateway_drivers import GATEWAY_DRIVERS

LAYER = Path(__file__).parents[2] / "layers" / "common"
PACKAGES = {path.parent.name for path in LAYER.glob("paylatch/gateways/*/gateway.py")}
LIBRARIES = ("stripe", "cryptography", "requests")


def test_every_gateway_is_registered_and_runs_the_conformance_suite() -> None:
    assert set(_MAKERS) == PACKAGES, "layers/common/paylatch/runtime/wiring.py: `_MAKERS`"
    assert set(GATEWAY_DRIVERS) == PACKAGES, "tests/contract/gateway_drivers/__init__.py: `GATEWAY_DRIVERS`"


@pytest.mark.parametrize("gateway", sorted(PACKAGES))
def test_loading_an_adapter_loads_no_library_of_its_gateway(gateway: str) -> None:
    program = f"import sys, paylatch.gateways.{gateway}; print([name for name in {LIBRARIES} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=LAYER, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_verifying_a_stripe_callback_loads_no_library() -> None:
    program = """
import sys
from datetime import datetime, timezone
from tests.fakes.provider_signatures import sign_stripe
from paylatch.gateways.stripe.gateway import StripeGateway
from paylatch.ports import Callback

class Clock:
    def now(self):
        return datetime(2026, 11, 24, tzinfo=timezone.utc)

intent = b'{"id": "pi_1", "metadata": {"attempt_id": "0RDER00000000001_8K3V9QZ1"}}'
body = b'{"type": "payment_intent.payment_failed", "livemode": false, "data": {"object": %s}}' % intent
gateway = StripeGateway(lambda: {"webhook_secrets": ["whsec_1"], "api_key": "sk_test_1"}, Clock())
assert gateway.parse_callback(Callback(sign_stripe("whsec_1", Clock().now(), body), body))
print("stripe" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=LAYER, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
