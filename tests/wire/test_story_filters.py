"""`group`, `rank`, `summarise` and `line` as filters over JSON Lines, and their measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from broadsheet.cli import cli
from broadsheet.wire.measure import group as measure
from broadsheet.wire.measure import summarise as measure_summarise
from broadsheet.wire.model import Member, Role, Sentence, Summary
from tests import make

ROWS = [
    {
        "id": 1,
        "headline": "Boat captain jailed for nine years over deckhands held at sea",
        "text": "NEWTOWN (AFP) - A court in Newtown jailed a boat captain for nine years on Tuesday for "
        "holding seven deckhands at sea against their will. The judge said that they had been beaten.",
        "published": "2019-06-18",
        "source": "The Example",
        "mine": "kept",
    },
    {
        "id": "b",
        "headline": "Captain jailed nine years for holding seven deckhands",
        "text": "A court in Newtown jailed a boat captain for nine years on Tuesday for "
        "holding seven deckhands at sea against their will. The judge said that they had been beaten.",
        "published": "2019-06-19",
        "source": "Another",
    },
    {"id": 3, "headline": "Tram line to the harbour opens in Oldtown", "source": "The Example"},
]


def run(*arguments: str, rows: list[dict[str, Any]] = ROWS, given: str | None = None) -> Result:
    text = given if given is not None else "\n".join(json.dumps(row) for row in rows)
    return CliRunner().invoke(cli, list(arguments), input=text)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_group_gives_each_row_back_with_its_story_in_the_order_given():
    made = lines(run("group"))
    assert [row["id"] for row in made] == [1, "b", 3]
    assert made[0]["mine"] == "kept"
    assert made[0]["story"] == made[1]["story"] != made[2]["story"]
    assert (made[0]["role"], made[1]["role"], made[1]["copy_of"]) == ("lead", "copy", 1)
    assert made[1]["agency"] == "AFP"


def test_a_bad_line_is_told_with_its_number_and_the_rest_goes_on():
    result = run("group", given='{"headline": "One"}\nno json\n{"id": 2}\n{"headline": "Two"}')
    assert result.exit_code == 1
    assert len(lines(result)) == 2
    assert "line 2" in result.stderr
    assert "line 3" in result.stderr


def test_rank_gives_stories_with_factors_that_sum_to_the_score():
    grouped = run("group").stdout
    made = lines(run("rank", "--now", "2019-06-30", given=grouped))
    assert len(made) == 2
    for row in made:
        assert abs(sum(row["factors"].values()) - row["score"]) < 0.002
    assert {row["others"] for row in made} == {"AFP text in 2 outlets", ""}


def test_rank_proposes_a_month_of_so_many():
    rows = [{**row, "band": "relevant", "score": 0.9, "relevant": True} for row in ROWS]
    assert len(lines(run("rank", "--propose", "1", rows=rows))) == 1


def test_summarise_gives_one_row_for_each_story_with_spans_that_hold():
    grouped = lines(run("group"))
    made = lines(run("summarise", rows=grouped))
    assert len(made) == 2
    text = {row["id"]: row.get("text", "") for row in ROWS}
    [sentence, *_] = made[0]["sentences"]
    assert text[sentence["article"]][sentence["start"] : sentence["end"]] == sentence["text"]
    assert made[1]["summary"] == ""


def test_line_runs_all_stages_and_counts_what_came_in():
    row = {"headline": "Nine people trafficked into forced labour found on fishing boat"}
    result = run("line", rows=[row, ROWS[2], {"url": "https://a.example/", "html": "<p>"}])
    made = lines(result)
    assert [story["headline"] for story in made] == [row["headline"]]
    assert "3 in: 2 articles" in result.stderr
    assert "1 failures" in result.stderr


def test_the_filters_say_nothing_of_an_empty_input():
    for name in ("group", "rank", "summarise"):
        result = run(name, given="")
        assert (result.exit_code, result.stdout) == (0, "")


def test_b_cubed_and_pairs_are_counted_as_defined():
    made = measure.figures(["a", "a", "b", "b"], [1, 1, 1, 2])
    assert round(made.b3_precision, 3) == round((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4, 3)
    assert made.b3_recall == (1 + 1 + 0.5 + 0.5) / 4
    assert (made.pairs_right, made.pairs_found, made.pairs_gold) == (1, 3, 2)
    assert (made.found, made.gold) == (2, 2)


def test_measure_group_prints_ours_beside_the_simple_ways(tmp_path: Path):
    topics = ("tram line harbour", "storm coast village", "bank rates rise", "mayor resigns office")
    rows = [
        {
            "id": f"{number}-{version}",
            "title": f"{topic} {ending}",
            "date": f"2019-06-{1 + 6 * number:02}",
            "source": "The Example",
            "event": topic,
            "case": topic.split()[0],
        }
        for number, topic in enumerate(topics)
        for version, ending in enumerate(("on Monday", "say officials", "after long debate"))
    ]
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    result = run("measure", "group", str(path), given="")
    assert result.exit_code == 0, result.stderr
    for name in ("broadsheet group, learned elsewhere", "Jaccard", "TF-IDF", "datasketch", "Cases"):
        assert name in result.stdout


def test_a_sentence_that_does_not_stand_where_it_says_is_counted():
    article = make.wire_article(id=1, text="One. Two.")
    said = (Sentence("One.", 1, 0, 4), Sentence("Three.", 1, 0, 4))
    assert measure_summarise.standing(Summary("s", "One. Three.", said), [article]) == (1, 2)


def test_measure_summarise_counts_sentences_that_stand():
    result = run("measure", "summarise", rows=ROWS[:2])
    assert "sentences stand in their article" in result.stdout


def test_every_sentence_of_a_real_summary_stands_in_its_article(shared: Path):
    from broadsheet.wire import beat
    from broadsheet.wire.model import article_from
    from broadsheet.wire.summarise import summarise

    ours = beat.load()
    blank = 0
    for line in (
        (shared / "data/clusters/basil.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    ):
        row = json.loads(line)
        article = article_from({"id": row["id"], "headline": row["title"], "text": row["text"]})
        made = summarise([Member(article, "s", Role.LEAD)], ours)
        right, of = measure_summarise.standing(made, [article])
        assert right == of
        assert of <= 3
        blank += not of
    assert blank <= 2
