"""The gateways that the conformance suite runs on."""

from tests.contract.benches.alipay_bench import AlipayBench
from tests.contract.benches.bench import Bench
from tests.contract.benches.payu_bench import PayuBench
from tests.contract.benches.sandbox_bench import SandboxBench
from tests.contract.benches.stripe_bench import StripeBench

BENCHES: dict[str, type[Bench]] = {bench.name: bench for bench in (SandboxBench, StripeBench, AlipayBench, PayuBench)}
