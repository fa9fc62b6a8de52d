"""What the payment page's function answers to a form, written down once more."""

from local.api_client import ApiResponse
from paylatch.domain.errors import PaylatchError
from tests.model_checker.actors import LINK, PAGES_URL
from tests.model_checker.process_tree import Response
from tests.model_checker.scripted_ports import Call
from tests.model_checker.spec_problems import PROBLEMS

# Without a gateway's origin, at which a browser takes a form: the page leads on by a link.
PAGE_ENVIRONMENT = {"PAYLATCH_PAGES_URL": PAGES_URL, "PAYLATCH_GATEWAYS": ""}
_READS = frozenset({"read_head", "read_content"})


def reads_for_the_page(response: Response, call: Call) -> bool:
    """Whether the function reads the order for the page on which it shows a refusal, and does nothing else."""
    return response.error is not None and call.method in _READS


def shows_page(http_response: ApiResponse, response: Response) -> bool:
    """A result leads back to the page; a refusal without a page of the order has its problem's status.

    Where the page shows the order, it was read since: these histories end before that.
    """
    if isinstance(response.error, PaylatchError):
        return http_response.status == PROBLEMS[type(response.error)][0]
    return (http_response.status, http_response.headers.get("location")) == (303, LINK.link_id)
