"""One random run, from a seed alone: random actions, the end of the faults, and the checks on the end."""

from tests.simulation.actions import operator_asks_for_refused_refunds, operator_decides, run_random_actions
from tests.simulation.end_checks import check, end_faults, run_until_quiescent
from tests.simulation.simulation import Simulation, set_up

FEWEST, MOST = 20, 60


class RunFailed(AssertionError):
    """A run that failed; its message says how to repeat it."""

    def __init__(self, seed: int, steps: list[str], cause: Exception) -> None:
        log = "\n".join(steps)
        super().__init__(
            f"run {seed}: {cause!r}\n{log}\n\n"
            f"Repeat it: SIMULATION_SEED={seed} .venv/bin/pytest tests/simulation -k end_well"
        )
        self.seed = seed
        self.steps = steps


def run(seed: int) -> Simulation:
    """Run the simulation to its end. Raises `RunFailed`."""
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
    except Exception as error:  # every failure needs the run's steps to be understood
        raise RunFailed(seed, simulation.steps, error) from error
    return simulation
