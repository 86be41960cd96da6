"""The quality and speed of `read` on real pages, each figure beside trafilatura's own in the same run.

    python bench/bench_read.py [--data ../shared/data/extraction] [--set scrapinghub,fundus,pictures,speed]

Nothing of the pages is printed but their file names with --wrong. `--half` scores one half of the
pages (by a hash of the name): rules were tuned on the even half and looked at on the odd one.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Article, Page
from broadsheet.wire.read import read
from broadsheet.wire.read.names import is_person

HERE = Path(__file__).parent
_TOKEN = re.compile(r"\w+")
Count = tuple[float, float, float]


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of four words, as the evaluation of article-extraction-benchmark (MIT) counts them."""
    tokens = _TOKEN.findall(text or "")
    return Counter(
        run
        for at in range(max(1, len(tokens) - size + 1))
        if (run := tuple(tokens[at : at + size]))
    )


def compared(gold: str, ours: str) -> Count:
    """(right, too much, missed) in runs of four words."""
    true, pred = shingles(gold), shingles(ours)
    right = sum((true & pred).values())
    return right, sum(pred.values()) - right, sum(true.values()) - right


def body_scores(counts: list[Count]) -> tuple[float, float, float]:
    """F1, precision and recall: the means over pages first, then their harmonic mean, as published."""

    def share(right: float, wrong: float, other: float) -> float:
        return 1.0 if wrong == other == 0 else (right / (right + wrong) if right else 0.0)

    precision = statistics.mean(share(t, p, n) for t, p, n in counts if t + p > 0)
    recall = statistics.mean(share(t, n, p) for t, p, n in counts if t + n > 0)
    return 2 * precision * recall / (precision + recall), precision, recall


def half_of(name: str) -> str:
    return "even" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "odd"


def ours(page: Page) -> Article | None:
    try:
        return read(page)
    except ReadError as error:
        print(f"  not read: {error.what}", file=sys.stderr)
        return None


def scrapinghub(data: Path) -> Iterator[tuple[str, Page, str]]:
    folder = data / "scrapinghub"
    gold = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for name, row in sorted(gold.items()):
        body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        yield name, Page(row.get("url", ""), body), row.get("articleBody", "")


def fundus(data: Path) -> Iterator[tuple[str, Page, dict[str, Any]]]:
    """Each page with its gold row: versions of a parser and pages are paired in the order of time."""
    for file in sorted((data / "fundus/parser/test_data").glob("*/*.json")):
        rows = json.loads(file.read_text(encoding="utf-8"))
        info = json.loads((file.parent / "meta.info").read_text(encoding="utf-8"))
        pages = sorted(file.parent.glob(f"{file.stem}_[0-9][0-9][0-9][0-9]_*.html.gz"))
        golds = [rows[key] for key in sorted(rows, key=_version)]
        for path, gold in zip(pages, golds, strict=False):
            body = gzip.decompress(path.read_bytes())
            yield f"{path.parent.name}/{path.name}", Page(info[path.name]["url"], body), gold


def _version(key: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", key)]


def gold_text(gold: dict[str, Any]) -> str:
    body = gold.get("body") or {}
    lines = list(body.get("summary") or ())
    for section in body.get("sections") or ():
        lines += [*(section.get("headline") or ()), *(section.get("paragraphs") or ())]
    return "\n".join(lines)


def plain(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", text or "").split())


def same_authors(found: Iterable[str], gold: Iterable[str]) -> bool:
    """The same set of names, letter by letter: a name prints as it was signed."""
    return {plain(a) for a in found} == {plain(a) for a in gold}


def agreed_date(when: Any, gold: str) -> tuple[bool, bool]:
    """(the same day, the same minute with an offset), where the gold has an offset."""
    from datetime import datetime, timedelta

    if when is None:
        return False, False
    theirs = datetime.fromisoformat(gold)
    moment = when.moment() if when.offset else None
    if moment and theirs.tzinfo:
        day = moment.astimezone(theirs.tzinfo).date() == theirs.date()
        return day, abs(moment - theirs) < timedelta(minutes=1)
    return when.value[:10] == gold[:10], False


def trafilaturas(page: Page) -> Any:
    from trafilatura import bare_extraction

    return bare_extraction(page.body, url=page.url, with_metadata=True, include_comments=False)


def run_scrapinghub(pages: list[tuple[str, Page, str]], wrong: bool) -> None:
    from trafilatura import extract

    ways: dict[str, Callable[[Page], str | None]] = {
        "broadsheet read": lambda page: a.text if (a := ours(page)) else None,
        "trafilatura precision": lambda p: extract(
            p.body, favor_precision=True, include_comments=False
        ),
        "trafilatura default": lambda p: extract(p.body),
    }
    print(f"scrapinghub: body, {len(pages)} pages, F1 of runs of four words")
    for name, way in ways.items():
        counts = [compared(gold, way(page) or "") for _, page, gold in pages]
        halves = {
            half: body_scores(
                [c for c, (n, _, _) in zip(counts, pages, strict=True) if half_of(n) == half]
            )[0]
            for half in ("even", "odd")
        }
        f1, precision, recall = body_scores(counts)
        print(
            f"  {name:<24} F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}   "
            f"even {halves['even']:.4f}  odd {halves['odd']:.4f}"
        )
        if wrong and name.startswith("broadsheet"):
            for (page_name, _, _), count in zip(pages, counts, strict=True):
                score = body_scores([count])[0] if count[0] else 0.0
                if score < 0.93:
                    print(f"    {score:.3f} {page_name}")


def run_fundus(pages: list[tuple[str, Page, dict[str, Any]]], wrong: bool) -> None:
    tally: dict[str, Counter[str]] = {"broadsheet read": Counter(), "trafilatura": Counter()}
    bodies: dict[str, list[Count]] = {name: [] for name in tally}
    total: Counter[str] = Counter()
    for name, page, gold in pages:
        text = gold_text(gold)
        with_offset = bool(re.search(r"[+-]\d\d:\d\d$", gold["publishing_date"] or ""))
        total["headline"] += 1
        signed = gold.get("authors") or []
        people_only = bool(signed) and all(map(is_person, signed))
        total["authors"] += bool(signed)
        total["people"] += people_only
        total["day"] += bool(gold["publishing_date"])
        total["minute"] += with_offset
        total["body"] += bool(text)
        article, theirs = ours(page), trafilaturas(page)
        results = {
            "broadsheet read": article
            and (article.headline, article.text, article.authors, article.published),
            "trafilatura": theirs
            and (
                theirs.title,
                theirs.text,
                tuple(a for a in (theirs.author or "").split("; ") if a),
                _day(theirs.date),
            ),
        }
        for tool, found in results.items():
            title, body, authors, date = found or ("", "", (), None)
            right = tally[tool]
            right["headline"] += plain(title) == plain(gold["title"])
            if gold.get("authors"):
                right["authors"] += same_authors(authors, gold["authors"])
                right["people"] += people_only and same_authors(authors, gold["authors"])
            if gold["publishing_date"]:
                day, minute = agreed_date(date, gold["publishing_date"])
                right["day"] += day
                right["minute"] += minute and with_offset
            if text:
                bodies[tool].append(compared(text, body or ""))
            if wrong and tool == "broadsheet read":
                _show(name, gold, title, authors, date, body, text)
    print(f"fundus: {len(pages)} pages, exact matches")
    for tool, right in tally.items():
        shares = "  ".join(
            f"{key} {right[key]}/{total[key]} ({right[key] / total[key]:.1%})"
            for key in ("headline", "day", "minute", "authors", "people")
        )
        f1, precision, recall = body_scores(bodies[tool])
        print(f"  {tool:<16} {shares}  body F1 {f1:.4f} (P {precision:.4f} R {recall:.4f})")
    for key, what in (
        ("authors", "authors as listed, outlets and desks among them"),
        ("people", "authors where all are people"),
    ):
        mine, other = tally["broadsheet read"][key], tally["trafilatura"][key]
        print(f"  {what}: {mine / max(1, other):.2f} times trafilatura's exact matches")


def _day(value: str | None) -> Any:
    from broadsheet.wire import dates

    return dates.iso(value) if value else None


def _show(
    name: str, gold: dict[str, Any], title: str, authors: Any, date: Any, body: str, text: str
) -> None:
    if plain(title) != plain(gold["title"]):
        print(f"    {name} headline: {title!r} | {gold['title']!r}")
    if gold.get("authors") and not same_authors(authors, gold["authors"]):
        print(f"    {name} authors: {authors} | {gold['authors']}")
    if gold["publishing_date"] and not agreed_date(date, gold["publishing_date"])[0]:
        print(f"    {name} day: {date} | {gold['publishing_date']}")
    elif (
        re.search(r"[+-]\d\d:\d\d$", gold["publishing_date"] or "")
        and not agreed_date(date, gold["publishing_date"])[1]
    ):
        print(f"    {name} minute: {date} | {gold['publishing_date']}")
    if (
        text
        and (
            score := body_scores([compared(text, body)])[0]
            if shingles(text) & shingles(body)
            else 0.0
        )
        < 0.85
    ):
        print(f"    {name} body: {score:.3f}")


def reduced(text: str | None) -> str:
    """Letters and digits alone, NFKC, lower case: what a caption or credit says, however it is set."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "")).lower()


def run_pictures(pages: list[tuple[str, Page, dict[str, Any]]], wrong: bool) -> None:
    lines = (HERE / "read_labels/pictures.jsonl").read_text(encoding="utf-8").splitlines()
    labels = {row["page"]: row for row in map(json.loads, lines)}
    tally: Counter[str] = Counter()
    for name, page, _ in pages:
        if name not in labels:
            continue
        label, article = labels[name], ours(page)
        picture = article.image if article else None
        credit, caption = (picture.credit, picture.caption) if picture else (None, None)
        tally["pages"] += 1
        tally["credit given"] += bool(credit)
        tally["credit there"] += bool(label["credit"])
        right = bool(credit) and reduced(credit) == reduced(label["credit"])
        tally["credit right"] += right
        if wrong and (credit or label["credit"]) and not right:
            print(f"    {name} credit: {credit!r} | {label['credit']!r}")
        if "caption" in label:
            key = hashlib.sha256(reduced(caption).encode()).hexdigest()[:24] if caption else None
            tally["caption given"] += bool(caption)
            tally["caption there"] += bool(label["caption"])
            tally["caption right"] += bool(caption) and key == label["caption"]
            if wrong and key != label["caption"]:
                print(f"    {name} caption: {caption!r}")
    print(f"pictures: {tally['pages']} pages labelled by hand")
    for what in ("caption", "credit"):
        print(
            f"  {what:<8} precision {tally[what + ' right']}/{tally[what + ' given']} "
            f"({tally[what + ' right'] / max(1, tally[what + ' given']):.3f})  "
            f"recall {tally[what + ' right']}/{tally[what + ' there']} "
            f"({tally[what + ' right'] / max(1, tally[what + ' there']):.3f})"
        )


def run_speed(pages: list[Page], rounds: int = 3) -> None:
    from trafilatura import extract

    def timed(work: Callable[[Page], object]) -> float:
        begin = time.process_time()
        for page in pages:
            work(page)
        return time.process_time() - begin

    for page in pages[:5]:
        ours(page), extract(page.body)
    mine: list[float] = []
    other: list[float] = []
    for _ in range(rounds):  # by turns, so that a busy machine slows both
        mine.append(timed(ours))
        other.append(timed(lambda page: extract(page.body)))
    ratio = statistics.median(b / a for a, b in zip(mine, other, strict=True))
    print(
        f"speed: {len(pages)} pages, CPU time, median of {rounds}: broadsheet read "
        f"{len(pages) / statistics.median(mine):.1f} pages/s, trafilatura extract() "
        f"{len(pages) / statistics.median(other):.1f} pages/s, ratio {ratio:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/extraction"))
    parser.add_argument("--set", default="scrapinghub,fundus,pictures,speed")
    parser.add_argument("--half", choices=("even", "odd"))
    parser.add_argument("--wrong", action="store_true", help="name what is wrong")
    given = parser.parse_args()
    if not given.data.is_dir():
        raise SystemExit(f"There is no folder {given.data}: name it with --data.")
    sets = given.set.split(",")

    def kept(name: str) -> bool:
        return given.half is None or half_of(name) == given.half

    first = [row for row in scrapinghub(given.data) if kept(row[0])]
    second = [row for row in fundus(given.data) if kept(row[0])]
    if "scrapinghub" in sets:
        run_scrapinghub(first, given.wrong)
    if "fundus" in sets:
        run_fundus(second, given.wrong)
    if "pictures" in sets:
        run_pictures(second, given.wrong)
    if "speed" in sets:
        run_speed([row[1] for row in first] + [row[1] for row in second])


if __name__ == "__main__":
    main()
