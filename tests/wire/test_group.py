"""One event, one story, in whatever order its articles come; and what an editor fixed stays."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.wire import beat, dates
from broadsheet.wire.group import (
    Index,
    Known,
    LeadRules,
    agency,
    beat_words,
    group,
    independent,
    others,
    recall,
    update,
)
from broadsheet.wire.group.index import LOOKED_AT
from broadsheet.wire.group.join import Few, Pairs, Weights
from broadsheet.wire.group.posts import Posts
from broadsheet.wire.group.terms import Corpus
from broadsheet.wire.model import Member, Role
from tests import make

WORDS = (
    *("police", "court", "judge", "ring", "trial", "ship", "kiln", "village", "arrested", "jailed"),
    *("charged", "Oldtown", "Newtown", "31", "40"),
    *("\u6e2f\u5e9c\u516c\u5e03", "\u0e15\u0e33\u0e23\u0e27\u0e08"),
)
headlines = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), max_size=14
)

KILN = (
    "Police in Oldtown said on Friday that 31 workers had been found locked in a brick kiln near the "
    "river. The owner of the kiln, a former mayor, was arrested at his house and will appear in court "
    "on Monday. Inspectors said that the workers had not been paid for two years and that their papers "
    "had been taken from them. The kiln was closed last spring after a complaint by a trade union, but "
    "opened again under another name in the autumn."
)
BOAT = (
    "A court in Newtown sentenced the captain of a fishing boat to nine years on Tuesday for keeping "
    "seven deckhands on board against their will. The judge said that the men had been beaten and had "
    "slept four hours a night. The boat had not called at a port for sixteen months before the coast "
    "guard stopped it south of the islands, and the owner paid no wages in all that time."
)
WALL = (
    "We value your privacy. To go on reading please accept the use of small files on your device or "
    "subscribe. By pressing the button you agree to the terms of use of this site and its partners. "
    "You may change your choice at any time in the settings of your account."
)


def stories(members: list[Member]) -> list[set[str]]:
    found: dict[str, set[str]] = {}
    for member in members:
        found.setdefault(member.story, set()).add(member.article.headline)
    return list(found.values())


@given(headlines, st.randoms())
@settings(max_examples=25)
def test_grouping_is_a_partition_and_knows_no_order(lines, random):
    articles = [make.wire_article(headline=line) for line in lines]
    shuffled = random.sample(articles, len(articles))
    made = group(articles)
    assert group(shuffled) == made
    assert sorted(m.article.key for m in made) == sorted(a.key for a in articles)


@given(headlines)
@settings(max_examples=25)
def test_every_story_has_one_lead(lines):
    made = group(make.wire_article(headline=line) for line in lines)
    assert len([m for m in made if m.role is Role.LEAD]) == len({m.story for m in made})


def test_reports_of_one_event_are_one_story_from_headlines_alone():
    lines = [
        "Captain of fishing boat jailed for nine years over deckhands held at sea",
        "Fishing boat captain jailed nine years for holding deckhands at sea",
        "Nine years in jail for captain who held deckhands on fishing boat",
        "City council votes for new tram line to the harbour",
    ]
    made = group(make.wire_article(headline=line, text="") for line in lines)
    assert sorted(map(len, stories(made))) == [1, 3]


def test_pages_that_refused_us_are_no_story_because_their_addresses_are_alike():
    """A pasted link that could not be read has its address for a headline until somebody completes it."""
    made = group(
        make.wire_article(
            headline=f"https://outlet.example/news/world/{n}",
            text="",
            url=f"https://outlet.example/{n}",
        )
        for n in range(5)
    )
    assert sorted(map(len, stories(made))) == [1] * 5


def test_the_same_words_on_another_day_are_another_story():
    lines = "Police find workers locked in brick kiln near Oldtown"
    made = group(
        make.wire_article(headline=lines, text="", published=dates.typed(day))
        for day in ("2019-06-01", "2019-06-20")
    )
    assert len({m.story for m in made}) == 2


def test_a_copy_that_was_cut_and_given_another_headline_is_found_and_its_agency_named():
    original = make.wire_article(
        headline="Kiln owner arrested as 31 found locked in",
        text="OLDTOWN (AFP) - " + KILN,
        source="A",
    )
    cut = make.wire_article(
        headline="Former mayor held over workers in kiln",
        text=" ".join(KILN.split()[:45]),
        source="B",
        published=dates.typed("2019-06-22"),
    )
    made = {m.article.source: m for m in group([cut, original])}
    assert made["B"].copy_of == original.key
    assert made["B"].role is Role.COPY
    assert made["A"].role is Role.LEAD
    assert made["A"].agency == made["B"].agency == "AFP"


def test_two_reports_of_one_event_are_no_copies():
    told = make.wire_article(headline="Kiln owner arrested in Oldtown, 31 workers found", text=KILN)
    own = make.wire_article(
        headline="31 workers found in Oldtown kiln, owner arrested",
        text="The owner of a brick kiln near Oldtown was led away on Friday after officers broke a lock "
        "and found 31 workers inside, a police spokesman told this paper. Neighbours had heard "
        "knocking at night. The man once served as mayor and is to see a judge after the weekend.",
    )
    made = group([told, own])
    assert len({m.story for m in made}) == 1
    assert [m.copy_of for m in made] == [None, None]


def test_a_wall_in_place_of_articles_makes_no_lump():
    lines = ["Tram line opens", "Mayor of Newtown resigns", "Storm hits coast", "Bank raises rates"]
    made = group(make.wire_article(headline=line, text=WALL) for line in lines)
    assert len({m.story for m in made}) == len(lines)
    assert all(m.copy_of is None for m in made)


def test_a_footer_on_every_page_of_an_outlet_makes_no_copies():
    draw = random.Random(1)
    words = [
        a + b + c
        for a in "bdfgk"
        for b in ("an", "el", "or", "ut")
        for c in ("ta", "me", "si", "vo")
    ]
    made = group(
        make.wire_article(
            headline=" ".join(draw.sample(words, 6)),
            text=" ".join(draw.choices(words, k=90)) + " " + WALL,
            source="One outlet",
        )
        for _ in range(40)
    )
    assert all(m.copy_of is None for m in made)


@pytest.mark.parametrize("edited", [False, True])
def test_ten_thousand_copies_of_one_text_are_one_story(edited):
    words = KILN.split()

    def version(n: int) -> str:
        return " ".join([*words[: n % 60], f"edit{n}", *words[n % 60 :]]) if edited else KILN

    made = group(
        make.wire_article(headline="Kiln owner arrested", text=version(n)) for n in range(10_000)
    )
    assert len({m.story for m in made}) == 1
    assert sum(m.role is Role.COPY for m in made) == 9_999


@pytest.mark.parametrize(
    "odd",
    [
        {"published": None},
        {"text": ""},
        {"headline": "One or the other", "text": "to be"},
        {"headline": "", "text": KILN},
        {"source": None},
        {"headline": "\u6e2f\u5e9c\u516c\u5e03\u6253\u64ca\u4eba\u53e3\u8ca9\u904b", "text": ""},
        {"headline": "x" * 5000, "text": "y " * 20000},
        {"headline": "\ud800 \x00 \u200b", "text": "\n\n"},
    ],
)  # fmt: skip
def test_an_odd_article_is_a_story_like_any_other(odd):
    made = group([make.wire_article(**odd), make.wire_article(headline="Tram line opens")])
    assert len(made) == 2


@pytest.mark.parametrize("first", [0x4E00, 0x3041, 0xAC00])  # Han, kana, Hangul
def test_texts_in_other_scripts_make_no_lump(first):
    draw = random.Random(1)
    letters = [chr(first + n) for n in range(80)]
    made = group(
        make.wire_article(
            headline="".join(draw.choices(letters, k=14)),
            text="".join(draw.choices(letters, k=400)),
            published=None,
        )
        for _ in range(200)
    )
    assert len({m.story for m in made}) > 190


def test_headlines_without_a_telling_word_are_stories_of_their_own():
    assert (
        len({m.story for m in group(make.wire_article(headline=h, text="") for h in ("One", "To"))})
        == 2
    )


def test_the_same_text_on_different_dates_stays_one_text():
    made = group(
        make.wire_article(headline="Kiln owner arrested", text=KILN, published=date)
        for date in (
            None,
            dates.typed("2019"),
            dates.typed("2019-06-21"),
            dates.typed("2020-01-02"),
        )
    )
    assert sum(m.copy_of is not None for m in made) == 3


def test_follow_ups_are_stories_of_one_case():
    days = ("2019-06-01", "2019-06-12", "2019-06-25")
    lines = (
        "Shipping magnate Oskar Quillfeather arrested over deckhands",
        "Oskar Quillfeather pleads not guilty in deckhands trial",
        "Shipping magnate Quillfeather jailed for nine years",
    )
    noise = [f"Council {a} votes on {b}" for a in ("Alder", "Birch") for b in ("tram", "bridge")]
    made = group(
        [
            make.wire_article(headline=line, text="", published=dates.typed(day))
            for line, day in zip(lines, days, strict=True)
        ]
        + [make.wire_article(headline=h, text="") for h in noise]
    )  # fmt: skip
    ours = [m for m in made if "Quillfeather" in m.article.headline]
    assert len({m.story for m in ours}) == 3
    assert len({m.case for m in ours}) == 1
    assert ours[0].case == ours[0].story


def test_a_headline_tells_its_furthest_stage():
    """ "Held" is what was done to the worker, not to the couple: the sentence is what is new."""
    heads = (
        "Couple arrested on suspicion of holding maid in flat",
        "Couple jailed after admitting they held maid in flat",
    )
    texts = (KILN.replace("31", "two"), KILN)
    made = group(
        make.wire_article(headline=head, text=body, published=dates.typed(day))
        for head, body, day in zip(heads, texts, ("2019-06-03", "2019-06-09"), strict=True)
        if body != KILN or "jailed" in head
    )
    told = [m for m in made if m.copy_of is None]
    assert len({m.story for m in told}) == len(told)


def test_the_words_of_the_beat_make_no_story_of_two_events():
    court = make.wire_article(
        headline="Trial over forced labour at flower farm set for January",
        text="Three people will stand trial in January, a judge said on Friday. They deny it all. The "
        "farm has new owners, who did not want to speak about what was found there in spring.",
        published=dates.typed("2019-06-26"),
    )
    met = make.wire_article(
        headline="Ministers meet on forced labour in supply chains",
        text="Officials from nineteen countries will talk about a common list of goods.",
        published=dates.typed("2019-06-27"),
    )
    noise = [
        make.wire_article(
            headline=f"{name} votes on {what}", text="", published=dates.typed(f"2019-06-{day:02}")
        )
        for day, (name, what) in enumerate(
            ((a, b) for a in ("Alder", "Birch", "Cedar") for b in ("tram", "bridge", "school")),
            start=10,
        )
    ]
    words = beat_words(beat.load())
    story = {m.article.headline: m.story for m in group([court, met, *noise], common=words)}
    assert story[court.headline] != story[met.headline]
    index = Index(common=words)
    for article in (*noise, court, met):
        index.add(article)
    story = {m.article.headline: m.story for m in index.members()}
    assert story[court.headline] != story[met.headline]


def test_a_subject_a_country_and_a_spokesman_make_no_case():
    said = '"We need more of this," said Ada Brill, director of the Wharf Lane Trust.'
    articles = [
        make.wire_article(
            headline=headline, text=f"{body} {said}", published=dates.typed(f"2019-06-{day:02}")
        )
        for day, (headline, body) in enumerate(
            (
                ("Hong Kong bank opens accounts for trafficking victims", "Banks ask for papers."),
                ("Hong Kong airport trains staff to see trafficking", "Counters have signs now."),
                ("Law school in Hong Kong drafts forced labour bill", "Professors wrote it."),
            ),
            start=3,
        )
    ]
    made = group(articles, common=beat_words(beat.load()))
    assert [m.case for m in made] == [None] * 3


def test_an_arrest_and_the_charge_days_later_are_two_stories_of_one_case():
    texts = (
        "Two men were arrested after 27 workers were found in a barn at a farm near Upper Quernby.",
        "The two men held over a farm at Upper Quernby are charged. There were 27 workers in its barn.",
    )
    heads = ("Three arrested over workers at flower farm", "Three charged over flower farm workers")
    made = group(
        make.wire_article(headline=head, text=body, published=dates.typed(day))
        for head, body, day in zip(heads, texts, ("2019-06-03", "2019-06-09"), strict=True)
    )
    assert len({m.story for m in made}) == 2
    assert len({m.case for m in made}) == 1
    assert made[0].case


def test_the_desk_says_which_article_leads():
    free = make.wire_article(headline="Kiln owner arrested", text=KILN, source="Far")
    wall = make.wire_article(headline="Kiln owner held", text=BOAT, source="Near", paywalled=True)
    together = [(free.key, wall.key)]
    lead = next(m for m in group([free, wall], together=together) if m.role is Role.LEAD)
    assert lead.article == free
    rules = LeadRules(outlets=("near",))
    lead = next(m for m in group([free, wall], rules, together=together) if m.role is Role.LEAD)
    assert lead.article == wall


def test_the_others_are_named_in_words():
    def member(source: str, role: Role, copy_of: str | None = None, agency: str | None = None):
        return Member(make.wire_article(source=source), "s", role, copy_of, agency)

    lead = member("A", Role.LEAD, agency="AFP")
    copies = [member(f"C{n}", Role.COPY, lead.article.key, "AFP") for n in range(5)]
    reports = [member(f"R{n}", Role.REPORT) for n in range(3)]
    assert others([lead, *copies, *reports]) == "AFP text in 6 outlets; own reports in 3"
    assert independent([lead, *copies, *reports]) == 4
    assert others([lead]) == ""


@pytest.mark.parametrize(
    ("but", "name"),
    [
        ({"text": "HANOI, June 21 (Reuters) - Police said."}, "Reuters"),
        ({"authors": ("By Associated Press",)}, "AP"),
        ({"authors": ("Jo Sample, Agence France-Presse",)}, "AFP"),
        ({"text": "Police said on Friday. (Xinhua)"}, "Xinhua"),
        ({"text": "A spokesman told Reuters that police had come."}, None),
    ],
)
def test_an_agency_is_named_where_the_text_says_so(but, name):
    assert agency(make.wire_article(**but)) == name


# --- as they come ---------------------------------------------------------------------------------


def known(members: list[Member], pinned: str | None = None) -> list[Known]:
    return [Known(m.article, m.story, m.story == pinned, m.copy_of) for m in members]


LINES = (
    "Captain of fishing boat jailed for nine years over deckhands held at sea",
    "Fishing boat captain jailed nine years for holding deckhands at sea",
)


def test_a_new_article_joins_its_story_and_the_storys_key_stays():
    first = group([make.wire_article(headline=LINES[0], text="")])
    late = make.wire_article(headline=LINES[1], text="", published=dates.typed("2019-06-20"))
    made = update(known(first), [late])
    assert {m.story for m in made} == {first[0].story}


def test_a_story_in_an_issue_takes_nothing_in_and_what_follows_says_so():
    first = group([make.wire_article(headline=LINES[0], text="")])
    index = Index(known(first, pinned=first[0].story))
    placed = index.add(make.wire_article(headline=LINES[1], text=""))
    assert placed.founded
    assert placed.follows == first[0].story
    assert len({m.story for m in index.members()}) == 2


def test_a_late_article_joins_two_stories_that_an_editor_says_are_one():
    one, two = (
        make.wire_article(headline="Tram line opens"),
        make.wire_article(headline="Storm hits"),
    )
    late = make.wire_article(headline="Bank raises rates")
    start = group([one, two])
    made = update(known(start), [late], together=[(late.key, one.key), (late.key, two.key)])
    assert len({m.story for m in made}) == 1


def test_the_machine_names_no_two_stories_alike_when_a_founder_is_split_off():
    one = make.wire_article(headline=LINES[0], text="")
    two = make.wire_article(headline=LINES[1], text="")
    index = Index(known(group([one, two])))
    split = index.split(one.key)
    made = {m.article.key: m.story for m in index.members()}
    assert made[one.key] == split != made[two.key]


@given(st.lists(st.sampled_from((*LINES, "Tram line opens", "Storm hits coast")), max_size=8))
@settings(max_examples=25)
def test_what_an_editor_merged_or_split_survives_any_later_arrival_and_nothing_is_lost(lines):
    apart = [make.wire_article(headline=line, text="") for line in LINES]
    merged = [
        make.wire_article(headline="Tram line opens"),
        make.wire_article(headline="Mayor resigns"),
    ]
    later = [make.wire_article(headline=line, text="") for line in lines]
    index = Index(apart=[(apart[0].key, apart[1].key)], together=[(merged[0].key, merged[1].key)])
    for article in (*apart, *merged, *later):
        index.add(article)
    story = {m.article.key: m.story for m in index.members()}
    assert set(story) == {a.key for a in (*apart, *merged, *later)}
    assert story[apart[0].key] != story[apart[1].key]
    assert story[merged[0].key] == story[merged[1].key]


@given(st.randoms())
@settings(max_examples=15)
def test_constraints_hold_afresh_in_any_order(random):
    articles = [
        make.wire_article(headline=line, text="") for line in (*LINES, *LINES, "Storm hits")
    ]
    apart = [(articles[0].key, articles[1].key)]
    together = [(articles[2].key, articles[4].key)]
    made = group(articles, together=together, apart=apart)
    random.shuffle(articles)
    assert group(articles, together=together, apart=apart) == made
    story = {m.article.key: m.story for m in made}
    assert story[apart[0][0]] != story[apart[0][1]]
    assert story[together[0][0]] == story[together[0][1]]


def test_an_article_that_is_here_already_changes_nothing():
    index = Index()
    article = make.wire_article(headline=LINES[0])
    first = index.add(article)
    assert not index.add(article).founded
    assert [m.story for m in index.members()] == [first.story]


def test_a_copy_that_comes_late_is_known_for_one():
    index = Index()
    index.add(make.wire_article(headline="Kiln owner arrested", text=KILN))
    placed = index.add(
        make.wire_article(headline="Former mayor held over kiln", text=" ".join(KILN.split()[:50]))
    )
    assert placed.copy_of


def test_a_story_of_a_past_issue_is_remembered():
    past = group(
        [
            make.wire_article(headline=LINES[0], text="", published=dates.typed("2019-05-03")),
            make.wire_article(headline="Storm hits coast", text=""),
        ]
    )
    now = group(
        [make.wire_article(headline=LINES[1], text=""), make.wire_article(headline="Tram opens")]
    )
    told = {m.article.headline: m.story for m in past}
    new = {m.article.headline: m.story for m in now}
    assert recall(now, past) == {new[LINES[1]]: told[LINES[0]]}


@given(headlines.filter(bool))
@settings(max_examples=15)
def test_a_few_articles_are_compared_as_they_are_among_all(lines):
    """The quick way of the index and the way of a whole month give the same features."""
    corpus = Corpus(
        make.wire_article(headline=line, text=(KILN, BOAT, "")[at % 3])
        for at, line in enumerate(lines)
    )
    whole = Pairs(corpus)
    size = len(corpus)
    counts = [
        np.bincount(rows.matrix(width).indices, minlength=width).astype(float)
        for rows, width in (
            (corpus.headlines, len(corpus.vocabulary.terms)),
            (corpus.bodies, len(corpus.vocabulary.terms)),
            (corpus.pieces, corpus.vocabulary.n_pieces),
        )
    ]
    few = Few(corpus, np.arange(size), Weights.of(corpus, size, *counts), whole.crowd)
    left, right = (each.ravel() for each in np.indices((size, size)))
    assert np.allclose(few.features(left, right), whole.features(left, right), atol=1e-5)


@given(st.lists(st.sets(st.integers(0, 40)), max_size=30), st.integers(1, 5))
@settings(max_examples=25)
def test_posts_are_what_a_dictionary_of_lists_would_be(added, most):
    """Whether what is held waits in a dictionary or stands in the arrays."""
    settled = Posts()
    plain: dict[int, list[int]] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("broadsheet.wire.group.posts.FRESH", 7)
        for at, keys in enumerate(added):
            settled.add(at, np.array(sorted(keys), dtype=np.uint64))
            for key in keys:
                plain.setdefault(key, []).append(at)
            asked = range(0, 41, 3)
            found = settled.last(np.array(asked, dtype=np.uint64), most)
            assert found == [plain.get(key, [])[-most:] for key in asked]


def test_a_story_of_hundreds_is_remembered_by_its_latest_articles_alone():
    """Its pairs with a month like it would be tens of thousands."""
    told, now = (
        [
            Member(
                make.wire_article(headline=line, text=f"{KILN} {n}"),
                f"giant of {month}",
                Role.REPORT,
            )
            for n in range(200)
        ]
        for line, month in ((LINES[0], "May"), (LINES[1], "June"))
    )
    scored = []
    with pytest.MonkeyPatch.context() as patch:
        score = Pairs.score
        patch.setattr(
            Pairs,
            "score",
            lambda self, a, b, join: scored.append(len(a)) or score(self, a, b, join),
        )
        assert recall(now, told) == {"giant of June": "giant of May"}
    assert sum(scored) <= LOOKED_AT**2
