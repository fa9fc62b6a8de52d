"""One random story, from a seed alone: something happens, the faults end, and everything has to add up."""

from tests.stories.endings import check, come_to_rest, faults_end
from tests.stories.happenings import happen, operator_asks_for_refused_refunds, operator_decides
from tests.stories.stage import Stage, set_up

FEWEST, MOST = 20, 60


class StoryFailed(AssertionError):
    """A story that did not end well; says how to hear it again."""

    def __init__(self, seed: int, steps: list[str], cause: Exception) -> None:
        told = "\n".join(steps)
        super().__init__(
            f"story {seed}: {cause!r}\n{told}\n\nOnce more: STORY={seed} .venv/bin/pytest tests/stories -k end_well"
        )
        self.seed = seed
        self.steps = steps


def tell(seed: int) -> Stage:
    """Play the story to its end. Raises `StoryFailed`."""
    stage = set_up(seed)
    try:
        happen(stage, stage.chance.randint(FEWEST, MOST))
        faults_end(stage)
        come_to_rest(stage)
        operator_asks_for_refused_refunds(stage)
        check(stage)
        operator_decides(stage)
        come_to_rest(stage)
        check(stage)
    except Exception as error:  # whatever went wrong, the story is needed to understand it
        raise StoryFailed(seed, stage.steps, error) from error
    return stage
