"""I2 on a buyer's edits: the design's rules, written down once more, against the product's on every small edit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from paylatch.domain.editing import as_edited_by_buyer, refuse_changes_beyond_rights, with_unknown_of
from paylatch.domain.errors import EditNotAllowed, InvalidRequest
from paylatch.domain.line_rules import refuse_invalid_lines, refuse_invalid_total
from paylatch.domain.order import BuyerRight, Content, Line, LineKind
from tests.invariants import expect

INVARIANT = "a buyer edits what the order lets them"
LINES = "an order has no lines that none may have"
LARGEST_TOTAL = 10**15
_LATER = {"later": 1}
_TEA = Line("tea", "Tea", 2, 1250, unknown=_LATER)
_POT = Line("pot", "Pot", 1, 4000, max_quantity=3)
_GIFT = Line("gift", "Gift", 1, 0)
_FIXED = Line("fixed", "Tasting", 1, 900, fixed=True)
_COUPON = Line("ten", "Coupon", 1, -500, LineKind.DISCOUNT)
_HALF = Line("half", "Half price", 1, -1250, LineKind.DISCOUNT)
_SHIPPING = Line("dhl", "DHL", 1, 490, LineKind.SHIPPING)
_TWICE = replace(_TEA, quantity=5)
_ADDRESS = {"line1": "1", "country": "SE", "later": "x"}
_LINES = ((_TEA,), (_TEA, _POT), (_POT, _GIFT, _COUPON), (_TEA, _HALF), (_TEA, _FIXED, _SHIPPING), (_TEA, _TWICE))
_RIGHTS = (None, (), *((right,) for right in BuyerRight), tuple(BuyerRight))
_QUANTITIES = (1, 3, 4)


def check_edits() -> int:
    """Check every edit of every content; gives their number. Raises `InvariantViolated`."""
    count = 0
    for before in _contents():
        for after in _edits(before):
            _check_edit(before, after)
            count += 1
    for lines in _sent_lines():
        _check_lines(lines)
        count += 1
    _check_unknown_parts()
    return count


def _contents() -> Iterator[Content]:
    for lines in _LINES:
        for rights in _RIGHTS:
            yield Content(lines, _ADDRESS, "note", rights)
    yield Content((_TEA,), None, None)


def _edits(before: Content) -> Iterator[Content]:
    yield from (replace(before, lines=lines) for lines in _edited_lines(before.lines))
    yield replace(before, note="other")
    yield replace(before, buyer_may=(BuyerRight.QUANTITIES, BuyerRight.NOTE))
    yield replace(before, shipping_address=None, note="other")
    yield replace(before, shipping_address={**_ADDRESS, "line1": "2"})
    yield replace(before, shipping_address={**_ADDRESS, "country": "NO"})
    yield replace(before, lines=before.lines[1:] or before.lines, shipping_address={**_ADDRESS, "country": "NO"})


def _edited_lines(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    yield from permutations(lines)
    yield (*lines, Line("new", "New", 1, 100))
    yield (*lines, lines[0])
    for place, line in enumerate(lines):
        rest = (*lines[:place], *lines[place + 1 :])
        yield rest
        yield (*rest, replace(line, unit_price=line.unit_price + 1))
        yield (*rest, replace(line, kind=LineKind.FEE, fixed=not line.fixed, max_quantity=9))
        yield from ((replace(line, quantity=quantity), *rest) for quantity in _QUANTITIES)


def _check_edit(before: Content, sent: Content) -> None:
    after = as_edited_by_buyer(before, sent)
    found = _fields_of(EditNotAllowed, lambda: refuse_changes_beyond_rights(before, after))
    expected = _refusals(before, sent)
    expect(found == expected, INVARIANT, f"{sent} for {before} is refused for {found}, and the rules say {expected}")
    if not expected:
        kept = tuple(line for line in map(_edit_of(sent), before.lines) if line is not None)
        several = len({line.offer for line in before.lines}) < len(before.lines)
        expect(several or after.lines == kept, INVARIANT, f"{sent} for {before} made {after.lines}")
    same = sorted(map(_sent_as, before.lines)) == sorted(map(_sent_as, sent.lines))
    expect(not same or after.lines == before.lines, INVARIANT, f"other order alone made {after.lines}")


def _sent_as(line: Line) -> tuple[object, ...]:
    return (*line.offer, line.quantity)


def _edit_of(sent: Content) -> Callable[[Line], Line | None]:
    quantities = {line.offer: line.quantity for line in sent.lines}
    return lambda line: replace(line, quantity=quantities[line.offer]) if line.offer in quantities else None


def _refusals(before: Content, sent: Content) -> set[str]:
    rights = before.buyer_may
    if rights is None:
        priced = all(line.kind == "item" and line.unit_price > 0 for line in before.lines)
        rights = tuple(BuyerRight) if priced else (BuyerRight.NOTE,)
    refused = {"note"} if sent.note != before.note and "note" not in rights else set[str]()
    refused |= {"buyer_may"} if sent.buyer_may != before.buyer_may else set()
    costs = [sum(line.quantity * line.unit_price for line in content.lines) for content in (before, sent)]
    for_nothing = costs[0] > 0 and costs[1] == 0
    refused |= {"lines"} if for_nothing or _lines_are_refused(before, sent, rights) else set()
    old, new = before.shipping_address, sent.shipping_address
    if old == new:
        return refused
    if "address" not in rights or (old and not new):
        return refused | {"shipping_address"}
    return refused | ({"shipping_address.country"} if old and new and old["country"] != new["country"] else set())


def _lines_are_refused(before: Content, sent: Content, rights: Sequence[str]) -> bool:
    left = list(sent.lines)
    changed_lines = [line for line in before.lines if not _taken(left, _sent_as, line)]
    for line in changed_lines:
        now = _taken(left, _offer, line)
        if line.fixed or line.kind != "item" or line.unit_price == 0:
            return True
        if ("quantities" if now else "remove_lines") not in rights:
            return True
        if now and line.max_quantity and now.quantity > line.max_quantity:
            return True
    return bool(left)


def _offer(line: Line) -> tuple[object, ...]:
    return line.offer


def _taken(lines: list[Line], key: Callable[[Line], tuple[object, ...]], like: Line) -> Line | None:
    """Take the first line with the key of that line out of the list."""
    found = next((line for line in lines if key(line) == key(like)), None)
    if found is not None:
        lines.remove(found)
    return found


def _sent_lines() -> Iterator[tuple[Line, ...]]:
    yield ()
    for kind in LineKind:
        yield from ((_TEA, replace(_POT, kind=kind, unit_price=price)) for price in (-2501, -2500, -1, 0, 1))
    yield from ((_TEA, _POT, _TEA), (_TEA, _TEA, _TWICE), (_TWICE, _POT, _TEA))
    yield from ((Line("x", "X", 1, LARGEST_TOTAL),), (Line("x", "X", 1, LARGEST_TOTAL - 1), Line("y", "Y", 2, 1)))


def _check_lines(lines: Sequence[Line]) -> None:
    signs = {f"lines.{at}.unit_price" for at, line in enumerate(lines) if _has_wrong_sign(line)}
    offers = [line.offer for line in lines]
    again = {f"lines.{at}" for at, offer in enumerate(offers) if offer in offers[:at]}
    total = sum(line.quantity * line.unit_price for line in lines)
    bad_total = {"lines"} if not lines or total < 0 or total > LARGEST_TOTAL else set()
    found = _fields_of(InvalidRequest, lambda: refuse_invalid_lines(lines))
    expected = (signs | again) or bad_total
    expect(found == expected, LINES, f"{lines} are refused for {found}, and the rules say {expected}")
    found = _fields_of(InvalidRequest, lambda: refuse_invalid_total(lines))
    expect(found == bad_total, LINES, f"{lines} are refused for {found}, and the rules say {bad_total}")
    kept = _fields_of(InvalidRequest, lambda: refuse_invalid_lines(lines, lines))
    expect(kept == (signs or bad_total), LINES, f"{lines} were there before, and are refused for {kept}")


def _has_wrong_sign(line: Line) -> bool:
    return line.unit_price > 0 if line.kind == "discount" else line.unit_price < 0


def _check_unknown_parts() -> None:
    """What a later release stored stays, in the content, in its address and in each line that stays."""
    before = Content((_TEA, _POT), _ADDRESS, unknown=_LATER)
    dearer = replace(_TEA, name="Better tea", unit_price=1300, unknown={})
    sent = Content((_POT, dearer, _GIFT), {"line1": "2", "country": "SE"})
    patch: dict[str, object] = {"lines": [], "shipping_address": sent.shipping_address}
    after = with_unknown_of(before, sent, patch, ("line1", "country"))
    found = (after.unknown, after.shipping_address, [line.unknown for line in after.lines])
    expected = (_LATER, {**_ADDRESS, "line1": "2"}, [{}, _LATER, {}])
    expect(found == expected, "I10 what a later release wrote stays", f"{found} is left of {before}")
    for address in (None, _ADDRESS):
        old, new = replace(before, shipping_address=address), replace(sent, shipping_address=None)
        left = with_unknown_of(old, new, {"shipping_address": None}, ())
        expect(left.shipping_address is None, INVARIANT, "an address that was taken away came back")
    first = with_unknown_of(replace(before, shipping_address=None), sent, patch, ())
    expect(first.shipping_address == sent.shipping_address, INVARIANT, "a new address is not what was sent")


def _fields_of(kind: type[EditNotAllowed | InvalidRequest], refuse: Callable[[], None]) -> set[str]:
    try:
        refuse()
    except kind as error:
        return set(error.fields) or {"no field is named"}
    return set()
