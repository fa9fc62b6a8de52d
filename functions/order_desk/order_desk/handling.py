"""Requests to the order desk: the application's page, its files and its configuration; and errors, as pages."""

from html import escape
from http import HTTPStatus
from typing import Any

from order_desk.desk_requests import coding_for, desk_path_of, method_of
from order_desk.desk_settings import config_document, desk_settings
from order_desk.responses import Answer, application_page, config_answer, file_answer, message_page, without_body
from order_desk.site import INDEX, DeskNotBuilt, site_files
from paylatch.runtime.lambda_context import LambdaContext
from paylatch.runtime.settings import pages_folder_from

_CONFIG = "config.json"
_ALLOWED = ("GET", "HEAD")


def answered(event: dict[str, Any], context: LambdaContext) -> Answer:  # noqa: ARG001
    """The answer to a request. Raises `DeskNotBuilt`, and `KeyError` for a missing setting."""
    answer = _answer_to(event)
    return without_body(answer) if method_of(event) == "HEAD" else answer


def failed(event: dict[str, Any], error: Exception) -> Answer:
    """The page about an error."""
    answer = _error_page(error)
    return without_body(answer) if method_of(event) == "HEAD" else answer


def _answer_to(event: dict[str, Any]) -> Answer:
    path = desk_path_of(event)
    if path is None:
        return _not_found()
    if method_of(event) not in _ALLOWED:
        return message_page(
            HTTPStatus.METHOD_NOT_ALLOWED, "Not allowed", "This address can only be read.", allow=", ".join(_ALLOWED)
        )
    if path == _CONFIG:
        return config_answer(config_document(desk_settings()))
    return _file(event, path) if "." in path.rpartition("/")[2] else _page()


def _page() -> Answer:
    # The application is built for the path /desk; the pages' own URL may have a path before it.
    folder = escape(pages_folder_from())
    html = site_files()[INDEX].body.decode().replace('"/desk/', f'"{folder}/desk/')
    return application_page(html, desk_settings().called_origins)


def _file(event: dict[str, Any], name: str) -> Answer:
    file = site_files().get(name)
    if file is None or name == INDEX:
        return _not_found()
    return file_answer(file, coding_for(event, file.compressed))


def _not_found() -> Answer:
    desk = f"{pages_folder_from()}/desk"
    return message_page(HTTPStatus.NOT_FOUND, "Not found", "There is nothing at this address.", desk)


def _error_page(error: Exception) -> Answer:
    if isinstance(error, DeskNotBuilt):
        message = "The order desk was deployed without its application. Its builder runs: make desk"
        return message_page(HTTPStatus.SERVICE_UNAVAILABLE, "The order desk is not built", message)
    message = "The order desk cannot be shown now. Try again later."
    return message_page(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", message)
