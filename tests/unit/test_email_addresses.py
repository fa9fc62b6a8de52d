"""A payer's address is one that gateways take, and stays out of what is stored of a gateway's words."""

import pytest

from paylatch.domain.email_addresses import without_email_addresses
from paylatch.runtime.text_rules import email_address

ODD = ["ada@example.c", "ada@example.c0m", "ada@10.0.0.1", "ada@localhost", "o'neil@example.com", "a(b)@example.com"]


@pytest.mark.parametrize("address", [*ODD, "ada@example.com", "ada@example.xn--p1ai", "用户@例子.广告"])
@pytest.mark.parametrize("text", ["Invalid email address: {}", "<{}>", "'{}' is not known", "email={}, ", "{}"])
def test_no_address_is_left_of_a_text_whatever_its_form(text: str, address: str) -> None:
    found = without_email_addresses(text.format(address))
    assert "@" not in found
    assert "ada" not in found
    assert "neil" not in found
    assert "…" in found


def test_a_text_without_an_address_stays_as_it_is() -> None:
    assert without_email_addresses("Your card @ the bank was declined.") == "Your card @ the bank was declined."


@pytest.mark.parametrize("address", ["ada@example.c", "ada@example.c0m", "ada@10.0.0.1", "ada@b.com-x1", "a@b.12"])
def test_a_domain_ends_in_letters(address: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        email_address(address)


@pytest.mark.parametrize("address", ["ada@example.com", "ada@x.xn--p1ai", "ada@x.XN--P1AI", "用户@例子.广告", "a@b.se"])
def test_a_domain_may_end_in_letters_of_every_script(address: str) -> None:
    assert email_address(address) == address
