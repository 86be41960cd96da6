"""What stands beside an article's text: pictures, bylines, dates, what kind of page it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import dates
from broadsheet.wire.beat import Beat, load
from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Page
from broadsheet.wire.read import body, detector, naming, picture, read, when
from broadsheet.wire.read import names as signers

TEXT = "".join(
    f"<p>Paragraph {n} of the sample tells at some length what the court in Example City heard from the "
    "fourteen workers that day, and what the ministry answered to them afterwards.</p>"
    for n in range(1, 7)
)


def page(
    inside: str = "", head: str = "", text: str = TEXT, url: str = "https://news.example/a/b"
) -> Page:
    made = (
        "<html><head><title>Fourteen workers freed from a sample factory</title>"
        f"{head}</head><body><article><h1>Fourteen workers freed from a sample factory</h1>{inside}{text}"
        "</article></body></html>"
    )
    return Page(url, made.encode())


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        (
            "Many of the women were sold on. Image credits: AFP, via The Example",
            "Many of the women were sold on.",
            "AFP, via The Example",
        ),
        (
            "The sample factory. Photo: Ada Sample/The Example",
            "The sample factory.",
            "Ada Sample/The Example",
        ),
        ("Die Fabrik. Foto: Ada Muster/dpa", "Die Fabrik.", "Ada Muster/dpa"),
        ("The gate of the factory (AFP)", "The gate of the factory", "AFP"),
        (
            "The gate of the factory (Ada Sample/Reuters)",
            "The gate of the factory",
            "Ada Sample/Reuters",
        ),
        ("The gate at night. © Ada Sample", "The gate at night.", "Ada Sample"),
        ("La fábrica. EFE/ Ada Muestra", "La fábrica.", "EFE/ Ada Muestra"),
        ("L'usine de Villeneuve. ADA EXEMPLE / AFP", "L'usine de Villeneuve.", "ADA EXEMPLE / AFP"),
        ("工廠大門。圖片來源：樣本社", "工廠大門。", "樣本社"),
        ("工場の門＝ＡＰ", "工場の門", "ＡＰ"),
        (
            "Three workers wait at the gate (from left).",
            "Three workers wait at the gate (from left).",
            "",
        ),
        ("In this photo: two workers at the gate", "In this photo: two workers at the gate", ""),
        ("The gate of the sample factory.", "The gate of the sample factory.", ""),
    ],
)
def test_a_caption_is_told_from_its_credit(line: str, caption: str, credit: str) -> None:
    assert picture.split(line) == (caption, credit)


@given(st.text(max_size=300))
def test_splitting_a_caption_invents_no_word(line: str) -> None:
    caption, credit = picture.split(line)
    given_ = picture.reduced(line)
    assert picture.reduced(credit) in given_
    assert len(picture.reduced(caption)) <= len(given_)


def test_a_picture_without_a_credit_has_none() -> None:
    figure = (
        '<figure><img src="/p/gate-of-the-factory.jpg" alt="A gate">'
        "<figcaption>The gate of the factory.</figcaption></figure>"
    )
    image = read(page(figure)).image
    assert image is not None
    assert (image.caption, image.credit, image.alt) == ("The gate of the factory.", None, "A gate")


def test_the_figure_that_shows_the_pages_own_picture_is_read() -> None:
    other = (
        '<figure><img src="/p/someone-else.jpg">'
        "<figcaption>Another thing. Photo: Nobody</figcaption></figure>"
    )
    own = (
        '<figure><img src="/p/gate-of-the-factory-640x480.jpg"><figcaption>The gate.'
        '<span class="credit">Ada Sample</span></figcaption></figure>'
    )
    head = '<meta property="og:image" content="https://news.example/p/gate-of-the-factory.jpg">'
    image = read(page(other + own, head)).image
    assert image is not None
    assert (image.caption, image.credit) == ("The gate.", "Ada Sample")
    assert image.url == "https://news.example/p/gate-of-the-factory.jpg"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Ada Sample and Ben Example, Health Correspondent", ("Ada Sample", "Ben Example")),
        ("Von Ada Muster, Berlin | Ben Beispiel", ("Ada Muster", "Ben Beispiel")),
        ("ADA SAMPLE For The Example Online", ("ADA SAMPLE",)),
        ("Ada Sample <ada@news.example>", ("Ada Sample",)),
        ("Ada van der Muster & Ben O'Sample", ("Ada van der Muster", "Ben O'Sample")),
        ("The Example News Desk", ()),
        ("Staff reporter", ()),
        ("https://news.example/authors/1", ()),
        ("Ada Sample, AFP", ("Ada Sample", "AFP")),
        ("王小明、李大同", ("王小明", "李大同")),
    ],
)
def test_a_byline_gives_the_names_of_people(line: str, names: tuple[str, ...]) -> None:
    assert signers.people([line]) == names


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Agence France-Presse", "AFP"),
        ("(Reuters)", "Reuters"),
        ("dpa", "dpa"),
        ("Ada Sample", None),
    ],
)
def test_an_agency_is_known_by_its_names(line: str, name: str | None) -> None:
    assert signers.agency(line) == name


@pytest.mark.parametrize(
    ("raw", "value", "offset"),
    [
        ("2019-06-21T10:30:00+08:00", "2019-06-21T10:30", "+08:00"),
        ("2019-06-21T10:30:00.000Z", "2019-06-21T10:30", "+00:00"),
        ("Fri, 21 Jun 2019 10:30:00 -0700", "2019-06-21T10:30", "-07:00"),
        ("21. Juni 2019, 10:30 Uhr", "2019-06-21T10:30", None),
        ("June 21, 2019 10:30 pm", "2019-06-21T22:30", None),
        ("21 de junio de 2019", "2019-06-21", None),
        ("2019年6月21日", "2019-06-21", None),
        ("21.06.2019", "2019-06-21", None),
        ("1561084200", "2019-06-21T02:30", "+00:00"),
    ],
)
def test_a_date_is_read_as_exactly_as_it_is_written(
    raw: str, value: str, offset: str | None
) -> None:
    found = when.read(raw, "meta")
    assert found is not None
    assert (found.value, found.offset) == (value, offset)


@pytest.mark.parametrize("raw", ["3/4/2019", "yesterday", "soon", "31.02.2019", ""])
def test_a_date_that_may_be_two_or_none_is_none(raw: str) -> None:
    assert when.read(raw, "meta") is None


def test_what_one_witness_knows_of_a_day_completes_what_another_says() -> None:
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Fourteen workers freed from a '
        'sample factory","datePublished":"2019-06-21"}</script>'
        '<meta property="article:published_time" content="2019-06-21T10:30:00+08:00">'
    )
    published = read(page(head=head)).published
    assert published is not None
    assert (published.value, published.offset, published.basis) == (
        "2019-06-21T10:30",
        "+08:00",
        "meta",
    )


def test_a_day_in_the_address_is_a_date_and_says_its_basis() -> None:
    published = read(page(url="https://news.example/2019/06/21/workers")).published
    assert published is not None
    assert (published.value, published.basis) == ("2019-06-21", "url")


def test_the_minute_after_midnight_in_the_east_is_not_the_future() -> None:
    found = when.read("2019-06-22T06:00:00+08:00", "meta")
    assert found is not None
    assert not when.future(found, datetime(2019, 6, 21, 22, 30, tzinfo=UTC))
    assert when.future(found, datetime(2019, 6, 21, 12, 0, tzinfo=UTC))


def test_ways_to_other_articles_and_calls_to_subscribe_leave_the_text() -> None:
    more = (
        '<p><a href="/x">Another story of the sample paper that is worth a look</a></p>'
        "<p>Read more: A third story that the sample paper printed</p>"
        "<ul><li><a href='/1'>First other story</a></li><li><a href='/2'>Second other story</a></li></ul>"
        "<p>Sign up for our newsletter and get it in your inbox.</p>"
    )
    text = read(page(text=TEXT + more)).text
    assert "Paragraph 6" in text
    for gone in ("Another story", "third story", "First other story", "newsletter"):
        assert gone not in text


def test_a_list_that_belongs_to_the_article_stays() -> None:
    told = (
        "The court named three things:\n- the passports were taken\n- the wages were kept\n- "
        "the doors were locked"
    )
    assert body.clean(told, "A headline") == told


def test_chinese_is_told_by_its_characters() -> None:
    assert naming.language("法院釋放了十四名工人，部長說他們將獲得賠償。" * 3, None) == "zh-Hant"
    assert naming.language("法院释放了十四名工人，部长说他们将获得赔偿。" * 3, "zh") == "zh-Hans"


def linked(author: object, **more: object) -> str:
    node = {"@type": "NewsArticle", "author": author, **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


PERSON = {"@type": "Person", "name": "Ada Sample"}
OUTLET = {"@type": "Organization", "name": "The Example"}
SITE = '<meta property="og:site_name" content="The Example">'


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Associated Press", ("Associated Press",)),
        ({"@type": "Person", "name": "dpa"}, ("dpa",)),
        (OUTLET, ("The Example",)),
        ({"@type": "Person", "name": "Staff Reporter"}, ("Staff Reporter",)),
        ([PERSON, OUTLET], ("Ada Sample", "The Example")),
        ([OUTLET, PERSON, PERSON], ("The Example", "Ada Sample")),
        ([PERSON, {"@type": "Person", "name": "dpa"}], ("Ada Sample", "dpa")),
        ("Ada Sample and Ben Sample, dpa", ("Ada Sample", "Ben Sample", "dpa")),
        ("By Ada Sample, AP Court Writer", ("Ada Sample",)),
        ("Ada Sample, The Example", ("Ada Sample",)),
        ("Example et AFP", ("Example et AFP",)),
        ({"@type": "Person", "name": "Adasample"}, ("Adasample",)),
        ({"@type": "Person", "name": "Ada Court"}, ("Ada Court",)),
        ({"@type": "Person", "name": "De Wet Sample"}, ("De Wet Sample",)),
        ({"@type": "Person", "name": "Ana Muestra y Prueba"}, ("Ana Muestra y Prueba",)),
        ("Ana Muestra y Ben Prueba", ("Ana Muestra", "Ben Prueba")),
        ("admin", ()),
        ("https://news.example/authors/1", ()),
    ],
)
def test_authors_are_those_whom_the_page_lists(author: object, names: tuple[str, ...]) -> None:
    assert read(page(head=SITE + linked(author))).authors == names


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<p class=byline>By Ada Sample</p>", ("Ada Sample",)),
        ('<a href="/people/ben-subject">Ben Subject</a>', ("The Example",)),
        (
            "<p class=byline>By Ada Sample</p><p class=byline>By Ben Sample</p>",
            ("The Example",),
        ),  # which of them wrote this one is not said
    ],
)
def test_a_byline_names_the_person_where_the_outlet_signs(
    inside: str, names: tuple[str, ...]
) -> None:
    assert read(page(inside, head=SITE + linked(OUTLET))).authors == names


@pytest.mark.parametrize(
    ("inside", "head", "names"),
    [
        ("<p class=byline>By Staff Reporter</p>", "", ("Staff Reporter",)),
        ("<span itemprop=author>ex/ada;bsm</span>", "", ("ex/ada", "bsm")),
        ("<p>By Ada Sample</p>", "", ("Ada Sample",)),
        (
            "",
            '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ada Sample">',
            ("Ada Sample",),
        ),
        ("", "", ()),
        ('<a rel=author href="/humans.txt">humans.txt</a>', "", ()),
    ],
)
def test_without_linked_data_the_byline_is_believed(
    inside: str, head: str, names: tuple[str, ...]
) -> None:
    assert read(page(inside, head=SITE + head)).authors == names


# Bylines as papers of many countries print them, without a word of markup for machines.
@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<li><strong>Author</strong> Ada Sample</li>", ("Ada Sample",)),
        ("<li><strong>Autorin/Autor</strong> Ada Muster</li>", ("Ada Muster",)),
        ("<dt>Reporter</dt><dd>Ada Sample, Ben Sample</dd>", ("Ada Sample", "Ben Sample")),
        ("<p>Penulis: Ada Contoh</p>", ("Ada Contoh",)),
        ("<p>文：王小明</p>", ("王小明",)),
        ("<p>文／王小明、李大同</p>", ("王小明", "李大同")),
        ("<li>Von: <span><a href=/x>Ada Muster</a>, </span><span>Ben Muster</span></li>",
         ("Ada Muster", "Ben Muster")),
        ("<span>Ada Örnek &nbsp;|</span> <span>21.06.2019 - 10:30</span>", ("Ada Örnek",)),
        ("<a href=/ada>Ada Sample</a> · <time>21 June</time>", ("Ada Sample",)),
        ("<p>Home / The Example</p>", ()),
        ("<span>Ada Sample</span><time datetime='2019-06-21'>21 June</time>", ("Ada Sample",)),
        ("<span>Sample Town</span><span>has 3,000 people</span>", ()),
        ("<div>(责编：王小明、李大同)</div>", ("王小明", "李大同")),
        ("<p><em>分享让更多人看到</em></p>", ()),
        ("<p>〔記者王小明／台北報導〕法院昨天釋放了十四名工人。</p>", ("王小明",)),
        ("<p>（例社記者王小明台北22日電）法院昨天釋放了十四名工人。</p>", ("王小明",)),
        ("<p>例社北京4月24日电（记者王小明、李大同）法院昨天释放了十四名工人。</p>", ("王小明", "李大同")),
        ("<p>(서울=예시통신) 홍길동 기자 = 법원이 노동자를 석방했다.</p>", ("홍길동",)),
        ("<p>법원이 노동자 열네 명을 석방했다. 홍길동 기자 hong@news.example</p>", ("홍길동",)),
        ("<p>裁判所は十四人を釈放した。【山田太郎】</p>", ("山田太郎",)),
        ("<p>裁判所は十四人を釈放した。【関連記事】</p>", ()),
        ("<p>Reporting by Ada Sample in Hanoi; editing by Ben Sample</p>", ("Ada Sample",)),
        ("<p><strong>ADA SAMPLE</strong></p>", ("ADA SAMPLE",)),
        ("<p><b>相关新闻</b></p>", ()),
        ("<aside><p>By Ada Sample</p></aside>", ()),
        ('<a href="/other">Another story of the day <span>By Ada Sample</span></a>', ()),
        ("<p><em>EX-Redaktion</em></p>", ("EX-Redaktion",)),
        ("<p>By admin - 2019-06-21</p>", ()),
    ],
)  # fmt: skip
def test_a_byline_without_markup_is_read_as_papers_print_it(
    inside: str, names: tuple[str, ...]
) -> None:
    assert read(page(inside, head=SITE)).authors == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("The Example / Sample Daily", ("Sample Daily",)),
        ("(The Example/AFP)", ("AFP",)),
        ("1 / 2", ()),
    ],
)
def test_who_signs_beside_the_outlet_below_the_text_is_read(
    line: str, names: tuple[str, ...]
) -> None:
    assert read(page(text=f"{TEXT}<p>{line}</p>", head=SITE)).authors == names


CARD = (
    "<div class=card><h3>Rain, and what the sample town makes of it, in more words than a byline has, and more "
    "than a line of names with their roles beside a date</h3><a rel=author href=/b>Ben Sample</a></div>"
)


@pytest.mark.parametrize(
    ("inside", "author", "names"),
    [
        # names that share a box sign together, names of other boxes sign other articles
        (
            "<div><a rel=author href=/a>Ada Sample</a><a rel=author href=/b>Ben Sample</a></div>",
            PERSON,
            ("Ada Sample", "Ben Sample"),
        ),
        (
            "<div><a rel=author href=/a>Ada Sample</a></div>" + CARD,
            None,
            ("Ada Sample",),
        ),
        (
            "<div class=author>Ada Sample</div><p>Editor: <a class=author href=/b>Ben Sample</a></p>",
            {"@type": "Person", "name": "Ben Sample"},
            ("Ada Sample",),
        ),
        ("<p>Editor: <a class=author href=/b>Ben Sample</a></p>", {"name": "Ben Sample"}, ("Ben Sample",)),
        ("<div class=authors><a class=author-name>Ada Sample</a><a class=author-name>View all posts</a></div>",
         PERSON, ("Ada Sample",)),
        ("<li><strong>Author</strong> Ada Sample</li>", OUTLET, ("Ada Sample",)),
        ("<a rel='category tag' href=/n>News in brief</a>", {"name": "News in brief"}, ()),
    ],
)  # fmt: skip
def test_who_stands_in_the_box_of_the_byline_signs(
    inside: str, author: object, names: tuple[str, ...]
) -> None:
    head = SITE + (linked(author) if author else "")
    assert read(page(inside, head=head)).authors == names


def test_the_subscription_a_paid_article_belongs_to_is_not_the_article() -> None:
    part = {"@type": ["Product", "NewsArticle"], "name": "The Example", "productID": "example:full"}
    head = SITE + linked(PERSON, headline="Other words than the page has", isPartOf=part)
    assert read(page(head=head + "<title>Fourteen freed: The Example</title>")).authors == (
        "Ada Sample",
    )


def test_the_persons_among_the_authors_can_be_had_alone() -> None:
    authors = ("Ada Sample", "dpa", "Staff Reporter", "AP Sports", "Ben Sample")
    assert signers.people_only(authors) == ("Ada Sample", "Ben Sample")


@given(st.lists(st.text(max_size=80), max_size=5))
def test_no_list_of_authors_breaks_reading_or_holds_a_name_twice(lines: list[str]) -> None:
    found = signers.signed(lines)
    assert len(set(found)) == len(found)
    assert all(name.strip() == name and name for name in found)


def test_a_slogan_is_no_part_of_the_sources_name() -> None:
    head = '<meta property="og:site_name" content="The Example Herald | News, sport and weather">'
    assert read(page(head=head)).source == "The Example Herald"


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<title>Attention Required! | Example</title><p>Please enable cookies.</p>", "blocked"),
        ("<title>Before you continue</title><p>We and our partners store cookies.</p>", "consent"),
        (
            "<title>Page not found</title><p>Sorry, the page you wanted is not here any more.</p>",
            "gone",
        ),
        (
            "<title>The Example</title><h1>Today in the Example</h1><main>"
            + "".join(
                f"<h2><a href='/s/{n}'>A headline of story number {n} today</a></h2>"
                for n in range(60)
            )
            + "</main>",
            "list of links|no text",
        ),
    ],
)
def test_walls_consent_pages_soft_404s_and_lists_are_no_articles(html: str, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        read(Page("https://news.example/x", f"<html><body>{html}</body></html>".encode()))


def test_a_live_blog_is_read_and_named() -> None:
    head = (
        '<script type="application/ld+json">{"@type":"LiveBlogPosting",'
        '"headline":"Fourteen workers freed from a sample factory"}</script>'
    )
    assert any("live blog" in failure for failure in read(page(head=head)).failures)


def test_an_article_about_blocking_is_no_wall() -> None:
    title = "Blocked accounts of a sample bank"
    data = json.dumps({"@type": "NewsArticle", "headline": title})
    head = f'<title>{title}</title><script type="application/ld+json">{data}</script>'
    made = f"<html><head>{head}</head><body><article>{TEXT}</article></body></html>"
    article = read(Page("https://news.example/a", made.encode()))
    assert article.headline == "Blocked accounts of a sample bank"


def beat_with(zone: str) -> Beat:
    shipped = load()
    source = replace(
        shipped.sources[0], name="The Example", url="https://news.example/feed", zone=zone
    )
    return replace(shipped, sources=(source,))


@pytest.mark.parametrize(
    ("zone", "stated", "offset"),
    [
        ("Asia/Hong_Kong", "2019-06-21T10:30", "+08:00"),
        ("Europe/London", "2019-06-21T10:30", "+01:00"),
        ("Europe/London", "2019-12-21T10:30", "+00:00"),
        ("America/Bogota", "2019-12-21T10:30", "-05:00"),
        ("Asia/Kathmandu", "2019-12-21T10:30", "+05:45"),
        ("Asia/Hong_Kong", "2019-06-21T10:30+02:00", "+02:00"),
        ("Europe/London", "2019-10-27T01:30", None),  # that minute came twice
        ("Europe/London", "2019-03-31T01:30", None),  # and that one not at all
        ("Asia/Hong_Kong", "2019-06-21", None),
    ],
)
def test_a_minute_without_offset_has_that_of_the_sources_zone(
    zone: str, stated: str, offset: str | None
) -> None:
    head = f'<meta property="article:published_time" content="{stated}">'
    article = read(page(head=head), beat_with(zone))
    assert article.published is not None
    assert (article.published.offset, article.published.basis) == (offset, "meta")
    said = any("time zone" in failure for failure in article.failures)
    assert said == (offset is not None and "+" not in stated)


@given(st.datetimes(), st.sampled_from(["Asia/Tokyo", "Europe/Dublin", "Asia/Kolkata"]))
def test_a_placed_minute_is_the_same_minute_there(moment: datetime, zone: str) -> None:
    stated = dates.of(moment, basis="meta").value[:16]
    bare = dates.iso(stated, basis="meta")
    assert bare is not None
    placed = when.placed(bare, zone)
    assert placed is not None
    assert placed.value == bare.value


def test_the_updates_of_a_live_blog_are_not_its_article() -> None:
    head = linked(
        PERSON,
        **{
            "@type": "LiveBlogPosting",
            "headline": "Sample trial: as it happens",
            "liveBlogUpdate": [
                {
                    "@type": "BlogPosting",
                    "headline": "A witness of the sample is heard",
                    "articleBody": "Short.",
                    "datePublished": "2019-06-21",
                }
            ],
        },
    )
    assert read(page(head=head)).headline == "Sample trial: as it happens"


def test_a_headline_that_was_cut_is_taken_whole_from_elsewhere() -> None:
    head = linked(PERSON, headline="Fourteen workers freed from a…")
    assert read(page(head=head)).headline == "Fourteen workers freed from a sample factory"


def test_a_model_that_lies_ready_in_a_folder_says_what_the_one_in_memory_says(tmp_path):
    texts = (
        "The court heard that eleven men were held on a farm for three years without pay.",
        "Le tribunal a entendu que onze hommes avaient été retenus dans une ferme.",
        "Суд узнал, что одиннадцать человек удерживали на ферме три года без оплаты.",
    )

    def said(folder):
        detector.keep_in(folder)
        detector.detector.cache_clear()
        return [detector.detector().classify(text) for text in texts]

    before = detector.kept_in()
    try:
        plain = said(None)
        assert [code for code, _ in plain] == ["en", "fr", "ru"]
        assert said(tmp_path) == plain
        (made,) = tmp_path.iterdir()
        made.write_bytes(b"broken")
        assert said(tmp_path) == plain
        assert not list(tmp_path.iterdir())
    finally:
        detector.keep_in(before)
        detector.detector.cache_clear()
