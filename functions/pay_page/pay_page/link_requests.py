"""What a browser asks of the pages: the path, the query and the forms, each read strictly."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from paylatch.domain.errors import InvalidRequest, UnsupportedMediaType
from paylatch.domain.frozen_dataclass import dataclass
from paylatch.domain.ids import LINK_ID_PATTERN, ORDER_ID_PATTERN, order_id_of
from paylatch.runtime.requests import header, query_of, raw_body
from paylatch.runtime.settings import pages_folder_from
from paylatch.use_cases.pay_by_link import PayLink

Event = Mapping[str, Any]
LARGEST_FORM = 4096
_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"
_PATH = re.compile(rf"/pay/({ORDER_ID_PATTERN})/({LINK_ID_PATTERN})(/state)?")
_ASSET = re.compile(r"/assets/([A-Za-z0-9._-]{1,100})")
_REVISION = re.compile(r"[1-9][0-9]{0,8}")
_PAYMENT_KEY = re.compile(r"link:([1-9][0-9]{0,8}):[0-9]{1,4}")


class Action(StrEnum):
    """What a form asks for. `AGREE` is `PAY` after a change: both are for the revision that the page showed."""

    PAY = "pay"
    AGREE = "agree"
    STOP = "stop"
    RECHECK = "recheck"


@dataclass(frozen=True, slots=True)
class LinkPath:
    """A path below a payment link: the page itself, or the state that its script asks for."""

    link: PayLink
    is_state: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the page. `revision` and `payment_key` are set for a payment, `attempt_id` otherwise."""

    action: Action
    revision: int = 0
    payment_key: str = ""
    attempt_id: str = ""


def method_of(event: Event) -> str:
    """The request's method."""
    method: str = event["requestContext"]["http"]["method"]
    return method


def path_of(event: Event) -> str:
    """The request's path, without the API's stage and the path of the pages' own URL.

    A domain's mapping and many a proxy leave that path where it is.
    """
    path: str = event["rawPath"]
    stage = event["requestContext"].get("stage", "$default")
    path = path if stage == "$default" else path.removeprefix(f"/{stage}")
    folder = pages_folder_from()
    return path.removeprefix(folder) if path.startswith((f"{folder}/pay/", f"{folder}/assets/")) else path


def link_path_of(event: Event) -> LinkPath | None:
    """The payment link in the path; None where it has no link of the right form."""
    found = _PATH.fullmatch(path_of(event))
    return LinkPath(PayLink(found[1], found[2]), bool(found[3])) if found else None


def asset_of(event: Event) -> str | None:
    """The name of the asset in the path; None where it names none."""
    found = _ASSET.fullmatch(path_of(event))
    return found[1] if found else None


def attempt_asked_about(event: Event, order_id: str) -> str | None:
    """The attempt of that order in the query, as a gateway that sends the payer back names it; None without one."""
    attempt_id = query_of(event).get("attempt_id", "")
    return attempt_id if order_id_of(attempt_id) == order_id else None


def form_of(event: Event, order_id: str) -> Form:
    """The form that was sent. Raises `InvalidRequest` naming a wrong field, `UnsupportedMediaType`, `BodyTooLarge`."""
    if (header(event, "content-type") or "").partition(";")[0].strip().lower() != _FORM:
        raise UnsupportedMediaType((_FORM,))
    fields = _fields_of(event)
    action = _action_in(fields)
    if action in (Action.PAY, Action.AGREE):
        return Form(action, *_consent_in(fields))
    attempt_id = _one(fields, "attempt_id")
    if order_id_of(attempt_id) != order_id:
        raise InvalidRequest({"attempt_id": "must be a payment of this order"})
    return Form(action, attempt_id=attempt_id)


def _fields_of(event: Event) -> dict[str, list[str]]:
    try:
        text = raw_body(event, LARGEST_FORM).decode()
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidRequest({"body": "is not a form"}) from None


def _action_in(fields: Mapping[str, list[str]]) -> Action:
    try:
        return Action(_one(fields, "action"))
    except ValueError:
        raise InvalidRequest({"action": f"must be one of {', '.join(Action)}"}) from None


def _consent_in(fields: Mapping[str, list[str]]) -> tuple[int, str]:
    revision, key = _one(fields, "revision"), _one(fields, "payment_key")
    if _REVISION.fullmatch(revision) is None:
        raise InvalidRequest({"revision": "must be the revision that the page showed"})
    found = _PAYMENT_KEY.fullmatch(key)
    if found is None or found[1] != revision:
        raise InvalidRequest({"payment_key": "must be the key that the page had for that revision"})
    return int(revision), key


def _one(fields: Mapping[str, list[str]], name: str) -> str:
    values = fields.get(name, [])
    if len(values) != 1:
        raise InvalidRequest({name: "is missing" if not values else "must come once"})
    return values[0]
