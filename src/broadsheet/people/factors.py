"""The second factor: a code from an app on the phone (RFC 6238), and recovery codes for the day it is lost.

The arithmetic, the clock's drift and the rule that no code counts twice are django-otp's. Recovery
codes are our own, since that package keeps them in clear.
"""

from __future__ import annotations

import base64
import hashlib
import io
import secrets
from datetime import datetime

import segno
from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet import sealing
from broadsheet.people import limits
from broadsheet.people.errors import DoorError, WaitError
from broadsheet.people.models import App, Editor, RecoveryCode

_SECRET = 20  # bytes of a secret: what RFC 4226 recommends, and every app takes
CODES = 10  # recovery codes: a sheet of paper's worth
APP = "app"  # how somebody passed: by the app's code
RECOVERY = "recovery code"


def has(editor: Editor) -> bool:
    """Whether somebody has a second factor that is in use."""
    return bool(App.objects.filter(user=editor, confirmed=True).exists())


@transaction.atomic
def begin(editor: Editor) -> App:
    """A new secret that is not yet in use: first a code must show that the app has it."""
    if (there := waiting(editor)) is not None:
        return there
    App.objects.filter(user=editor, confirmed=False).delete()
    made: App = App.objects.create(
        user=editor,
        name="app",
        confirmed=False,
        key=sealing.seal_bytes(secrets.token_bytes(_SECRET)),
    )
    return made


def waiting(editor: Editor) -> App | None:
    """The secret that waits for its first code; one that nobody can open any more is none."""
    found = App.objects.filter(user=editor, confirmed=False).first()
    try:
        return found if found is not None and found.bin_key else None
    except sealing.SealError:
        return None


def secret_words(device: App) -> str:
    """The secret in groups of four, for an app that cannot see the picture."""
    plain = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def picture(device: App) -> str:
    """The secret as a QR code: SVG made here, dark on light also where the page is dark."""
    out = io.BytesIO()
    segno.make(device.config_url, error="m").save(
        out,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        omitsize=True,  # a viewBox instead, so that the page can size it without cutting it off
    )
    return out.getvalue().decode()


@transaction.atomic
def confirm(editor: Editor, code: str, now: datetime) -> list[str]:
    """Put the new secret to use; the recovery codes are told now and never again.

    Raises DoorError where the code is not of that secret.
    """
    device = App.objects.select_for_update().filter(user=editor, confirmed=False).first()
    if device is None:
        raise DoorError(_("There is nothing to confirm. Begin again."))
    if not _shaped(code) or not _verified(device, code):
        raise DoorError(
            _(
                "That is not the code of this desk. Look whether the phone’s clock is right, and type the "
                "six digits that the app shows now."
            )
        )
    App.objects.filter(user=editor, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return renew_codes(editor)


@transaction.atomic
def renew_codes(editor: Editor) -> list[str]:
    """New recovery codes in place of all old ones."""
    RecoveryCode.objects.filter(editor=editor).delete()
    codes = [_new_code() for _n in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(editor=editor, code_hash=_hash(code)) for code in codes
    )
    return codes


def codes_left(editor: Editor) -> int:
    return RecoveryCode.objects.filter(editor=editor, used=None).count()


def check(editor: Editor, code: str, now: datetime, address: str = "") -> str:
    """How a code lets somebody in: by the app, or by a recovery code, which is used up.

    `address` is the browser's, to count where tries that failed came from.

    Raises DoorError where it does not, or after too many tries.
    """
    wait = limits.knock(limits.CODE, str(editor.pk), now)
    if wait:
        raise WaitError(limits.words(wait))
    if _shaped(code):
        with transaction.atomic():
            device = App.objects.select_for_update().filter(user=editor, confirmed=True).first()
            right = device is not None and _verified(device, code)
        how = APP if right else ""
    else:
        spent = RecoveryCode.objects.filter(editor=editor, code_hash=_hash(code), used=None)
        how = RECOVERY if spent.update(used=now) else ""
    if not how:
        limits.failed("second factor", str(editor.pk), address, now)
        raise DoorError(
            _("That code is not right, or was used before. Type the one that the app shows now.")
        )
    limits.forgive(limits.CODE, str(editor.pk))
    return how


def _verified(device: App, code: str) -> bool:
    try:
        return bool(device.verify_token(_plain(code)))
    except sealing.SealError as error:
        raise DoorError(
            _(
                "No code of the app can be checked: the desk’s secret key has changed. Use a recovery code, "
                "or ask an administrator to take the second factor off."
            )
        ) from error


@transaction.atomic
def off(editor: Editor) -> None:
    """Somebody has no second factor any more."""
    App.objects.filter(user=editor).delete()
    RecoveryCode.objects.filter(editor=editor).delete()


def _shaped(code: str) -> bool:
    plain = _plain(code)
    return len(plain) == 6 and plain.isascii() and plain.isdigit()


def _plain(code: str) -> str:
    return code.replace(" ", "").replace("-", "").strip().upper()


def _new_code() -> str:
    """80 random bits as sixteen letters and digits in groups of four: no list or guess finds them."""
    plain = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(plain[at : at + 4] for at in range(0, 16, 4))


def _hash(code: str) -> str:
    return hashlib.sha256(_plain(code).encode()).hexdigest()
