"""The bill of materials: a desk with all its parts, as CycloneDX 1.6 in JSON.

From the lock file, so it is the same on every machine: versions and SHA-256 of each file of a part. Licences
are those that `supply.licences` reads. Nothing in it depends on the clock.
"""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from supply import licences
from supply.locked import DESK, ROOT, Part, parts


def made(when: datetime) -> str:
    """The bill as JSON, ended by a newline. `when` stands in it as the time of the release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bom = Bom()
    itself = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref="broadsheet",
        purl=PackageURL("pypi", name=project["name"], version=project["version"]),
        licenses=[LicenseFactory().make_from_string(project["license"])],
        description=project["description"],
    )
    bom.metadata.component = itself
    bom.metadata.timestamp = when.astimezone(UTC)
    inside = [_component(part) for part in parts(DESK)]
    bom.components.update(inside)
    bom.register_dependency(itself, inside)
    bom.serial_number = _number(inside, project["version"])
    made: str = JsonV1Dot6(bom).output_as_string(indent=1)
    return made + "\n"


def _component(part: Part) -> Component:
    stated = licences.of(part.name).expression
    purl = PackageURL("pypi", name=part.name, version=part.version)
    return Component(
        name=part.name,
        version=part.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{part.name}=={part.version}" + (f" ; {part.marker}" if part.marker else ""),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(stated)],
        properties=[Property(name="broadsheet:needed-where", value=part.marker)]
        if part.marker
        else (),
        external_references=[
            # Each file of a part has a hash of its own: one reference for each.
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(str(purl)),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            )
            for digest in part.hashes
        ],
    )


def _number(inside: list[Component], version: str) -> UUID:
    """The same for the same parts, so that two builds of one release have one bill."""
    refs = sorted(str(one.bom_ref) for one in inside)
    return uuid5(NAMESPACE_URL, json.dumps([version, refs]))


def wrong(bill: str) -> list[str]:
    """What the standard's schema says against a bill; empty where it is sound."""
    found: Any = JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill)
    return [] if found is None else [str(found)]
