"""Modules that the processes of one kind alone run: other scenarios cannot kill their mutants, and are left out."""

# By the text that the codes of the scenarios with such a process have in common.
_STEPS = {
    "paylatch.domain.erasure": "erase",
    "paylatch.domain.transitions.dispute_changes": "disputed:",
    "paylatch.domain.transitions.dispute_closed": "disputed:",
    "paylatch.domain.transitions.dispute_opened": "disputed:",
    "paylatch.domain.transitions.erase": "erase",
    "paylatch.domain.transitions.hand_over": "hand-over",
    "paylatch.domain.transitions.issue_link": ":linked",
    "paylatch.domain.transitions.request_refund": "request-re",
    "paylatch.domain.transitions.settle_free": ":free:",
    "paylatch.domain.transitions.settle_manually": "settle-manually",
    "paylatch.domain.transitions.write_off": "writes-off",
    "paylatch.use_cases.erase_personal_data": "erase",
    "paylatch.use_cases.finish_erasure": "erase",
    "paylatch.use_cases.hand_over_order": "hand-over",
    "paylatch.use_cases.issue_pay_link": ":linked",
    "paylatch.use_cases.record_dispute": "disputed:",
    "paylatch.use_cases.request_refund": "request-re",
    "paylatch.use_cases.settle_free_order": ":free:",
    "paylatch.use_cases.settle_order_manually": "settle-manually",
    "paylatch.use_cases.write_off_refund": "writes-off",
}


def step_of(module: str) -> str:
    """The text in the codes of all scenarios that run the module; empty, which every code has, for most modules."""
    return _STEPS.get(module, "")
