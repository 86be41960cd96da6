"""Make the judge's model: python training/judge/train.py [RELEVANCE.jsonl.gz ...]

Reads the invented rows (rows.jsonl here) and the labelled headlines named on the command line, by
default ../shared/data/relevance-dev.jsonl.gz where it is there. Writes judge.npz and judge.json into
the beat. The same rows give the same files. See README.md for what goes in and what comes out.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from broadsheet.wire import beat as beats
from broadsheet.wire.judge import fitting, labelled, weights

HERE = Path(__file__).parent
DEFAULT = HERE.parents[2] / "shared" / "data" / "relevance-dev.jsonl.gz"
OFF = DEFAULT.parent / "clusters" / "basil.jsonl"
EDITION = 2  # of the shipped weights: what a desk learned names the model it was built on


def main() -> None:
    """Fit, write, and say what was written."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("labelled", nargs="*", type=Path, help="labelled headlines, JSON Lines")
    asked.add_argument(
        "--off",
        nargs="*",
        type=Path,
        help="articles that are all off the beat, JSON Lines with title and text",
    )
    asked.add_argument("--beat", type=Path, default=None, help="the folder of another beat")
    asked.add_argument(
        "--rows", type=Path, default=HERE, help="the folder of rows.jsonl and leads.jsonl"
    )
    given = asked.parse_args()
    # Labels and ordinary articles of ours tell nothing about another beat.
    ours = given.beat is None
    files = given.labelled or ([DEFAULT] if ours and DEFAULT.exists() else [])
    off = [OFF] if ours and given.off is None and OFF.exists() else given.off or []
    beat = beats.load(given.beat)
    invented = labelled.invented(given.rows)
    real = [row for file in files for row in labelled.read(file)]
    grouped = labelled.grouped(real)
    model = fitting.recipe([*grouped, *invented], beat, name=f"{beat.slug}-{EDITION}")
    leads = labelled.leads(given.rows)
    ordinary = [row for file in off for row in labelled.ordinary(file)]
    model = fitting.with_leads(model, [*grouped, *invented, *leads, *ordinary], beat)
    model = replace(
        model,
        about={
            "fitted_on": {
                "invented headlines": len(invented),
                "invented headlines with text": len(leads),
                "labelled headlines": len(real),
                "of them relevant": sum(row.relevant for row in real),
                "articles off the beat": len(ordinary),
                "files": [file.name for file in (*files, *off)],
            },
            "made_by": "training/judge/train.py",
        },
    )
    weights.save(model, beat.folder)
    print(f"{len(model.weights):,} weights, bands {model.bands}: {beat.folder / weights.NUMBERS}")


if __name__ == "__main__":
    main()
