"""The machine's own sendmail program as a way out: Postfix, Exim, msmtp and others have one."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Iterable

from broadsheet.mailing.transports import Fate, Letter, Outcome, TransportError

TIMEOUT = 120.0  # seconds; a local queue takes a letter in less than one
# sysexits.h, which sendmail programs answer with.
_NO_USER, _NO_HOST, _REFUSED, _LATER = 67, 68, 77, (75, 71, 69, 74)


class Sendmail:
    """A transport that starts `sendmail -i -f RETURN-PATH -- RECIPIENT` for each letter."""

    def __init__(self, program: str) -> None:
        self._program = program

    def send(self, letters: Iterable[Letter]) -> Generator[Outcome]:
        for letter in letters:
            yield self._one(letter)

    def close(self) -> None:
        """Nothing is kept open."""

    def _one(self, letter: Letter) -> Outcome:
        try:
            done = subprocess.run(  # noqa: S603 -- the program of the settings, no shell
                [self._program, "-i", "-f", letter.sender, "--", letter.to],
                input=letter.data.replace(b"\r\n", b"\n"),  # as programs of the machine write mail
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except OSError as error:
            raise TransportError(
                f"The sendmail program cannot be started ({error.strerror})",
                at=self._program,
                hint="Write its path in BROADSHEET_MAIL: sendmail:///usr/sbin/sendmail.",
                stop=True,
            ) from error
        except subprocess.TimeoutExpired:
            return Outcome(Fate.DOUBT, words="sendmail did not end in time.")
        words = done.stderr.decode("utf-8", "replace").strip()[:300]
        if done.returncode == 0:
            return Outcome(Fate.ACCEPTED, 250, words=words)
        if done.returncode in _LATER:
            return Outcome(Fate.LATER, 450, words=words)
        if done.returncode < 0:  # ended by a signal: before or after it had queued the letter
            return Outcome(Fate.DOUBT, words=f"sendmail was ended by signal {-done.returncode}.")
        gone = done.returncode in (_NO_USER, _NO_HOST)
        return Outcome(Fate.REFUSED, 550, "5.1.1" if gone else "", words, address=gone)
