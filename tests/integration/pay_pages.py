"""A payer's browser in front of the real pages, on moto: it fills in the forms that the page has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.api.handlers import SentResponse, sent_response
from tests.integration.shop import PAGES_URL, Shop
from tests.lambda_events import SERVICE, Person

FORM = "application/x-www-form-urlencoded"
API_URL, GATEWAY_URL = "https://api.test", "https://pay.test"


def page_event(method: str, path: str, query: str = "", form: Mapping[str, str] | str | None = None) -> dict[str, Any]:
    """The event of a browser's request, as the pages' API makes it."""
    body = form if isinstance(form, str) or form is None else urlencode(form)
    headers = {} if body is None else {"content-type": FORM}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "queryStringParameters": {name: values[-1] for name, values in parse_qs(query).items()},
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
        "body": body,
        "isBase64Encoded": False,
    }


def sent(method: str, path: str, query: str = "", form: Mapping[str, str] | str | None = None) -> SentResponse:
    return sent_response("pay_page", page_event(method, path, query, form))


def pay_link(shop: Shop, order_id: str, person: Person = SERVICE, **wishes: Any) -> str:
    """The path of the order's payment link."""
    answer = shop.call("pay_link", order_id, body=wishes, person=person)
    return str(answer.body["url"]).removeprefix(PAGES_URL)


@dataclass
class Tab:
    """One tab with the page as it was loaded last."""

    path: str
    response: SentResponse
    query: str = ""

    @classmethod
    def opened(cls, path: str, query: str = "") -> Self:
        return cls(path, sent("GET", path, query), query)

    @property
    def html(self) -> str:
        return self.response.content.decode()

    @property
    def state(self) -> str:
        """What the page shows of the order."""
        found = re.search(r'data-state="(\w+)"', self.html)
        return found[1] if found else ""

    def form(self, *actions: str) -> dict[str, str]:
        """The fields of the page's form for one of these actions. Raises `LookupError` where there is none."""
        for form in re.findall(r"<form.*?</form>", self.html, re.DOTALL):
            button = re.search(r'name="action" value="(\w+)"', form)
            if button and button[1] in actions:
                hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
                return {**hidden, "action": button[1]}
        raise LookupError(f"no form to {' or '.join(actions)}")

    def pay(self) -> SentResponse:
        """Press the page's one button, and stay where the page is."""
        return self.post(self.form("pay", "agree"))

    def stop(self) -> SentResponse:
        return self.post(self.form("stop"))

    def post(self, form: Mapping[str, str] | str) -> SentResponse:
        self.response, answer = self.response, sent("POST", self.path, form=form)
        if answer.status != 303:
            self.response = answer
        return answer

    def reload(self) -> None:
        self.response = sent("GET", self.path, self.query)


def leads_to_gateway(answer: SentResponse) -> bool:
    """Whether the browser goes to the gateway's page now."""
    location = answer.headers.get("location", "")
    return answer.status == 303 and urlsplit(location).netloc == urlsplit(GATEWAY_URL).netloc
