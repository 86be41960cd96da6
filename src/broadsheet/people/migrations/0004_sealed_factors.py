"""The secrets of second factors, in clear until now, are sealed with the desk's secret key."""

from typing import Any

from django.db import migrations

from broadsheet import sealing


def seal(apps: Any, schema_editor: Any) -> None:
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        if not device.key.startswith(sealing.MARK):
            device.key = sealing.seal_bytes(bytes.fromhex(device.key))
            device.save(update_fields=["key"])


def unseal(apps: Any, schema_editor: Any) -> None:
    for device in apps.get_model("otp_totp", "TOTPDevice").objects.all():
        device.key = sealing.opened_bytes(device.key).hex()
        device.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_editor_language"),
        ("otp_totp", "0003_add_timestamps"),
    ]
    operations = [
        migrations.CreateModel(
            name="App",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_totp.totpdevice",),
        ),
        migrations.RunPython(seal, unseal),
    ]
