"""Importing: what would happen is shown before, who left stays gone, nothing is guessed."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.mailing import erasing, exporting, imported, importing, subscribing, tables, tidying
from broadsheet.mailing.models import Consent, Import, Subscriber
from tests import make
from tests.mailing.imports import AGREED, look, take

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def states():
    return dict(Subscriber.objects.values_list("address", "state"))


def refused(made):
    with imported.refused(made).open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


# --- files ---------------------------------------------------------------------------------------

NAMES = "姓名;E-Mail\nÄnne Müller;aenne@example.org\n李明;ming@例子.香港\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]
)
def test_a_table_is_read_in_any_encoding(encoding):
    made = take(make.newsletter(), NAMES.encode(encoding), NOW)
    assert set(states()) == {"aenne@example.org", "ming@xn--fsqu00a.xn--j6w193g"}, made.settings


@pytest.mark.parametrize("encoding", ["cp1252", "big5", "shift_jis", "iso-8859-15", "mac-roman"])
def test_names_in_an_old_encoding_do_not_harm_the_addresses(encoding):
    table = "Nom,Courriel\nRené,rene@example.org\nZoë,zoe@example.org\n".encode(encoding, "replace")
    take(make.newsletter(), table, NOW)
    assert set(states()) == {"rene@example.org", "zoe@example.org"}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_table_is_read_with_any_separator_and_line_end(separator, ending):
    rows = [("name", "email"), ("Ann", "ann@example.org"), ("Ben", "ben@example.org")]
    take(make.newsletter(), ending.join(separator.join(row) for row in rows), NOW)
    assert set(states()) == {"ann@example.org", "ben@example.org"}


@pytest.mark.parametrize(
    "table",
    [
        "ann@example.org",
        "ann@example.org\nann@example.org",
        "\n\n  \nEmail\n\nann@example.org\n",
        "Address,Contact\n1 Main Street,ann@example.org\n",  # a street is not the address
        '"E-mail"\n"Ann <ann@example.org>"\n',
        "name\temail\n\tann@example.org\n",
    ],
)
def test_the_column_of_addresses_is_found(table):
    take(make.newsletter(), table, NOW)
    assert list(states()) == ["ann@example.org"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"name,town\nAnn,Lund\n", "No column holds mail addresses"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04 broken", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data, says):
    made = look(make.newsletter(), data, NOW)
    assert made.state == "failed"
    assert says in made.problem
    assert not imported.upload(made).exists()


def _zip(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return packed.getvalue()


def test_a_spreadsheet_is_told_from_a_zip_of_tables():
    data = _zip(**{"[Content_Types].xml": "", "xl/workbook.xml": ""})
    assert "spreadsheet" in look(make.newsletter(), data, NOW).problem


def test_a_quote_that_never_ends_costs_no_more_than_its_row():
    table = "email\nann@example.org\n" + '"' + "x" * 200_000 + "\nben@example.org\n"
    made = look(make.newsletter(), table, NOW)
    assert made.counts["new"] >= 1
    assert made.counts["refused"] >= 1


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_rows_or_a_reason(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("table") / "upload"
    path.write_bytes(data)
    try:
        found = tables.tables(path)
    except tables.TableError as error:
        reason = str(error)
        assert reason
        return
    for table in found:
        for _line, row in table.rows():
            assert isinstance(row, list)


# --- Mailchimp -----------------------------------------------------------------------------------

_MC = '"Email Address","First Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP'
MAILCHIMP = {
    "subscribed_members_export_1a2b.csv": f'{_MC},LANGUAGE,LEID\nann@example.org,Ann,2,,,"2020-03-04 05:06:07",192.0.2.1,th,1\n'
    'both@example.org,Bo,2,,,"2020-03-04 05:06:07",192.0.2.1,,2\n',
    "unsubscribed_members_export_1a2b.csv": f'{_MC},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\nben@example.org,Ben,2,,,,,"2021-01-02 03:04:05",News,"NO_LONGER"\n'
    'both@example.org,Bo,2,,,,,"2021-01-02 03:04:05",News,"NO_LONGER"\n',
    "cleaned_members_export_1a2b.csv": f'{_MC},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\ncleo@example.org,Cleo,2,,,,,"2021-05-06 07:08:09",News\n',
    "nonsubscribed_members_export_1a2b.csv": f"{_MC}\ndora@example.org,Dora,2,,,,\n",
}


def test_a_mailchimp_export_comes_with_its_states_times_and_consent_labelled_as_elsewhere(form):
    made = take(form.newsletter, _zip(**MAILCHIMP), NOW, "audience_export_1a2b.zip")
    assert states() == {
        "ann@example.org": "active",
        "ben@example.org": "unsubscribed",
        "both@example.org": "unsubscribed",
        "cleo@example.org": "bounced",
    }
    ann = Subscriber.objects.get(address="ann@example.org")
    assert (ann.basis, ann.language) == ("elsewhere", "th")
    assert ann.consented == datetime(2020, 3, 4, 5, 6, 7, tzinfo=UTC)
    ben = Subscriber.objects.get(address="ben@example.org")
    assert ben.left == datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC)
    consent = Consent.objects.get()
    assert (consent.basis, consent.words.text) == ("elsewhere", AGREED)
    assert "elsewhere" in consent.how
    assert made.counts == {
        "rows": 6, "read": 5, "new": 1, "add_left": 2, "add_bounced": 1, "never": 1, "doubles": 1,
    }  # fmt: skip
    assert [row[1] for row in refused(made)] == ["dora@example.org"]


@pytest.mark.parametrize("name", sorted(MAILCHIMP))
def test_each_of_its_files_alone_is_known_by_its_name_or_columns(form, name):
    wanted = {"subscribed": "active", "unsubscribed": "unsubscribed", "cleaned": "bounced"}
    take(form.newsletter, MAILCHIMP[name], NOW, name)
    assert set(states().values()) == {wanted.get(name.partition("_")[0])} - {None}


def test_the_name_of_a_file_that_was_renamed_is_not_needed(form):
    take(form.newsletter, MAILCHIMP["unsubscribed_members_export_1a2b.csv"], NOW, "list.csv")
    assert set(states().values()) == {"unsubscribed"}


def test_a_column_of_states_is_believed():
    made = take(
        make.newsletter(),
        "email,status\na@example.org,enabled\nb@example.org,Unsubscribed\nc@example.org,bounced\n"
        "d@example.org,blocklisted\ne@example.org,pending\nf@example.org,what\ng@example.org,spam\n",
        NOW,
    )
    assert states() == {
        "a@example.org": "active",
        "b@example.org": "unsubscribed",
        "c@example.org": "bounced",
        "d@example.org": "unsubscribed",
        "g@example.org": "complained",
    }
    assert made.counts["never"] == 2


def test_what_the_editor_says_holds_where_the_file_does_not_tell():
    take(make.newsletter(), "a@example.org", NOW, says="left")
    assert states() == {"a@example.org": "unsubscribed"}


def test_a_date_that_could_be_two_is_not_guessed():
    take(make.newsletter(), "email,confirm_time\na@example.org,03/04/2019\n", NOW)
    assert Subscriber.objects.get().consented == NOW


# --- who is here already -------------------------------------------------------------------------


def _people(newsletter):
    make.subscriber("active@example.org", basis="elsewhere")
    make.subscriber("own@example.org")
    make.subscriber("gone@example.org", state="unsubscribed", left=NOW)
    make.subscriber("angry@example.org", state="complained", left=NOW)
    make.subscriber("bounced@example.org", state="bounced")
    make.subscriber("asked@example.org", state="pending", basis="", consented=None)
    make.subscriber("erased@example.org")
    erasing.erase("erased@example.org", NOW)


EVERYBODY = (
    "email\nactive@example.org\nown@example.org\ngone@example.org\nangry@example.org\n"
    "bounced@example.org\nasked@example.org\nerased@example.org\nnew@example.org\nNEW@example.org\nno address\n"
)


def test_the_preview_says_what_will_happen_and_then_it_happens(django_assert_max_num_queries):
    newsletter = make.newsletter()
    _people(newsletter)
    before = states()
    made = look(newsletter, EVERYBODY, NOW)
    assert made.counts == {
        "rows": 10, "read": 9, "doubles": 1, "refused": 1, "known": 2, "gone": 2, "bounced": 1,
        "suppressed": 1, "new": 2,
    }  # fmt: skip
    assert states() == before, "a preview changes nothing"
    assert {row[1]: bool(row[2]) for row in refused(made)} == dict.fromkeys(
        ["no address", "gone@example.org", "angry@example.org", "bounced@example.org", "erased@example.org"],
        True,
    )  # fmt: skip
    importing.agree(made, AGREED, NOW)
    assert list(importing.take(made, NOW)) == [8]
    made.refresh_from_db()
    assert made.settings["taken"] == {
        k: v for k, v in made.counts.items() if k not in ("rows", "read", "doubles", "refused")
    }
    now = states()
    assert now["new@example.org"] == now["asked@example.org"] == "active"
    assert now["gone@example.org"] == "unsubscribed"
    assert now["angry@example.org"] == "complained"
    assert now["bounced@example.org"] == "bounced"
    assert "erased@example.org" not in now


def test_who_left_there_leaves_here_unless_they_confirmed_here_since():
    newsletter = make.newsletter()
    make.subscriber("ann@example.org", basis="elsewhere")
    make.subscriber("own@example.org")
    make.subscriber("since@example.org")
    made = take(
        newsletter,
        "email,unsub_time\nann@example.org,\nown@example.org,2026-01-01\nsince@example.org,2018-01-01\n",
        NOW,
    )
    assert made.counts["leave"] == 2
    assert made.counts["came_back"] == 1
    assert states() == {
        "ann@example.org": "unsubscribed",
        "own@example.org": "unsubscribed",
        "since@example.org": "active",
    }


def test_the_same_file_twice_changes_nothing():
    newsletter = make.newsletter()
    take(newsletter, EVERYBODY, NOW)
    before = list(Subscriber.objects.values())
    take(newsletter, EVERYBODY, LATER)
    assert list(Subscriber.objects.values()) == before
    assert Consent.objects.count() == len(before)


def test_who_leaves_between_preview_and_import_stays_gone():
    newsletter = make.newsletter()
    made = look(newsletter, "email\nann@example.org\n", NOW)
    one = make.subscriber("ann@example.org", basis="elsewhere")
    subscribing.unsubscribe(one, NOW, "one click")
    importing.agree(made, AGREED, NOW)
    list(importing.take(made, NOW))
    assert states() == {"ann@example.org": "unsubscribed"}


def test_an_import_that_was_killed_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 3)
    newsletter = make.newsletter()
    made = look(newsletter, "email\n" + "".join(f"a{n}@example.org\n" for n in range(10)), NOW)
    importing.agree(made, AGREED, NOW)
    going = importing.take(made, NOW)
    assert next(going) == 3
    going.close()
    made = Import.objects.get()
    assert (made.state, Subscriber.objects.count()) == ("taking", 3)
    assert list(importing.take(made, NOW)) == [6, 9, 10]
    assert (Subscriber.objects.count(), Consent.objects.count()) == (10, 10)
    assert Import.objects.get().settings["taken"] == {"new": 10}


def test_a_job_that_is_done_twice_does_no_harm_and_a_lost_file_is_told():
    newsletter = make.newsletter()
    made = take(newsletter, "email\nann@example.org\n", NOW)
    importing.look(made, LATER)
    assert list(importing.take(made, LATER)) == []
    assert Import.objects.get().state == "done"
    lost = look(newsletter, "email\nben@example.org\n", NOW)
    importing.agree(lost, AGREED, NOW)
    imported.rows(lost).unlink()
    assert list(importing.take(lost, NOW)) == []
    lost.refresh_from_db()
    assert (lost.state, "Upload it again" in lost.problem) == ("failed", True)


def test_a_dropped_import_stops_and_its_file_goes(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 3)
    made = look(
        make.newsletter(), "email\n" + "".join(f"a{n}@example.org\n" for n in range(10)), NOW
    )
    importing.agree(made, AGREED, NOW)
    going = importing.take(made, NOW)
    next(going)
    importing.drop(made, NOW)
    assert list(going) == []
    assert Subscriber.objects.count() == 3
    assert not imported.upload(made).exists()


def test_nobody_is_taken_without_the_words_they_agreed_to():
    made = look(make.newsletter(), "email\nann@example.org\n", NOW)
    with pytest.raises(tables.TableError, match="to what"):
        importing.agree(made, " ", NOW)


def test_the_files_of_imports_are_let_go():
    made = take(make.newsletter(), "email\nann@example.org\nwrong\n", NOW)
    assert not imported.upload(made).exists()
    assert refused(made)
    tidying.tidy(NOW + timedelta(days=8))
    assert not (imported.refused(made)).exists()


def test_the_erased_go_out_of_the_refused_rows_too():
    newsletter = make.newsletter()
    make.subscriber("ann@example.org", state="bounced")
    made = look(newsletter, "email\nAnn@example.org\nwrong\n", NOW)
    assert len(refused(made)) == 2
    erasing.erase("ann@example.org", NOW)
    assert [row[1] for row in refused(made)] == ["wrong"]


# --- exporting -----------------------------------------------------------------------------------


def test_what_is_exported_comes_back_with_its_wishes_as_consent_given_elsewhere(form):
    make.subscriber("ann@example.org", language="th", wants="link", discreet=True)
    make.subscriber("ben@example.org", state="unsubscribed", left=NOW)
    make.subscriber("rests@example.org", state="paused")
    make.subscriber("=cmd@example.org")
    table = "".join(exporting.as_csv(form.newsletter))
    assert "'=cmd@example.org" in table, "no spreadsheet takes it for a formula"
    other = make.newsletter(name="Another")
    other_form = type(form).objects.create(newsletter=other, languages=["th"])
    take(other_form.newsletter, table, NOW)
    ann = Subscriber.objects.get(newsletter=other, address="ann@example.org")
    assert (ann.language, ann.wants, ann.discreet, ann.basis) == ("th", "link", True, "elsewhere")
    assert (
        Subscriber.objects.get(newsletter=other, address="ben@example.org").state == "unsubscribed"
    )
    assert Subscriber.objects.filter(newsletter=other, address="=cmd@example.org").exists()
    rests = Subscriber.objects.get(newsletter=other, address="rests@example.org")
    assert (rests.state, rests.consents.count()) == ("paused", 1), "their own wish goes along"


def test_an_export_asks_a_fixed_number_of_questions(django_assert_num_queries):
    newsletter = make.newsletter()
    for _ in range(5):
        make.subscriber()
    with django_assert_num_queries(2):
        assert len(list(exporting.as_csv(newsletter))) == 6
