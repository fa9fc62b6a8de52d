"""Processes as trees: a node is a process that has seen a certain sequence of answers, and waits for the next.

Whatever other processes do, a process that saw the same answers at the same moments is at the same node, so each node
is worked out once, by running the real use case on the script of its answers.
"""

from dataclasses import dataclass, field, replace

from paylatch.ports import Notice
from tests.explorer.duplicates import Duplicate
from tests.explorer.hosted_gateway import Temper
from tests.explorer.processes import Process
from tests.explorer.suspended import Call, Raised, Script, Suspended, scripted_ports


@dataclass(frozen=True, slots=True)
class Answer:
    """How a process ended: with a value, or with an error that its caller is told."""

    value: object = None
    error: Exception | None = None


@dataclass(slots=True)
class Node:
    """A process between two of its calls. Either `call` is set, or `answer` is.

    `applied` names the transitions of this process that took effect, whether it knows or not; `faulty` says that it
    met a fault; `resent` that the call was made before and its answer was lost. `duplicate` says what the process knows
    of this call, whose first try is still on its way; None for a call that was made once.
    """

    number: int
    process: Process
    parent: "Node | None"
    seen: object
    moment: int
    call: Call | None = None
    answer: Answer | None = None
    crash: str | None = None
    applied: frozenset[str] = frozenset()
    faulty: bool = False
    resent: bool = False
    reads_clock: bool = True
    skew: int = 0
    checked: bool = False
    duplicate: Duplicate | None = None
    children: dict[tuple[object, int], int] = field(default_factory=dict)


class Forest:
    """All nodes of all processes, by number."""

    def __init__(self, temper: Temper) -> None:
        self.temper = temper
        self.nodes: list[Node] = []
        self._roots: dict[tuple[str, str, Notice | None, int, int], int] = {}

    def root(self, process: Process, moment: int, skew: int) -> int:
        """The process as it starts, at its first call."""
        key = (process.name, process.signature, process.notice, moment, skew)
        if key not in self._roots:
            node = Node(len(self.nodes), process, None, None, moment, skew=skew, faulty=bool(skew))
            self._add(node)
            self._roots[key] = node.number
        return self._roots[key]

    def child(self, node: Node, key: object, seen: object, moment: int, applied: str | None) -> int:
        """The process after the answer `seen`, which `key` identifies, at that moment."""
        number = node.children.get((key, moment))
        if number is None:
            number = self._timeless(node, key)
            if number is None:
                number = self._grow(node, key, seen, moment, applied)
            node.children[key, moment] = number
        return number

    def resending(self, node: Node, applied: str | None) -> int:
        """The process with its answer lost, asking the same again."""
        key = ("lost", applied)
        number = node.children.get((key, 0))
        if number is None:
            twin = Node(len(self.nodes), node.process, node.parent, node.seen, node.moment, node.call)
            twin.applied = node.applied | ({applied} if applied else set())
            twin.skew, twin.reads_clock, twin.faulty, twin.resent = node.skew, node.reads_clock, True, True
            self.nodes.append(twin)
            number = node.children[key, 0] = twin.number
        return number

    def duplicate(self, node: Node, known: Duplicate) -> int:
        """The first try of this call, on its way while the retry of it was answered."""
        key = ("duplicate", known)
        number = node.children.get((key, 0))
        if number is None:
            twin = replace(node, number=len(self.nodes), children={}, duplicate=known)
            self.nodes.append(twin)
            number = node.children[key, 0] = twin.number
        return number

    def _timeless(self, node: Node, key: object) -> int | None:
        # A process that does not look at the clock between two calls is the same process whenever it got its answer.
        return node.children.get((key, -1))

    def _grow(self, node: Node, key: object, seen: object, moment: int, applied: str | None) -> int:
        child = Node(len(self.nodes), node.process, node, seen, moment, skew=node.skew)
        child.applied = node.applied | ({applied} if applied else set())
        child.faulty = node.faulty or isinstance(seen, Raised)
        self._add(child)
        if not child.reads_clock:
            node.children[key, -1] = child.number
        return child.number

    def _add(self, node: Node) -> None:
        script = self.script(node)
        ports = scripted_ports(script, self.temper, node.process.notice)
        try:
            node.answer = Answer(value=node.process.run(ports))
        except Suspended as suspended:
            node.call = suspended.call
        except Exception as error:
            node.answer = Answer(error=error)
        node.crash = script.crash
        node.reads_clock = script.reads_clock
        self.nodes.append(node)

    def script(self, node: Node) -> Script:
        """What the process has seen so far."""
        answers: list[tuple[object, int]] = []
        step = node
        while step.parent is not None:
            answers.append((step.seen, step.moment))
            step = step.parent
        return Script(node.process.signature or node.process.name, node.skew, answers[::-1], moment=step.moment)
