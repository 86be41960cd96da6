"""Letters as chunks (RFC 3030): what goes out when, and what a server that ends or lies leaves us knowing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from broadsheet.mailing.smtp import Server, Smtp
from broadsheet.mailing.transports import Fate, Letter

FEATURES = b"250-mx.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
OK = b"250 ok\r\n"
TAKEN = b"250 2.0.0 taken\r\n"


class Talk:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.file = sock.makefile("rwb")

    def say(self, *lines: bytes) -> None:
        self.file.write(b"".join(lines))
        self.file.flush()

    def hear(self, *words: bytes) -> None:
        for word in words:
            line = self.file.readline()
            assert line.upper().startswith(word), (line, word)

    def greet(self, features: bytes = FEATURES) -> None:
        self.say(b"220 mx.example\r\n")
        self.hear(b"EHLO")
        self.say(features)

    def chunk(self, letter: Letter) -> None:
        """All of a letter but its last two bytes."""
        self.hear(b"MAIL FROM", b"RCPT TO", b"BDAT %d LAST\r\n" % len(letter.data))
        assert self.file.read(len(letter.data) - 2) == letter.data[:-2]

    def end(self) -> None:
        assert self.file.read(2) == b"\r\n"

    def receive(self, letter: Letter) -> None:
        """A whole letter, whose sender and recipient are fine: what is said to itself is yet to come."""
        self.chunk(letter)
        self.say(OK, OK)
        self.end()


@contextmanager
def _server(*talks: Callable[[Talk], None]) -> Iterator[Smtp]:
    """Our side, connected to a server that has these talks, one connection after another."""
    failed: list[BaseException] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            try:
                for talk in talks:
                    sock, _ = door.accept()
                    with sock:
                        sock.settimeout(10)
                        talk(Talk(sock))
            except BaseException as error:  # shown by the test
                failed.append(error)

        thread = threading.Thread(target=serve)
        thread.start()
        way = Smtp(Server("127.0.0.1", door.getsockname()[1], security="none"))
        try:
            yield way
        finally:
            way.close()
            thread.join()
    assert not failed, failed


def _letter(number: int) -> Letter:
    data = b"Subject: %d\r\n\r\n.a line with a point\r\n%s\r\n" % (number, b"x" * 200_000)
    return Letter("back@lantern.example", f"r{number}@reader.example", data)


ONE, TWO, THREE = (_letter(number) for number in (1, 2, 3))


def test_the_next_letter_is_on_its_way_but_not_whole_before_the_last_is_answered() -> None:
    seen: list[str] = []

    def talk(server: Talk) -> None:
        server.greet()
        server.receive(ONE)
        server.chunk(TWO)  # though the first is not answered yet
        seen.append("answered")
        server.say(TAKEN, OK, OK)
        server.end()
        seen.append("second whole")
        server.say(TAKEN)
        server.hear(b"QUIT")
        server.say(b"221 bye\r\n")

    with _server(talk) as way:
        sending = way.send([ONE, TWO])
        assert next(sending).fate is Fate.ACCEPTED
        assert seen == ["answered"]  # it waits for whoever writes down that it is begun
        assert [one.fate for one in sending] == [Fate.ACCEPTED]


def test_whoever_stops_asking_leaves_the_begun_letter_unsent() -> None:
    def talk(server: Talk) -> None:
        server.greet()
        server.receive(ONE)
        server.chunk(TWO)
        server.say(TAKEN)
        assert server.file.read(1) == b""  # ended, without its last line

    with _server(talk) as way:
        sending = way.send([ONE, TWO])
        assert next(sending).fate is Fate.ACCEPTED
        sending.close()


def test_a_recipient_who_is_refused_costs_the_next_letter_nothing() -> None:
    def talk(server: Talk) -> None:
        server.greet()
        server.receive(ONE)
        server.chunk(TWO)
        server.say(TAKEN, OK, b"550 5.1.1 no such user\r\n")
        server.end()  # the rest of the chunk, to be thrown away
        server.say(b"554 5.5.1 no valid recipients\r\n")
        server.hear(b"RSET")
        server.say(OK)
        server.receive(THREE)
        server.say(TAKEN)
        server.hear(b"QUIT")

    with _server(talk) as way:
        first, second, third = way.send([ONE, TWO, THREE])
    assert [first.fate, second.fate, third.fate] == [Fate.ACCEPTED, Fate.REFUSED, Fate.ACCEPTED]
    assert (second.code, second.status, second.address) == (550, "5.1.1", True)


@pytest.mark.parametrize(
    ("whole", "fates"),
    [(False, [Fate.ACCEPTED, Fate.UNSENT]), (True, [Fate.ACCEPTED, Fate.DOUBT])],
)
def test_a_connection_that_ends_leaves_in_doubt_only_what_was_whole(
    *, whole: bool, fates: list[Fate]
) -> None:
    def talk(server: Talk) -> None:
        server.greet()
        server.receive(ONE)
        server.chunk(TWO)
        server.say(TAKEN)
        if whole:
            server.say(OK, OK)
            server.end()

    with _server(talk) as way:
        assert [one.fate for one in way.send([ONE, TWO])] == fates


def test_a_server_that_does_not_know_what_it_announced_gets_the_next_letter_without_chunks() -> (
    None
):
    def lies(server: Talk) -> None:
        server.greet()
        server.receive(ONE)
        server.say(b"502 5.5.2 what is BDAT?\r\n")

    def talk(server: Talk) -> None:
        server.greet()
        server.hear(b"MAIL FROM", b"RCPT TO", b"DATA\r\n")
        server.say(OK, OK, b"354 go on\r\n")
        server.hear(b"SUBJECT", b"\r\n", b"..A LINE", b"XXX", b".\r\n")
        server.say(TAKEN)
        server.hear(b"QUIT")

    with _server(lies, talk) as way:
        assert [one.fate for one in way.send([ONE])] == [Fate.UNSENT]
        assert [one.fate for one in way.send([ONE])] == [Fate.ACCEPTED]


def test_an_answer_to_data_that_is_neither_yes_nor_no_is_no_letter() -> None:
    def talk(server: Talk) -> None:
        server.greet(b"250 mx.example\r\n")
        server.hear(b"MAIL FROM")
        server.say(OK)
        server.hear(b"RCPT TO")
        server.say(OK)
        server.hear(b"DATA\r\n")
        server.say(b"250 what?\r\n")

    with _server(talk) as way:
        assert [one.fate for one in way.send([ONE])] == [Fate.UNSENT]
