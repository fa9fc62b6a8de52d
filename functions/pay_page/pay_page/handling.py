"""Requests to the payment pages: a look, a form, a question of the script, a file; and errors, as pages."""

from http import HTTPStatus
from typing import Any

from pay_page.assets import assets
from pay_page.form_results import carry_out, refusal_of
from pay_page.gateway_origins import gateway_origins, is_among
from pay_page.link_requests import (
    LinkPath,
    asset_of,
    attempt_asked_about,
    form_of,
    link_path_of,
    method_of,
    path_of,
)
from pay_page.locales import locale_for
from pay_page.order_view import polled_state
from pay_page.page_view import ErrorKind, ErrorPage
from pay_page.rendering import rendered
from pay_page.responses import (
    Answer,
    asset_answer,
    json_answer,
    page_answer,
    redirect,
    state_answer,
    without_body,
)
from pay_page.visits import assets_from, order_page
from paylatch.domain import errors
from paylatch.domain.error_ids import concerning
from paylatch.domain.order import Order
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.problems import problem_document, problem_headers, problem_of
from paylatch.runtime.requests import header
from paylatch.runtime.settings import pages_url_from, settings_from
from paylatch.runtime.wiring import entry, ports
from paylatch.use_cases.pay_by_link import PayLink, read_by_link, recheck_by_link
from paylatch.use_cases.read_order import WholeOrder

_LOOKS = ("GET", "HEAD")


class MethodNotAllowed(errors.InvalidRequest):
    """A method that this address does not take; `allowed` are those that it takes."""

    def __init__(self, allowed: str) -> None:
        super().__init__({"method": f"must be one of {allowed}"})
        self.allowed = allowed


def answered(event: dict[str, Any], context: LambdaContext) -> Answer:  # noqa: ARG001
    """The answer to a request. Raises what the use cases raise, and `MethodNotAllowed`."""
    answer = _answer_to(event)
    return without_body(answer) if method_of(event) == "HEAD" else answer


def _answer_to(event: dict[str, Any]) -> Answer:
    path = link_path_of(event)
    if path is not None:
        with concerning(order_id=path.link.order_id):
            return _linked(event, path)
    asset = assets().get(asset_of(event) or "")
    if asset is None:
        raise errors.OrderNotFound("")
    _allow(event, *_LOOKS)
    return asset_answer(asset)


def _linked(event: dict[str, Any], path: LinkPath) -> Answer:
    if path.is_state:
        _allow(event, *_LOOKS)
        order = _looked_at(event, path.link)
        head = order.order if isinstance(order, WholeOrder) else order
        return state_answer(polled_state(head, ports().clock.now()))
    _allow(event, *_LOOKS, "POST")
    if method_of(event) == "POST":
        return _posted(event, path.link)
    return _page(order_page(path.link, _looked_at(event, path.link), event, ports()))


def _looked_at(event: dict[str, Any], link: PayLink) -> Order | WholeOrder:
    """The order; after its gateway was asked, where the address names the payment that the payer comes back from."""
    attempt_id = attempt_asked_about(event, link.order_id)
    if attempt_id is None or method_of(event) == "HEAD":
        return read_by_link(link, ports())
    try:
        return recheck_by_link(link, attempt_id, ports())
    except errors.AttemptNotFound:
        pass
    except (errors.GatewayError, errors.OrderContended) as error:
        # The page says what is known without the answer.
        entry.report(error, None, order_id=link.order_id, attempt_id=attempt_id)
    return read_by_link(link, ports())


def _posted(event: dict[str, Any], link: PayLink) -> Answer:
    form = form_of(event, link.order_id)
    page_url = f"{pages_url_from()}/pay/{link.order_id}/{link.link_id}"
    try:
        pay_url = carry_out(link, form, page_url, settings_from().public_url, ports())
    except errors.PaylatchError as error:
        refusal = refusal_of(error, form.action)
        if refusal is None:
            raise
        entry.report(error, None, order_id=link.order_id)
        page = order_page(link, read_by_link(link, ports()), event, ports(), refusal.notice, form.revision or None)
        return _page(page, refusal.status)
    origins = gateway_origins(settings_from())
    # A browser would block the way to a gateway's page elsewhere; there the payer goes by the page's link.
    return redirect(pay_url if pay_url and is_among(origins, pay_url) else link.link_id, origins)


def failed(event: dict[str, Any], error: Exception) -> Answer:
    """The page, or the script's answer, about an error that shows no order."""
    answer = _error_answer(event, error)
    return without_body(answer) if method_of(event) == "HEAD" else answer


def _error_answer(event: dict[str, Any], error: Exception) -> Answer:
    path = link_path_of(event)
    status, view = _error_page(event, error, path)
    headers = {"allow": error.allowed} if isinstance(error, MethodNotAllowed) else problem_headers(error)
    if path is not None and path.is_state:
        return json_answer(status, {**problem_document(error), "status": status}, **headers)
    page = rendered(view, locale_for(None, header(event, "accept-language")))
    return page_answer(status, page, _origins_if_readable(), **headers)


def _error_page(event: dict[str, Any], error: Exception, path: LinkPath | None) -> tuple[int, ErrorPage]:
    page = path.link.link_id if path else None
    folder = assets_from(path_of(event))
    match error:
        case MethodNotAllowed():
            return HTTPStatus.METHOD_NOT_ALLOWED, ErrorPage(kind=ErrorKind.NOT_ALLOWED, assets=folder, page=page)
        case errors.OrderNotFound():
            return HTTPStatus.NOT_FOUND, ErrorPage(kind=_not_found_kind(event, path), assets=folder)
        case errors.InvalidRequest():
            fields = tuple(error.fields)
        case errors.BodyTooLarge() | errors.UnsupportedMediaType():
            fields = ("body",)
        case _:
            return problem_of(error).status, ErrorPage(kind=ErrorKind.TEMPORARY, assets=folder, page=page)
    view = ErrorPage(kind=ErrorKind.INVALID_FORM, assets=folder, page=page, fields=fields)
    return problem_of(error).status, view


def _not_found_kind(event: dict[str, Any], path: LinkPath | None) -> ErrorKind:
    # The address alone decides: whether order, payment or link ever were there is not for this reader.
    is_return = path is not None and attempt_asked_about(event, path.link.order_id) is not None
    return ErrorKind.NOT_FOUND_AFTER_PAYMENT if is_return else ErrorKind.NOT_FOUND


def _allow(event: dict[str, Any], *methods: str) -> None:
    if method_of(event) not in methods:
        raise MethodNotAllowed(", ".join(methods))


def _page(page: str, status: int = HTTPStatus.OK) -> Answer:
    return page_answer(status, page, gateway_origins(settings_from()))


def _origins_if_readable() -> tuple[str, ...]:
    try:
        return gateway_origins(settings_from())
    except (KeyError, ValueError):
        # The settings may be the error.
        return ()
