"""A mail server that misbehaves as told, and writes down every letter that it has taken.

`python sink.py LOG SEED TROUBLE`: prints its port. A letter is one line of LOG, recipient and
Message-ID, written before the answer goes out: what stands there has arrived, whatever the sender
got to hear. TROUBLE is how often something goes wrong, 0 to 1. Every other connection takes letters as
chunks (BDAT, RFC 3030).
"""

from __future__ import annotations

import asyncio
import os
import random
import sys

STALL = 1.5  # seconds; longer than the tests let the sender wait


class GoneError(Exception):
    """The connection is to be ended now, without a word."""


class Sink:
    def __init__(self, log: str, seed: int, trouble: float) -> None:
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.dice = random.Random(seed)
        self.trouble = trouble

    def goes_wrong(self, share: float = 1.0) -> bool:
        return self.dice.random() < self.trouble * share

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 sink.example ESMTP\r\n")
            to, refused = "", False
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"RCPT":
                    to = line.split(b"<", 1)[1].split(b">")[0].decode()
                    refused = self.refuses(to, writer)
                elif word == b"DATA" and not refused:
                    await self.letter(to, reader, writer)
                elif word == b"BDAT":
                    await self.chunk("" if refused else to, int(line.split()[1]), reader, writer)
                else:
                    self.answer(word, writer)
                await writer.drain()
                if word == b"QUIT":
                    break
        except (GoneError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def refuses(self, to: str, writer: asyncio.StreamWriter) -> bool:
        answer = b"250 2.1.5 ok\r\n"
        if to.startswith("gone"):
            answer = b"550 5.1.1 no such user\r\n"
        elif self.goes_wrong(0.5):
            answer = b"450 4.2.0 greylisted\r\n"
        writer.write(answer)
        return not answer.startswith(b"250")

    def answer(self, word: bytes, writer: asyncio.StreamWriter) -> None:
        if word == b"EHLO":
            chunks = b"250-CHUNKING\r\n" if self.dice.random() < 0.5 else b""
            writer.write(b"250-sink.example\r\n250-PIPELINING\r\n%s250 SIZE 10000000\r\n" % chunks)
        elif word == b"MAIL" and self.goes_wrong(0.1):
            raise GoneError
        elif word == b"DATA":
            writer.write(b"554 5.5.1 no valid recipients\r\n")
        else:
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 2.0.0 ok\r\n")

    async def letter(
        self, to: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"354 go on\r\n")
        await writer.drain()
        if self.goes_wrong(0.1):
            await reader.read(500)
            raise GoneError  # in the middle of the letter
        name = b""
        while (line := await reader.readline()) != b".\r\n":
            if not line:
                raise GoneError
            if line.lower().startswith(b"message-id:"):
                name = line.split(b":", 1)[1].strip()
        await self.whole(to, name, writer)

    async def chunk(
        self, to: str, size: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """A whole letter as one chunk; thrown away where there is nobody to take it."""
        if self.goes_wrong(0.1):
            await reader.read(500)
            raise GoneError  # in the middle of the letter
        data = await reader.readexactly(size)
        if not to:
            writer.write(b"554 5.5.1 no valid recipients\r\n")
            return
        head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
        names = [line for line in head if line.lower().startswith(b"message-id:")]
        await self.whole(to, names[0].split(b":", 1)[1].strip(), writer)

    async def whole(self, to: str, name: bytes, writer: asyncio.StreamWriter) -> None:
        """What happens to a letter whose last byte is here."""
        if self.goes_wrong(0.2):
            writer.write(b"451 4.3.0 try later\r\n")
            return
        if self.goes_wrong(0.05):
            raise GoneError  # it had the whole letter, and did not take it
        os.write(self.log, f"{to} {name.decode()}\n".encode())
        if self.goes_wrong(0.05):
            raise GoneError  # it took the letter, and nobody will hear of it
        if self.goes_wrong(0.02):
            await asyncio.sleep(STALL)
        writer.write(b"nonsense\r\n" if self.goes_wrong(0.02) else b"250 2.0.0 taken\r\n")


async def main(log: str, seed: str, trouble: str) -> None:
    sink = Sink(log, int(seed), float(trouble))
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
