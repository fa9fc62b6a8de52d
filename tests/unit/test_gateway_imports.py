"""An adapter that is loaded but not called imports no library: a callback function's init has no time for it."""

import subprocess
import sys
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[2] / "layers" / "common"
LIBRARIES = ("stripe", "cryptography", "requests")


@pytest.mark.parametrize("gateway", ["sandbox", "stripe", "alipay", "payu"])
def test_loading_an_adapter_loads_no_library_of_its_gateway(gateway: str) -> None:
    program = f"import sys, paylatch.gateways.{gateway}; print([name for name in {LIBRARIES} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=LAYER, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_verifying_a_stripe_callback_loads_no_library() -> None:
    program = """
import sys
from datetime import datetime, timezone
from paylatch.gateways.signatures import sign_stripe
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
