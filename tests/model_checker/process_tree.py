"""Processes as trees: a node is a process that has seen a certain sequence of answers, and waits for the next.

Whatever other processes do, a process that saw the same answers at the same moments is at the same node, so each node
is computed once, by running the real use case on the script of its answers.
"""

from dataclasses import dataclass, field, replace

from paylatch.ports import GatewayEvent
from tests.model_checker.duplicates import Duplicate
from tests.model_checker.process import Process
from tests.model_checker.scripted_ports import Call, Raised, Script, Suspended, scripted_ports
from tests.model_checker.simulated_gateway import GatewayProfile


@dataclass(frozen=True, slots=True)
class Response:
    """How a process ended: with a value, or with an error that is its caller's answer."""

    value: object = None
    error: Exception | None = None


@dataclass(slots=True)
class Node:
    """A process between two of its calls. Either `call` is set, or `response` is.

    `applied` names the transitions of this process that took effect, whether it knows or not; `had_fault` says that it
    met a fault; `resent` that the call was made before and its answer was lost. `duplicate` says what the process knows
    of this call, whose first try is still on its way; None for a call that was made once.
    """

    number: int
    process: Process
    parent: "Node | None"
    seen: object
    clock_time: int
    call: Call | None = None
    response: Response | None = None
    crash: str | None = None
    applied: frozenset[str] = frozenset()
    had_fault: bool = False
    resent: bool = False
    reads_clock: bool = True
    skew: int = 0
    checked: bool = False
    duplicate: Duplicate | None = None
    children: dict[tuple[object, int], int] = field(default_factory=dict)


class ProcessTree:
    """All nodes of all processes, by number."""

    def __init__(self, profile: GatewayProfile) -> None:
        self.profile = profile
        self.nodes: list[Node] = []
        # By the number of a node whose process has begun, by a right clock, and got no answer yet: when it began.
        self.beginnings: dict[int, int] = {}
        self._roots: dict[tuple[str, str, GatewayEvent | None, int, int], int] = {}

    def root(self, process: Process, clock_time: int, skew: int) -> int:
        """The process as it starts, at its first call."""
        key = (process.name, process.id_prefix, process.gateway_event, clock_time, skew)
        if key not in self._roots:
            node = Node(len(self.nodes), process, None, None, clock_time, skew=skew, had_fault=bool(skew))
            self._add(node)
            self._roots[key] = node.number
            if not skew:
                self.beginnings[node.number] = clock_time
        return self._roots[key]

    def child(self, node: Node, key: object, seen: object, clock_time: int, applied: str | None) -> int:
        """The process after the answer `seen`, which `key` identifies, at that moment."""
        number = node.children.get((key, clock_time))
        if number is None:
            number = self._timeless(node, key)
            if number is None:
                number = self._grow(node, key, seen, clock_time, applied)
            node.children[key, clock_time] = number
        return number

    def resending(self, node: Node, applied: str | None) -> int:
        """The process with its answer lost, asking the same again."""
        key = ("lost", applied)
        number = node.children.get((key, 0))
        if number is None:
            copied = Node(len(self.nodes), node.process, node.parent, node.seen, node.clock_time, node.call)
            copied.applied = node.applied | ({applied} if applied else set())
            copied.skew, copied.reads_clock, copied.had_fault, copied.resent = node.skew, node.reads_clock, True, True
            self.nodes.append(copied)
            number = node.children[key, 0] = copied.number
        return number

    def duplicate(self, node: Node, known: Duplicate) -> int:
        """The first try of this call, on its way while the retry of it was answered."""
        key = ("duplicate", known)
        number = node.children.get((key, 0))
        if number is None:
            copied = replace(node, number=len(self.nodes), children={}, duplicate=known)
            self.nodes.append(copied)
            number = node.children[key, 0] = copied.number
        return number

    def _timeless(self, node: Node, key: object) -> int | None:
        # A process that does not look at the clock between two calls is the same process whenever it got its answer.
        return node.children.get((key, -1))

    def _grow(self, node: Node, key: object, seen: object, clock_time: int, applied: str | None) -> int:
        child = Node(len(self.nodes), node.process, node, seen, clock_time, skew=node.skew)
        child.applied = node.applied | ({applied} if applied else set())
        child.had_fault = node.had_fault or isinstance(seen, Raised)
        self._add(child)
        if not child.reads_clock:
            node.children[key, -1] = child.number
        return child.number

    def _add(self, node: Node) -> None:
        script = self.script(node)
        ports = scripted_ports(script, self.profile, node.process.gateway_event)
        try:
            node.response = Response(value=node.process.run(ports))
        except Suspended as suspended:
            node.call = suspended.call
        except Exception as error:
            node.response = Response(error=error)
        node.crash = script.crash
        node.reads_clock = script.reads_clock
        self.nodes.append(node)

    def script(self, node: Node) -> Script:
        """What the process has seen so far."""
        responses: list[tuple[object, int]] = []
        step = node
        while step.parent is not None:
            responses.append((step.seen, step.clock_time))
            step = step.parent
        return Script(
            node.process.id_prefix or node.process.name, node.skew, responses[::-1], clock_time=step.clock_time
        )
