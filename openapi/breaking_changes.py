"""What in a new contract breaks clients of an old one.

Breaking: a path, operation, response, media type, header or property that is gone; a required part of a request that is
new; a request's type, value, bound or pattern that is narrower; a response's type that is wider; a token that is now
needed; an operation or schema that has another name, which is that of a method or class in generated clients. Not
breaking: what is new in a response, further values of a response's enumeration, among them the codes of problems.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from openapi.schema_changes import SchemaComparison, resolved

Document = Mapping[str, Any]


def breaking_changes(old: Document, new: Document) -> list[str]:
    """One line for each, which names the operation and the place."""
    return list(dict.fromkeys(_Comparison(old, new).changes()))


def may_break(old: str, new: str) -> bool:
    """Whether the new version's number announces breaking changes: by its first part, before 1.0.0 by its second."""
    return _series(new) > _series(old)


def _series(version: str) -> tuple[int, ...]:
    major, minor, _ = (int(part) for part in version.split("."))
    return (major, 0 if major else minor)


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old = old
        self._new = new
        self._schemas = SchemaComparison(old, new)

    def changes(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method, operation in operations.items():
                where = f"{method.upper()} {path}"
                other = self._new["paths"].get(path, {}).get(method)
                yield from self._operation(operation, other, where) if other is not None else [f"{where}: is gone"]
        for name in self._old["components"]["schemas"].keys() - self._new["components"]["schemas"].keys():
            yield f"schema {name}: is gone"

    def _operation(self, old: Document, new: Document, where: str) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{where}: its operationId is now {new['operationId']}"
        if _needs_token(new, self._new) and not _needs_token(old, self._old):
            yield f"{where}: needs a token now"
        yield from self._parameters(old, new, where)
        yield from self._body(old.get("requestBody"), new.get("requestBody"), where)
        for status, response in old["responses"].items():
            other = new["responses"].get(status)
            place = f"{where} {status}"
            yield from self._response(response, other, place) if other is not None else [f"{place}: is gone"]

    def _parameters(self, old: Document, new: Document, where: str) -> Iterator[str]:
        before, after = _parameters_of(old, self._old), _parameters_of(new, self._new)
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{where} {key}: is now required"
        for key, parameter in before.items():
            if key in after:
                yield from self._schemas.for_senders(parameter["schema"], after[key]["schema"], f"{where} {key}")
            else:
                yield f"{where} {key}: is no longer taken"

    def _body(self, old: Document | None, new: Document | None, where: str) -> Iterator[str]:
        if old is None or new is None:
            if new is not None and new.get("required"):
                yield f"{where}: needs a body now"
            if old is not None:
                yield f"{where}: takes no body any more"
            return
        if new.get("required") and not old.get("required"):
            yield f"{where}: needs a body now"
        for media_type, content in old["content"].items():
            if media_type in new["content"]:
                yield from self._schemas.for_senders(
                    content["schema"], new["content"][media_type]["schema"], f"{where} body"
                )
            else:
                yield f"{where}: {media_type} is no longer taken"

    def _response(self, old: Document, new: Document, where: str) -> Iterator[str]:
        yield from self._headers(old.get("headers", {}), new.get("headers", {}), where)
        for media_type, content in old.get("content", {}).items():
            other = new.get("content", {}).get(media_type)
            if other is None:
                yield f"{where}: {media_type} is gone"
            else:
                yield from self._schemas.for_readers(content["schema"], other["schema"], where)

    def _headers(self, old: Document, new: Document, where: str) -> Iterator[str]:
        for name, header in old.items():
            if name not in new:
                yield f"{where} {name}: is gone"
            elif resolved(header, self._old).get("required") and not resolved(new[name], self._new).get("required"):
                yield f"{where} {name}: may now be missing"


def _needs_token(operation: Document, document: Document) -> bool:
    return bool(operation.get("security", document.get("security", ())))


def _parameters_of(operation: Document, document: Document) -> dict[str, Document]:
    found = [resolved(parameter, document) for parameter in operation.get("parameters", ())]
    return {f"{parameter['in']} {parameter['name']}": parameter for parameter in found}
