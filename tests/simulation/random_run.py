"""One random story, from a seed alone: something happens, the faults end, and everything has to add up."""

from tests.simulation.actions import operator_asks_for_refused_refunds, operator_decides, run_random_actions
from tests.simulation.end_checks import check, end_faults, run_until_quiescent
from tests.simulation.simulation import Simulation, set_up

FEWEST, MOST = 20, 60


class RunFailed(AssertionError):
    """A story that did not end well; says how to hear it again."""

    def __init__(self, seed: int, steps: list[str], cause: Exception) -> None:
        log = "\n".join(steps)
        super().__init__(
            f"story {seed}: {cause!r}\n{log}\n\nOnce more: STORY={seed} .venv/bin/pytest tests/simulation -k end_well"
        )
        self.seed = seed
        self.steps = steps


def run(seed: int) -> Simulation:
    """Play the story to its end. Raises `RunFailed`."""
    simulation = set_up(seed)
    try:
        run_random_actions(simulation, simulation.rng.randint(FEWEST, MOST))
        end_faults(simulation)
        run_until_quiescent(simulation)
        operator_asks_for_refused_refunds(simulation)
        check(simulation)
        operator_decides(simulation)
        run_until_quiescent(simulation)
        check(simulation)
    except Exception as error:  # whatever went wrong, the story is needed to understand it
        raise RunFailed(seed, simulation.steps, error) from error
    return simulation
