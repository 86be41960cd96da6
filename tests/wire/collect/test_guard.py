from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.collect import Fetcher, guard
from broadsheet.wire.errors import CollectError
from tests.wire.collect.site import Answer

NOT_OURS = (
    "127.0.0.1",
    "127.255.1.2",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.216.34",
    "::ffff:0:93.184.216.34",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:5db8:d822::1",
    "2001::1",
    "2001:db8::1",
    "2a00:1450::5efe:7f00:1",
)


@pytest.mark.parametrize("address", NOT_OURS)
def test_addresses_that_are_not_on_the_open_network_are_refused(address):
    assert guard.why_refused(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_addresses_on_the_open_network_pass(address):
    assert guard.why_refused(ipaddress.ip_address(address)) is None


def test_an_allowed_network_passes_and_its_neighbour_does_not():
    allowed = [ipaddress.ip_network("192.168.7.0/24")]
    assert guard.why_refused(ipaddress.ip_address("192.168.7.9"), allowed) is None
    assert guard.why_refused(ipaddress.ip_address("192.168.8.9"), allowed)


def test_allowing_nat64_does_not_open_the_private_networks_behind_it():
    allowed = [ipaddress.ip_network("64:ff9b::/96")]
    assert guard.why_refused(ipaddress.ip_address("64:ff9b::5db8:d822"), allowed) is None
    assert guard.why_refused(ipaddress.ip_address("64:ff9b::10.0.0.1"), allowed)


@given(st.ip_addresses(v=4))
def test_wrapping_an_ipv4_address_never_opens_it(address):
    for net in ("::ffff:0:0", "64:ff9b::", "::"):
        wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address(net)) | int(address))
        assert guard.why_refused(wrapped)


def resolver(*answers):
    """A name server that gives one answer after the other, and then the last for ever."""
    left = list(answers)
    asked = []

    def resolve(host, port):
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    resolve.asked = asked
    return resolve


def refusal(fetcher, url):
    with pytest.raises(CollectError) as caught:
        fetcher.get(url)
    return caught.value


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0177.0.0.1", "0x7f.1", "127.1"],
)
def test_loopback_is_refused_in_every_spelling(host):
    assert refusal(Fetcher(), f"http://{host}/").reason == "refused_address"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://news.example/", "gopher://x.example/"]
)
def test_other_schemes_are_refused(url):
    assert refusal(Fetcher(), url).reason == "refused_address"


def test_an_address_with_a_password_is_refused_and_the_password_not_repeated():
    error = refusal(Fetcher(), "http://user:secret@news.example/")
    assert error.reason == "refused_address"
    assert "secret" not in str(error)


def test_a_port_that_carries_no_news_is_refused():
    fetcher = Fetcher(resolve=resolver(["93.184.216.34"]))
    assert refusal(fetcher, "http://mail.example:25/").reason == "refused_address"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://2130706433:{port}/secret",
        "http://0177.0.0.1:{port}/secret",
        "//127.0.0.1:{port}/secret",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(site, a_fetcher, target):
    """The first address is allowed by name; what it leads to is checked by itself."""
    site.routes["/secret"] = b"secret"
    site.routes["/go"] = Answer(status=302, headers={"location": target.format(port=site.port)})
    with a_fetcher(allowed=["127.0.0.9/32"], resolve=resolver(["127.0.0.9"])) as fetcher:
        # served on 127.0.0.1 only, so the front door is a second site on the allowed address
        from tests.wire.collect.site import Site

        with Site("127.0.0.9") as door:
            door.routes = site.routes
            error = refusal(fetcher, door.url("/go"))
    assert error.reason == "refused_address"
    assert "/secret" not in site.paths()


def test_a_resolver_that_changes_its_answer_gains_nothing(site, a_fetcher):
    """DNS rebinding: the name is looked up once for each connection, and that answer is what we use."""
    site.routes["/secret"] = b"secret"
    changing = resolver(["93.184.216.34"], ["127.0.0.1"])
    fetcher = a_fetcher(allowed=[], resolve=changing, retries=0, obey_robots=False)
    connected = []

    def connect(host, port, *rest):
        connected.append(host)
        raise guard.httpcore.ConnectError("nobody there")

    fetcher._pool._network_backend._plain.connect_tcp = connect
    assert refusal(fetcher, "http://rebind.example:8080/secret").reason == "network"
    assert refusal(fetcher, "http://rebind.example:8080/secret").reason == "refused_address"
    assert connected == ["93.184.216.34"]
    assert changing.asked == ["rebind.example"] * 2
    assert site.log == []


def test_one_private_address_among_many_is_enough_to_refuse():
    fetcher = Fetcher(resolve=resolver(["93.184.216.34", "10.0.0.1"]))
    assert refusal(fetcher, "http://mixed.example/").reason == "refused_address"


def test_a_connection_that_ends_elsewhere_is_dropped(site, a_fetcher):
    """Whatever lies between (a proxy, a changed route): the other end is looked at once more."""
    fetcher = a_fetcher(obey_robots=False)
    backend = fetcher._pool._network_backend
    really = backend._plain.connect_tcp
    backend._plain.connect_tcp = lambda host, *rest: really("127.0.0.1", *rest)
    error = refusal(fetcher, f"http://127.0.0.2:{site.port}/")
    assert error.reason == "refused_address"
    assert site.log == []


def test_names_are_looked_up_by_the_fetcher_only(monkeypatch, fetcher, site):
    """Feeds, pages and mails are full of addresses; reading them asks nobody."""
    from broadsheet.wire.collect import discover, feeds, mailbox

    def asked(*_, **__):
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    monkeypatch.setattr(socket, "gethostbyname", asked)
    monkeypatch.setattr(socket.socket, "connect", asked)
    body = (
        b'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://dtd.example/rss.dtd">'
        b'<rss version="2.0" xmlns:x="http://ns.example/"><channel><title>t</title><item>'
        b"<title>One</title><link>http://news.example/1</link>"
        b'<description>&lt;img src="http://img.example/a.png"&gt;</description></item></channel></rss>'
    )
    assert len(feeds.parse(body, "http://news.example/rss").entries) == 1
    discover.links(
        '<link rel="alternate" type="application/rss+xml" href="//x.example/f">',
        "http://y.example/",
    )
    mailbox.entries(b"Subject: x\r\n\r\nhttp://news.example/story-1 A story")
