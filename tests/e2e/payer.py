"""A payer without a browser, for the steps of the tutorial: `python -m tests.e2e.payer LINK begin|pay`."""

import re
import sys
from collections.abc import Mapping
from urllib.parse import urlencode

import urllib3

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def main(link: str, what: str) -> int:
    """Press Pay on the page behind the link, which leads to the gateway's page; with `pay`, press Pay there too."""
    page = urllib3.request("GET", link).data.decode()
    pay_url = _sent(link, {**dict(_HIDDEN.findall(page)), "action": "pay"}).headers["location"]
    if what == "pay":
        _sent(pay_url, {"action": "pay"})
    return 0


def _sent(url: str, form: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = urllib3.request("POST", url, body=urlencode(form), headers=headers, redirect=False)
    assert answer.status < 400, answer.data
    return answer


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
