"""Addresses: every odd form is read or refused with its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.mailing import addresses
from broadsheet.mailing.addresses import AddressError, parse


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  ann@example.org\u00a0", "ann@example.org"),
        ("Ann Lee <ann@example.org>", "ann@example.org"),
        ('"Lee, Ann" <ann@example.org>;', "ann@example.org"),
        ("<ann@example.org>", "ann@example.org"),
        ("mailto:ann@example.org", "ann@example.org"),
        ("MAILTO:ann@example.org?subject=Hello", "ann@example.org"),
        ("'ann@example.org'", "ann@example.org"),
        ("ann@example.org.", "ann@example.org"),
        ("ann@example.org (at work)", "ann@example.org"),
        ("\ufeffann@\u200bexample.org", "ann@example.org"),
        ("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "ann@example.org"),
        ("Ann@Example.ORG", "Ann@example.org"),
        ("ann+news@example.org", "ann+news@example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("a/b=c@example.org", "a/b=c@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@faß.example", "ann@xn--fa-hia.example"),  # IDNA 2003 would write to fass.example
        ("ann@例子.香港", "ann@xn--fsqu00a.xn--j6w193g"),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("ann@a--b.example", "ann@a--b.example"),
        ('"ann"@example.org', "ann@example.org"),
        ('"ann lee"@example.org', '"ann lee"@example.org'),
        ("ann@sub.department.example.org", "ann@sub.department.example.org"),
    ],
)
def test_an_address_is_read_as_people_type_it(typed, written):
    assert str(parse(typed)) == written


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("ann", "no_at"),
        ("ann at example.org", "no_at"),
        ("@example.org", "local"),
        ("ann@", "domain"),
        ("ann@localhost", "no_dot"),
        ("ann@example", "no_dot"),
        ("ann@[192.0.2.1]", "number"),
        ("ann@192.0.2.1", "number"),
        ("ann@-example.org", "domain"),
        ("ann@exa_mple.org", "domain"),
        ("ann@example..org", "domain"),
        (".ann@example.org", "dots"),
        ("an..n@example.org", "dots"),
        ("ann.@example.org", "dots"),
        ("ann lee@example.org", "space"),
        ("ann@example.org, ben@example.org", "several"),
        ("ann@example.org ben@example.org", "several"),
        ("ann@example.org;ben@example.org", "several"),
        ("ann@example.org\r\nBcc: ben@example.org", "control"),
        ("ann\n@example.org", "control"),
        ("ann\x00@example.org", "control"),
        ("😀@example.org", "local"),
        ("a" * 65 + "@example.org", "long"),
        ("ann@" + "a.b" * 90 + ".org", "long"),
        ('"ann@example.org', "local"),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(typed, code):
    with pytest.raises(AddressError) as refused:
        parse(typed)
    assert refused.value.code == code
    assert str(refused.value).endswith((".", "."))


def test_two_spellings_of_one_mailbox_have_one_key():
    assert parse("Ann@EXAMPLE.org").key == parse("ann <ANN@example.org>").key
    assert parse("ann@BÜCHER.example").key == parse("ann@xn--bcher-kva.example").key
    assert parse("ann+a@example.org").key != parse("ann@example.org").key


@given(st.text(max_size=60) | st.emails().map(str) | st.from_regex(r"[^@]{0,9}@[^@]{0,30}"))
def test_whatever_is_typed_gives_a_safe_address_or_a_reason(typed):
    try:
        address = parse(typed)
    except AddressError as refused:
        address, why = None, str(refused)
    if address is None:
        assert why
        return
    written = str(address)
    assert not any(ord(char) < 32 or ord(char) == 127 for char in written)
    assert "<" not in address.domain
    assert address.domain.isascii()
    assert address.domain == address.domain.lower()
    assert len(written.encode()) <= 254
    assert parse(written) == address
    assert parse(address.key).key == address.key


def test_an_address_is_shown_in_its_own_script_and_masked_for_others():
    assert addresses.shown("ann@xn--bcher-kva.example") == "ann@bücher.example"
    assert addresses.shown("ann@xn--a.example") == "ann@xn--a.example"
    assert addresses.masked("ann@example.org") == "a•••@example.org"


def test_only_a_name_beyond_ascii_needs_a_server_that_speaks_utf8():
    assert parse("用户@例子.example").needs_utf8
    assert not parse("user@例子.example").needs_utf8


def test_speed_is_limited_by_who_takes_the_mail():
    assert addresses.service("gmail.com") == "google"
    assert addresses.service("charity.example", ["aspmx.l.google.com."]) == "google"
    assert (
        addresses.service("firm.example", ["firm-example.mail.protection.outlook.com"])
        == "microsoft"
    )
    assert addresses.service("firm.example", ["mx1.host.example"]) == "mx:mx1.host.example"
    assert addresses.service("firm.example") == "firm.example"
    assert addresses.service("firm.example", ["notgoogle.com"]) == "mx:notgoogle.com"
