"""An SMTP connection of our own (RFC 5321): kept open, pipelined (RFC 2920), and exact in its answers.

smtplib waits for every reply and cannot say, when a connection ends, whether the letter was whole by
then. That is the one thing we must know: a letter that was not whole is sent again, one that was
whole and not answered is in doubt and never sent again by itself.

Where the server announces PIPELINING, the end of a letter travels with the envelope of the next, so
that a letter costs one round trip instead of four. Where it announces CHUNKING too (RFC 3030), the next
letter itself travels with it, all but its last two bytes, so that the server never waits for us. Either
way no letter is whole at the server before the answer to the one before it is known.
"""

from __future__ import annotations

import base64
import contextlib
import enum
import select
import socket
import ssl
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from broadsheet.mailing.transports import Fate, Letter, Outcome, TransportError, status

# RFC 5321, 4.5.3.2: 5 minutes for a command, 10 for the answer to a whole letter.
COMMAND_TIMEOUT = 300.0
FINAL_TIMEOUT = 600.0
CONNECT_TIMEOUT = 30.0
LETTERS_A_CONNECTION = 100  # Yahoo and others end a connection after some number, without a word
LETTERS_HERE = 2000  # a server on this machine is our own
_NO_UTF8 = "The address needs a mail server that speaks SMTPUTF8; this one does not."
_MORE = getattr(socket, "MSG_MORE", 0)  # Linux
_LONGEST_REPLY = 65_536  # bytes; what is longer is no SMTP server
_END = 2  # bytes of a letter that are kept back until it may be whole: its last line end
_UNKNOWN = range(500, 505)  # what a server answers that does not know a command after all


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes out. `security`: "tls" from the first byte, "starttls" demanded, "auto", "none".

    "auto" takes STARTTLS where it is announced, without looking at the certificate, as between mail
    servers; a password is only sent over "tls" and "starttls", or to this machine.
    """

    host: str
    port: int = 25
    security: str = "auto"
    user: str = ""
    password: str = ""
    helo: str = ""
    letters: int = 0  # after so many the connection is opened anew; 0: as many as is usual
    command_timeout: float = COMMAND_TIMEOUT
    final_timeout: float = FINAL_TIMEOUT

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def here(self) -> bool:
        """Whether it is on this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def most(self) -> int:
        """Letters of one connection."""
        return self.letters or (LETTERS_HERE if self.here else LETTERS_A_CONNECTION)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer."""

    code: int
    words: str

    @property
    def good(self) -> bool:
        return 200 <= self.code < 400

    def outcome(self, *, address: bool = False) -> Outcome:
        fate = Fate.ACCEPTED if self.good else Fate.LATER if self.code < 500 else Fate.REFUSED
        return Outcome(fate, self.code, status(self.words), self.words, address)


class _Begun(enum.Enum):
    """How far the next letter has come before its turn."""

    NOT = enum.auto()
    ENVELOPE = enum.auto()  # its envelope went out; the replies are still to be read
    CHUNK = enum.auto()  # the same, and all of it but its end
    BODY = enum.auto()  # all but its end went out, and the server waits for that


class _EndedError(Exception):
    """The connection is of no use any more: ended, silent, or talking nonsense."""


class Smtp:
    """A transport over SMTP. Connects when there is something to send, and again when it must."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._sock: socket.socket | None = None
        self._buffer = b""
        self._features: dict[str, str] = {}
        self._sent = 0
        self._begun = _Begun.NOT
        self._refused: Outcome | None = None  # what came of the next letter before its turn
        self._chunks = True  # until the server is seen not to know them
        self._patience = self._set = 0.0  # seconds to wait for an answer: wanted, and set

    def send(self, letters: Iterable[Letter]) -> Generator[Outcome]:
        try:
            for letter, following in _with_next(letters):
                if self._sock is not None and self._sent >= self._server.most:
                    self.close()
                if self._sock is None:
                    self._open()
                if not self._speaks(letter):
                    yield Outcome(Fate.REFUSED, 553, "5.6.7", _NO_UTF8)
                    continue
                outcome = self._one(letter, self._follows(following))
                self._sent += 1
                if outcome.code == 421:  # the server says that it closes
                    self._drop()
                if following is not None:
                    self._hurry(following)
                yield outcome
        finally:
            if self._begun is not _Begun.NOT:  # whoever asked for outcomes went away
                self._drop()
            self._refused = None

    def close(self) -> None:
        if self._sock is None:
            return
        with contextlib.suppress(OSError, _EndedError):
            self._settle(5)
            self._write(b"QUIT\r\n")
            self._reply()
        self._drop()

    def features(self) -> frozenset[str]:
        """What the server announces; connects where it must. TransportError where it cannot."""
        if self._sock is None:
            self._open()
        return frozenset(self._features)

    def is_secure(self) -> bool:
        """Whether the open connection is under TLS."""
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def _chunking(self) -> bool:
        return self._chunks and {"CHUNKING", "PIPELINING"} <= self._features.keys()

    # --- one letter ------------------------------------------------------------------------------

    def _speaks(self, letter: Letter) -> bool:
        return not letter.utf8 or "SMTPUTF8" in self._features

    def _follows(self, following: Letter | None) -> Letter | None:
        """The next letter, if it may begin to travel with the end of this one."""
        last = self._sent + 1 >= self._server.most
        if following is None or last or "PIPELINING" not in self._features:
            return None
        return following if self._speaks(following) else None

    def _one(self, letter: Letter, following: Letter | None) -> Outcome:
        """Send a letter, and the beginning of the next."""
        refused, self._refused = self._refused, None
        fate = Fate.UNSENT
        try:
            refused = refused or self._begin(letter)
            if refused is not None:
                return refused
            if self._has_spoken():  # before the letter's end: it is going away
                raise _EndedError("The server ended the letter")
            chunked, self._begun = self._begun is _Begun.CHUNK, _Begun.NOT
            self._settle(self._server.final_timeout)
            end = letter.data[-_END:] if chunked else b".\r\n"
            ahead = self._opening(following) if following is not None else ()
            fate = Fate.DOUBT  # from here on nobody but the server knows
            self._write(end, *ahead)
            reply = self._reply()
        except (_EndedError, OSError) as error:
            self._drop()
            return Outcome(fate, words=_why(error))
        if chunked and reply.code in _UNKNOWN:  # it took nothing: the next try goes without
            self._chunks = False
            self._drop()
            return Outcome(Fate.UNSENT, reply.code, status(reply.words), reply.words)
        return reply.outcome()

    def _opening(self, letter: Letter) -> Sequence[bytes | memoryview]:
        """What may go out before the letter's turn: its envelope and, as a chunk, all but its end."""
        size = f" SIZE={len(letter.data)}" if "SIZE" in self._features else ""
        utf8 = " SMTPUTF8" if letter.utf8 else ""
        envelope = f"MAIL FROM:<{letter.sender}>{size}{utf8}\r\nRCPT TO:<{letter.to}>\r\n".encode()
        if not self._chunking:
            self._begun = _Begun.ENVELOPE
            return (envelope + b"DATA\r\n",)
        self._begun = _Begun.CHUNK
        return (
            envelope + b"BDAT %d LAST\r\n" % len(letter.data),
            memoryview(letter.data)[:-_END],
        )

    def _begin(self, letter: Letter) -> Outcome | None:
        """Hand over all of a letter but its end. None: done. Else what came of it instead."""
        if self._begun is _Begun.BODY:
            return None
        self._settle(self._server.command_timeout)
        if self._begun is _Begun.NOT:
            opening = self._opening(letter)
            if "PIPELINING" not in self._features:
                return self._step_by_step(letter, bytes(opening[0]))
            self._write(*opening)
        replies = [self._reply(), self._reply()]
        if self._begun is _Begun.ENVELOPE:
            return self._handed(letter, [*replies, self._reply()])
        if all(reply.good for reply in replies):
            return None
        # The server takes the rest of the chunk and throws it away (RFC 3030, 2).
        self._write(letter.data[-_END:])
        return self._handed(letter, [*replies, self._reply()])

    def _step_by_step(self, letter: Letter, opening: bytes) -> Outcome | None:
        """To a server that must be waited for after each command."""
        replies: list[Reply] = []
        for line in opening.splitlines(keepends=True):
            self._write(line)
            replies.append(self._reply())
            if not replies[-1].good:
                break
        return self._handed(letter, replies)

    def _handed(self, letter: Letter, replies: Sequence[Reply]) -> Outcome | None:
        """The body, where the server waits for it; else what its replies to the envelope mean."""
        for at, reply in enumerate(replies):
            if reply.code == 354 and at == 2:
                self._write(letter.data if letter.plain else _stuffed(letter.data), more=True)
                self._begun = _Begun.BODY
                return None
            if not reply.good:
                self._begun = _Begun.NOT
                self._clear(replies[-1])
                return reply.outcome(address=at == 1)
        raise _EndedError("The server's answers are out of step")

    def _hurry(self, following: Letter) -> None:
        """Hand over the next letter, all but its end, where the server has said that it waits for it.

        An answer that is still to come is not waited for: what came of the last letter is to be
        written down first.
        """
        if self._begun is not _Begun.ENVELOPE or self._buffer.count(b"\n") < 3:
            return
        try:
            self._refused = self._begin(following)
        except (_EndedError, OSError):
            self._drop()  # nothing of it was taken: it begins anew when its turn comes

    def _clear(self, last: Reply) -> None:
        """After a refused envelope: end what may be open, so that the next letter starts afresh."""
        try:
            if last.code == 354:  # it wants a letter though it took no recipient (RFC 2920, 3.1)
                self._write(b".\r\n")
                self._reply()
            if last.code == 421:
                self._drop()
                return
            self._write(b"RSET\r\n")
            self._reply()
        except (_EndedError, OSError):
            self._drop()

    # --- the connection ----------------------------------------------------------------------------

    def _open(self) -> None:
        """Connect, secure, sign in. TransportError says what is in the way."""
        server = self._server
        try:
            self._connect()
        except ssl.SSLError as error:
            self._drop()
            raise TransportError(
                f"The mail server's TLS is not in order ({error.reason or error})",
                at=str(server),
                hint="Look at its certificate and at the name in BROADSHEET_MAIL.",
                stop=True,
            ) from error
        except (OSError, _EndedError) as error:
            self._drop()
            raise TransportError(
                f"The mail server does not answer ({_why(error)})",
                at=str(server),
                hint="It is tried again by itself. Look at BROADSHEET_MAIL if this goes on.",
            ) from error
        except TransportError:
            self._drop()
            raise

    def _connect(self) -> None:
        server = self._server
        self._sent, self._buffer = 0, b""
        plain = socket.create_connection((server.host, server.port), CONNECT_TIMEOUT)
        self._sock = plain
        self._set = CONNECT_TIMEOUT
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.security == "tls":
            self._sock = ssl.create_default_context().wrap_socket(
                plain, server_hostname=server.host
            )
        self._settle(min(server.command_timeout, 60.0))
        self._expect(self._reply(), "greets us")
        self._hello()
        if server.security == "starttls" or (
            server.security == "auto" and "STARTTLS" in self._features
        ):
            self._starttls()
        if server.user:
            self._sign_in()

    def _hello(self) -> None:
        name = self._server.helo or _own_name()
        name = name if "." in name else "[127.0.0.1]"
        reply = self._ask(f"EHLO {name}")
        self._features = {}
        if reply.good:
            for line in reply.words.split("\n")[1:]:
                word, _, rest = line.strip().partition(" ")
                self._features[word.upper()] = rest
        else:
            self._expect(self._ask(f"HELO {name}"), "lets us in")

    def _starttls(self) -> None:
        assert self._sock is not None
        if "STARTTLS" not in self._features:
            raise TransportError(
                "The mail server offers no STARTTLS, and BROADSHEET_MAIL demands it",
                at=str(self._server),
                hint="Write smtps:// for a port with TLS from the start.",
                stop=True,
            )
        self._expect(self._ask("STARTTLS"), "begins TLS")
        if self._buffer:  # what came in clear before TLS is somebody else's (CVE-2011-0411)
            raise _EndedError("The server spoke before TLS began")
        context = ssl.create_default_context()
        if self._server.security == "auto":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._sock = context.wrap_socket(self._sock, server_hostname=self._server.host)
        self._hello()

    def _sign_in(self) -> None:
        server = self._server
        if not server.here and server.security not in ("tls", "starttls"):
            raise TransportError(
                "A password is not sent without TLS",
                at=str(server),
                hint="Write smtps:// or smtp+starttls:// in BROADSHEET_MAIL.",
                stop=True,
            )
        ways = self._features.get("AUTH", "").upper().split()
        if "PLAIN" in ways or not ways:
            secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
            reply = self._ask(f"AUTH PLAIN {secret}")
        else:
            reply = self._ask("AUTH LOGIN")
            for part in (server.user, server.password):
                if reply.code == 334:
                    reply = self._ask(base64.b64encode(part.encode()).decode())
        if reply.code != 235:
            raise TransportError(
                f"The mail server does not let us sign in ({reply.code} {reply.words})",
                at=str(server),
                hint="Look at the name and the password in BROADSHEET_MAIL.",
                stop=500 <= reply.code < 600,
            )

    def _expect(self, reply: Reply, what: str) -> None:
        if not reply.good:
            raise TransportError(
                f"The mail server neither {what} nor takes mail now ({reply.code} {reply.words})",
                at=str(self._server),
                hint="It is tried again by itself.",
            )

    def _ask(self, line: str) -> Reply:
        self._write(line.encode() + b"\r\n")
        return self._reply()

    def _write(self, *parts: bytes | memoryview, more: bool = False) -> None:
        """Hand to the system. `more` follows at once: the last, half-full packet waits for it."""
        assert self._sock is not None
        self._be_patient()
        if isinstance(self._sock, ssl.SSLSocket):
            self._sock.sendall(b"".join(parts))
            return
        flags = _MORE if more else 0
        sent = self._sock.sendmsg(parts, (), flags) if len(parts) > 1 else 0
        for part in parts:
            if sent < len(part):
                self._sock.sendall(memoryview(part)[sent:], flags)
            sent = max(0, sent - len(part))

    def _has_spoken(self) -> bool:
        """Whether the server has said something, or gone, though it was our turn."""
        assert self._sock is not None
        if self._buffer:
            return True
        readable, _, _ = select.select([self._sock], [], [], 0)
        return bool(readable) and not isinstance(self._sock, ssl.SSLSocket)

    def _settle(self, seconds: float) -> None:
        """How long to wait for the server from now on."""
        self._patience = seconds

    def _be_patient(self) -> None:
        """Tell the socket, if it does not know: a call of the system, which is mostly not needed."""
        assert self._sock is not None
        if self._set != self._patience:
            self._sock.settimeout(self._patience)
            self._set = self._patience

    def _reply(self) -> Reply:
        """The next reply, which may have several lines. _EndedError where it is none."""
        lines: list[str] = []
        while True:
            line = self._line()
            if len(line) < 3 or not line[:3].isdigit() or line[3:4] not in (b"", b" ", b"-"):
                raise _EndedError(f"The server talks nonsense: {line[:60]!r}")
            lines.append(line[4:].decode("utf-8", "replace").strip())
            if line[3:4] != b"-":
                return Reply(int(line[:3]), "\n".join(lines))
            if sum(map(len, lines)) > _LONGEST_REPLY:
                raise _EndedError("The server's answer has no end")

    def _line(self) -> bytes:
        assert self._sock is not None
        while b"\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_REPLY:
                raise _EndedError("The server's answer has no end")
            self._be_patient()
            data = self._sock.recv(8192)
            if not data:
                raise _EndedError("The server ended the connection")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def _drop(self) -> None:
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.close()
        self._sock, self._buffer, self._begun = None, b"", _Begun.NOT


@cache
def _own_name() -> str:
    """What this machine calls itself; to ask may take the DNS a while."""
    return socket.getfqdn()


def _with_next(letters: Iterable[Letter]) -> Iterator[tuple[Letter, Letter | None]]:
    waiting = iter(letters)
    letter = next(waiting, None)
    while letter is not None:
        following = next(waiting, None)
        yield letter, following
        letter = following


def _stuffed(data: bytes) -> bytes:
    """With a second point before each at the start of a line (RFC 5321, 4.5.2)."""
    whole = data.replace(b"\n.", b"\n..")
    return b"." + whole if whole.startswith(b".") else whole


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__
