"""Claims held against documents: what supports them, what contradicts them, and what must never seem to."""

import json
import re
from pathlib import Path

import pytest
from fakes import FakeReader, answerer, document
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pytest import CaptureFixture, MonkeyPatch
from test_bot_cli import alone, give, index, refused  # noqa: F401 - fixtures

from bot.answering.answerer import Answerer
from bot.answering.answers import Question
from bot.checking.alignment import Claim, align
from bot.checking.claims import Checker, Relation, Status, Verdict
from bot.checking.replies import Reply, asked_for
from bot.cli import main
from bot.contract import read_claim, verdict_json
from bot.discord.verdict import verdict_page
from bot.english.voices import VoiceKind
from embeddings.building.indexing import build
from embeddings.encoding.sentence_encoder import SentenceEncoder
from embeddings.errors import BadRequest
from embeddings.searching.retrieval import Filters
from embeddings.splitting.passages import Span
from embeddings.storing import generations

S, C, D, N = Status
DOCUMENTS = [
    document(
        "harbour",
        "On Friday the governor sent 2,000 soldiers to Oslo. The harbour of Oslo was closed on Saturday. "
        "Anna Berg did not sign the treaty. The mill was built by Erik Dahl in 1912. "
        "The council plans to open two schools in Bergen. "
        "According to the port authority, 300 boats were damaged.",
        "The week in Oslo",
        "2025-06-07",
    ),
    document(
        "later",
        "By Monday the governor had sent 4,000 soldiers to Oslo. "
        "The minister said that the bridge was unsafe. The account calls the minister's claim false.",
        "Soldiers in the city",
        "2025-06-10",
    ),
    document("bread", "Bread is baked of flour, water, salt and yeast. It rises overnight.", "Bread"),
]


def check(claim: str, *documents: str, reader: bool = False) -> Verdict:
    checker = Checker(answerer(DOCUMENTS, reader=FakeReader() if reader else None))
    return checker.check(Question(claim, Filters(documents)))


@pytest.mark.parametrize("reader", [False, True])
@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("The harbour of Oslo was closed on Saturday.", S),
        ("Oslo's harbour was closed on Saturday.", S),
        ("The harbour of Oslo was closed on Sunday.", C),
        ("The harbour of Bergen was closed on Saturday.", N),
        ("The harbour of Oslo was not closed on Saturday.", C),
        ("Anna Berg signed the treaty.", C),
        ("Anna Berg did not sign the treaty.", S),
        ("Erik Dahl built the mill in 1912.", S),
        ("Erik Dahl built the mill in 1913.", C),
        ("The mill built Erik Dahl in 1912.", N),
        ("The council opened two schools in Bergen.", N),
        ("The council plans to open two schools in Bergen.", S),
        ("The council plans to open five schools in Bergen.", C),
        ("The governor sent 2,000 soldiers to Oslo.", D),
        ("The governor sent 7,000 soldiers to Oslo.", C),
        ("The port authority said that 300 boats were damaged.", S),
        ("The port authority said that 500 boats were damaged.", C),
        ("300 boats were damaged.", N),
        ("Bread is baked of flour and water.", S),
        ("Bread is baked of sand and water.", N),
        ("A comet was seen over Trondheim.", N),
    ],
)
def test_a_claim_is_held_against_what_the_documents_say(claim: str, status: Status, reader: bool):
    assert check(claim, reader=reader).status is status


def test_statements_are_exact_quotations_that_say_what_they_do_to_the_claim():
    verdict = check("The governor sent 2,000 soldiers to Oslo.")
    assert [(one.relation, one.statement.citation.quote) for one in verdict.findings] == [
        (Relation.SUPPORTS, "On Friday the governor sent 2,000 soldiers to Oslo."),
        (Relation.CONTRADICTS, "By Monday the governor had sent 4,000 soldiers to Oslo."),
    ]
    statement = verdict.findings[1].statement
    assert statement.highlight is not None
    assert statement.citation.quote[slice(*statement.highlight)] == "4,000"
    assert [citation.number for citation in verdict.citations] == [1, 2]
    assert verdict.searched.addressing == ("harbour", "later")
    assert not verdict.nearest and verdict.why is None


def test_only_the_documents_asked_for_are_looked_at():
    assert check("The governor sent 2,000 soldiers to Oslo.", "harbour").status is S
    assert check("The governor sent 2,000 soldiers to Oslo.", "later").status is C
    assert check("The governor sent 2,000 soldiers to Oslo.", "bread").status is N


def test_what_only_somebody_claims_is_no_fact_and_the_verdict_says_whose_claim_it_is():
    verdict = check("300 boats were damaged.")
    assert verdict.status is N and not verdict.findings
    assert verdict.why == "Only claimed by the port authority; no source says so in its own words."
    assert verdict.nearest[0].quote == "According to the port authority, 300 boats were damaged."


def test_that_somebody_claims_it_is_a_fact():
    verdict = check("The minister said that the bridge was unsafe.")
    assert verdict.status is S
    assert verdict.findings[0].statement.voice.kind is VoiceKind.SPEAKER


def test_a_claim_that_the_document_rejects_is_disputed():
    verdict = check("The bridge was unsafe.")
    assert verdict.status is D
    assert [one.statement.citation.quote for one in verdict.findings if one.relation is Relation.CONTRADICTS] == [
        "The account calls the minister's claim false."
    ]


def test_the_nearest_passages_and_what_they_lack_are_named():
    verdict = check("The harbour of Oslo was painted on Saturday.")
    assert verdict.status is N
    assert verdict.nearest[0].quote == "The harbour of Oslo was closed on Saturday."


def test_names_are_given_whole_where_it_is_said_why():
    verdict = check("Karin Berg was closed on Saturday in the harbour of Oslo.")
    assert verdict.why is not None and "Karin Berg" in verdict.why


def test_a_word_that_comes_near_counts_only_where_the_reader_agrees():
    assert check("The harbour of Oslo was shuttered on Saturday.").status is N
    assert check("The minister cautioned that the bridge was unsafe.").status is N


@pytest.mark.parametrize(
    ("claim", "sentence", "complete"),
    [
        ("He sold the farm.", "He sold the farm.", True),
        ("Smith sold the farm.", "Jones said that Smith sold the farm.", True),
        ("Jones sold the farm.", "Jones said that Smith sold the farm.", False),
        ("Jones sold the farm.", "Jones criticised Smith's sale of the farm.", False),
        ("Police attacked the crowd.", "The crowd attacked police.", False),
        ("The crowd was attacked.", "The crowd attacked police.", False),
        ("The crowd was attacked by police.", "Police attacked the crowd.", True),
        ("Paris is larger than Rome.", "Rome is larger than Paris.", False),
        ("The FBI raided the office.", "The Federal Bureau of Investigation (FBI) raided the office.", True),
        ("The office was raided.", "The office may be raided.", False),
        ("The office was raided.", "The mayor ordered police to raid the office.", False),
        ("No Limits is a band.", "No Limits is a band.", True),
        ("There were thousands of boats.", "There were 4,000 boats.", True),
        ("There were 4,000 boats.", "There were thousands of boats.", False),
        ("There were more than 4,000 boats.", "There were more than 5,000 boats.", False),
        ("There were fewer than 4,000 boats.", "There were more than 4,000 boats.", False),
        ("There were 4,000 boats.", "There were 4,000 sailors and 12 boats.", False),
        ("The train leaves on Monday.", "The train leaves on Tuesday.", False),
    ],
)
def test_every_word_has_to_say_the_same_of_the_same(claim: str, sentence: str, complete: bool):
    assert align(Claim.of(claim), sentence).complete is complete


BRALEY = "Rep. Bruce Braley met Sen. Chuck Grassley in Ames. Braley ran for office."


def test_a_name_that_a_document_gives_once_is_that_of_its_surname():
    claim = Claim.of("Bruce Braley ran for office.")
    assert align(claim, "Braley ran for office.", claim.called_in(BRALEY)).complete
    assert not align(claim, "Braley ran for office.").complete
    assert not align(claim, "Grassley ran for office.", claim.called_in(BRALEY)).complete
    assert not claim.called_in(f"{BRALEY} His brother, Karl Braley, did not."), "it may be either"
    assert not Claim.of("Karl Braley ran for office.").called_in(BRALEY)
    assert align(Claim.of("Senator Grassley ran."), "Sen. Grassley ran.").complete


def test_what_is_alleged_is_not_so():
    claim = Claim.of("Lee sold it.")
    assert align(claim, "There are bombshell allegations that the young harbour master Lee sold the bridge.").doubts


def test_a_document_in_another_language_supports_nothing():
    harbour = document("de", "Der Hafen ist nicht offen.", language="de")
    claim = Question("Der Hafen ist offen.")

    assert not Checker(answerer([*DOCUMENTS, harbour])).check(claim).findings


SUPPORTED = [
    "The governor sent 2,000 soldiers to Oslo.",
    "Erik Dahl built the mill in 1912.",
    "The council plans to open two schools in Bergen.",
    "The port authority said that 300 boats were damaged.",
]
NUMBER = re.compile(r"\d+(?:,\d+)*|\btwo\b")
ASKED = Checker(answerer(DOCUMENTS))


@example("The council plans to open two schools in Bergen.", 4, "more than ")
@example("The council plans to open two schools in Bergen.", 4, "up to ")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SUPPORTED), st.integers(0, 10**7), st.sampled_from(["", "more than ", "about ", "up to "]))
def test_another_number_is_never_supported(claim: str, number: int, how: str):
    found = NUMBER.search(claim)
    assert found
    before = 2 if found[0] == "two" else int(found[0].replace(",", ""))
    assume(number != before and (before, number) != (2000, 4000))
    changed = f"{claim[: found.start()]}{how}{number:,}{claim[found.end() :]}"
    relations = [finding.relation for finding in ASKED.check(Question(changed)).findings]
    assert Relation.SUPPORTS not in relations


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_another_name_is_never_supported(data: st.DataObject):
    claim = data.draw(st.sampled_from(SUPPORTED))
    names = re.findall(r"\b(?:Oslo|Erik|Dahl|Bergen)\b", claim)
    assume(names)
    other = data.draw(st.sampled_from(["Anna", "Berg", "Trondheim", "Ingrid", "Monday", "Voss", "Oslo", "Bergen"]))
    name = data.draw(st.sampled_from(names))
    assume(name != other)
    verdict = ASKED.check(Question(claim.replace(name, other)))
    assert Relation.SUPPORTS not in [finding.relation for finding in verdict.findings]


@pytest.mark.parametrize("claim", SUPPORTED)
def test_the_opposite_is_never_supported(claim: str):
    for verb, denied in (
        ("sent", "did not send"),
        ("built", "never built"),
        ("plans", "does not plan"),
        ("were", "were not"),
    ):
        if f" {verb} " in claim:
            verdict = ASKED.check(Question(claim.replace(verb, denied)))
            assert Relation.SUPPORTS not in [finding.relation for finding in verdict.findings]


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=80), st.text(max_size=80))
def test_any_text_can_be_compared(claim: str, sentence: str):
    read = Claim.of(claim)
    assert 0 <= align(read, sentence, read.called_in(sentence)).share <= 1
    assert all(claimed in claim for _, claimed in asked_for(read))


@pytest.mark.parametrize(
    ("claimed", "is_date"),
    [("2016", True), ("17 May", True), ("$60 million", False), ("2,016 people", False), ("61", False)],
)
def test_a_number_that_says_when_is_a_date(claimed: str, is_date: bool):
    """What happened then may be anything, so a sentence that gives it does not bear out a claim by that alone."""
    assert Reply(claimed, claimed, Span(0, 1), same=True).is_date is is_date


def test_the_json_is_that_of_an_answer_with_the_relation_of_each_statement():
    row = verdict_json(check("The governor sent 2,000 soldiers to Oslo."), 7)
    assert row["id"] == 7
    assert row["question"] == "The governor sent 2,000 soldiers to Oslo."
    assert row["status"] == "disputed"
    assert [said["relation"] for said in row["statements"]] == ["supports", "contradicts"]
    assert [cited["number"] for cited in row["citations"]] == [said["citation"] for said in row["statements"]]
    assert row["nearest"] == [] and row["why"] is None and row["disagreements"] == []
    silent = verdict_json(check("A comet was seen over Trondheim."))
    assert silent["status"] == "not_found"
    assert silent["statements"] == silent["citations"] == [] and silent["nearest"]
    assert set(row) == set(silent)


@pytest.mark.parametrize("row", [{}, {"claim": None}, {"claim": 3}, {"question": "Who?"}])
def test_a_row_without_a_claim_is_refused(row: dict[str, object]):
    with pytest.raises(BadRequest, match='an object with a "claim"'):
        read_claim(row)


@pytest.mark.parametrize(
    "claim", ["The governor sent 2,000 soldiers to Oslo.", "300 boats were damaged.", "A comet fell."]
)
def test_a_verdict_fits_into_a_message(claim: str):
    page = verdict_page(check(claim))
    text = page.head + page.foot + "".join("".join(entry.texts) for entry in page.entries)
    assert page.entries and len(text) <= 4000


# --- the command line, with the real model ---------------------------------------------------------

FERRY = "The ferry Aurora carried 2,000 passengers to Bergen."


@pytest.mark.slow
def test_check_in_json(index: Path, capsys: CaptureFixture[str], monkeypatch: MonkeyPatch):  # noqa: F811
    monkeypatch.setenv("FOOTNOTE_READER", "no")
    assert main(["check", FERRY, "--json", "--index", str(index), "--document", "aurora"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["status"] == "supported"
    assert row["statements"][0]["quote"] == "On Saturday the ferry Aurora carried 2,000 passengers to Bergen."
    assert row["searched"]["documents"] == 1
    assert main(["check", FERRY.replace("2,000", "9,000"), "--index", str(index)]) == 0
    assert "The documents contradict this." in capsys.readouterr().out


@pytest.mark.slow
def test_a_batch_of_claims_is_checked_line_by_line(
    index: Path,  # noqa: F811
    capsys: CaptureFixture[str],
    monkeypatch: MonkeyPatch,
):
    monkeypatch.setenv("FOOTNOTE_READER", "no")
    rows = [{"id": 1, "claim": FERRY, "documents": ["aurora"]}, {"id": "x"}, {"id": 3, "claim": "A comet fell."}]
    give(monkeypatch, "\n".join(map(json.dumps, rows)))
    assert main(["check", "--batch", "-", "--index", str(index)]) == 2
    out = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in out] == [1, "x", 3]
    assert [row.get("status") for row in out] == ["supported", None, "not_found"]
    assert out[1]["error"] == 'The line is not an object with a "claim".'


@pytest.mark.parametrize("arguments", [[], ["A claim.", "--batch", "-"], ["--batch", "-", "--document", "a"]])
def test_what_check_refuses(arguments: list[str], capsys: CaptureFixture[str]):
    assert main(["check", *arguments]) == 2
    assert refused(capsys)


# --- the notes that ship, with the reader that ships -----------------------------------------------

CLAIMS: list[tuple[str, str, tuple[Status, ...]]] = [
    ("Trump deployed 700 Marines and 4,000 National Guard troops.", "true", (S, D)),
    ("Donald Trump sent the National Guard to Los Angeles.", "true", (S,)),
    ("California has filed a lawsuit over the National Guard.", "true", (S,)),
    ("Governor Gavin Newsom called the deployment of the National Guard deliberate incitement.", "true", (S,)),
    ("Mayor Karen Bass said the overnight curfew in Los Angeles would be extended.", "true", (S,)),
    ("ICE agents had made 650 arrests a day on average.", "true", (S,)),
    ("Stephen Miller said that ICE agents aim to make at least 3,000 arrests a day.", "true", (S,)),
    ("The White House aims to deport one million people in the first year of Trump's second term.", "true", (S,)),
    ("According to the ACLU, more than 5 million people took part in the protests.", "true", (S,)),
    ("In Chicago there were 75,000 protesters.", "true", (S,)),
    ("200,000 people protested in Los Angeles.", "true", (S,)),
    ("Los Angeles stayed largely calm on Sunday.", "true", (S,)),
    ("Eyewitnesses said that officers used tear gas and flashbang grenades in Los Angeles.", "true", (S,)),
    ("Trump compared migration to weapons of mass destruction.", "true", (S,)),
    ("People protested in all 50 states.", "true", (S,)),
    ("Remigration is a popular term in Europe.", "true", (S,)),
    ("Election experts widely reject the allegation that undocumented immigrants vote in large numbers.", "true", (S,)),
    ("Local authorities disagreed with the decision to send National Guard troops.", "true", (S,)),
    ("Stephen Miller has shaped much of Trump's immigration agenda.", "true", (S,)),
    ("National Guard troops began to arrive in California on Sunday.", "true", (S,)),
    ("Trump wrote that order will be restored.", "true", (S,)),
    ("California's lawsuit is before the federal courts.", "true", (S,)),
    ("Los Angeles, New York City and Chicago are sanctuary cities.", "true", (S,)),
    ("The Department of Homeland Security said a federal building in Los Angeles had been attacked.", "true", (S,)),
    ("The prosecutor's office in California said more than a dozen protesters were under arrest.", "true", (S,)),
    ("Trump deployed 900 Marines to Los Angeles.", "number", (C, N)),
    ("In Chicago there were 95,000 protesters.", "number", (C,)),
    ("In Los Angeles, 20,000 protesters turned out against Donald Trump.", "number", (C,)),
    ("ICE agents had made 950 arrests a day on average.", "number", (C,)),
    ("The White House aims to deport 3 million people in the first year of Trump's second term.", "number", (C,)),
    ("According to the ACLU, more than 8 million people took part in the protests.", "number", (C, N)),
    ("People protested in all 40 states.", "number", (C, N)),
    ("Trump decided to send 6,000 National Guard troops.", "number", (C,)),
    ("The protests took place at more than 5,000 locations, according to the ACLU.", "number", (C, N)),
    ("Stephen Miller has said that ICE agents aim to make at least 300 arrests a day.", "number", (C, N)),
    ("Gavin Newsom deployed the National Guard.", "actor", (C, N)),
    ("Gavin Newsom sent the National Guard to Los Angeles.", "actor", (C, N)),
    ("Texas has filed a lawsuit over the National Guard.", "actor", (C, N)),
    ("Mayor Gavin Newsom said that the overnight curfew in Los Angeles would be extended.", "actor", (C, N)),
    ("Pam Bondi has shaped much of Donald Trump's immigration agenda.", "actor", (C, N)),
    ("According to the FBI, more than 5 million people took part in the protests.", "actor", (C, N)),
    ("Karen Bass called the deployment of the National Guard deliberate incitement.", "actor", (C, N)),
    ("Kristi Noem wrote that order will be restored.", "actor", (C, N)),
    ("Police officers said that eyewitnesses in Los Angeles used flashbang grenades and tear gas.", "actor", (C, N)),
    ("Donald Trump's military birthday parade had larger crowds than Los Angeles and Chicago.", "actor", (C, N)),
    ("Donald Trump sent the National Guard to Chicago to put down protests.", "place", (C, N)),
    ("Chicago stayed largely calm on Sunday.", "place", (C, N)),
    ("The overnight curfew in New York would be extended, Karen Bass said.", "place", (C, N)),
    ("In New York City there were 75,000 protesters.", "place", (C, N)),
    ("National Guard troops started to arrive in Texas on Sunday.", "place", (C, N)),
    ("Remigration is a popular term in Asia.", "place", (C, N)),
    ("A handful of demonstrators marched outside the White House before the curfew.", "place", (C, N)),
    ("National Guard troops started to arrive in California on Tuesday.", "date", (C, N)),
    ("A further ICE raid in Los Angeles set off fierce protests on Monday.", "date", (C, N)),
    ("The administration has detained numerous workers in mining, farming and hospitality.", "noun", (C, N)),
    ("Officers in Los Angeles used water cannon and tear gas, eyewitnesses said.", "noun", (C, N)),
    ("California has not filed a lawsuit over the National Guard.", "negated", (C,)),
    ("Donald Trump did not send the National Guard to Los Angeles.", "negated", (C,)),
    ("Los Angeles did not stay calm on Sunday.", "negated", (C,)),
    ("Local authorities agreed with the decision of Donald Trump to send National Guard troops.", "negated", (C,)),
    ("Stephen Miller has not shaped Donald Trump's immigration agenda.", "negated", (C,)),
    ("Los Angeles, New York City and Chicago are not sanctuary cities.", "negated", (C,)),
    ("Evidence exists of widespread voting fraud by undocumented immigrants.", "negated", (C, D)),
    ("Local and state authorities wanted Donald Trump to deploy the National Guard troops.", "negated", (C,)),
    ("Election experts accept the allegation that undocumented immigrants vote in large numbers.", "negated", (C,)),
    ("More than 5 million people took part in the protests.", "voiced", (N,)),
    ("ICE officers regularly face violence and harassment.", "voiced", (N,)),
    ("Los Angeles has been invaded and occupied by illegal aliens and criminals.", "voiced", (N,)),
    ("A building of federal law enforcement in Los Angeles had been attacked.", "voiced", (N,)),
    ("Democrats hate our country.", "voiced", (N,)),
    ("Undocumented immigrants vote in large numbers.", "rejected", (C, D)),
    ("The White House deported 1 million people.", "aim", (N, C)),
    ("ICE agents make at least 3,000 arrests a day.", "aim", (N, C)),
    ("The Supreme Court ruled on the National Guard deployment.", "absent", (N,)),
    ("Three protesters were killed in Los Angeles.", "absent", (N,)),
    ("Trump imposed tariffs on Canadian steel.", "absent", (N,)),
    ("Karen Bass resigned as mayor of Los Angeles.", "absent", (N,)),
    ("The curfew in Los Angeles began at eight in the evening.", "absent", (N,)),
    ("Elon Musk attended the military parade.", "absent", (N,)),
    ("Gavin Newsom met Donald Trump in Sacramento.", "absent", (N,)),
    ("The protests caused damage of 20 million dollars.", "absent", (N,)),
    ("Seven hundred Marines were sent to Los Angeles.", "true", (S,)),
    ("The biggest of the three crowds, 200,000, was in Los Angeles.", "true", (S, N)),
    ("About 50,000 people demonstrated against Trump in New York City.", "true", (S,)),
    ("The No Kings protests took place in more than 2,000 places, the ACLU says.", "true", (S,)),
    ("Trump accused Democratic leaders of hindering law enforcement.", "true", (S,)),
    ("Trump called the arrival of undocumented migrants an invasion during his campaign.", "true", (S,)),
    ("ICE raids in Los Angeles triggered large demonstrations.", "true", (S,)),
    ("California went to court over Trump's use of the National Guard.", "true", (S,)),
    ("The curfew in Los Angeles was to be extended by a couple of days, according to Karen Bass.", "true", (S,)),
    ("Only a handful of demonstrators marched outside City Hall on Sunday.", "true", (S,)),
    ("Stephen Miller is deputy chief of staff at the White House.", "true", (S,)),
    ("Donald Trump ordered 2,000 National Guard troops to Los Angeles.", "true", (S, D)),
    ("Gavin Newsom criticised the deployment of the National Guard as deliberate incitement.", "true", (S,)),
    ("Kristi Noem is Homeland Security Secretary.", "true", (S,)),
    ("Trump asked ICE for more raids in cities that held the biggest No Kings protests.", "true", (S,)),
    ("Trump told ICE officers to do all in their power to achieve mass deportation.", "true", (S, N)),
    ("Trump wrote that real Americans are cheering ICE officers on every day.", "true", (S,)),
    ("Trump claimed that Democrats use illegal aliens to expand their voter base.", "true", (S,)),
    ("There is no evidence of widespread voting fraud by undocumented immigrants.", "true", (S,)),
    ("The ICE raid in Los Angeles on Friday sparked fierce protests.", "true", (S,)),
    ("Officers fired tear gas in Los Angeles, according to eyewitnesses.", "true", (S,)),
    ("Human rights activists oppose the White House's deportation goal.", "true", (S,)),
    ("The administration has detained many workers in meatpacking, farming and hospitality.", "true", (S,)),
    ("The crowd at Trump's military parade was small compared with the No Kings protests.", "true", (S,)),
    ("Reporters described the military parade as low-energy.", "true", (S,)),
    ("California is governed by Democrats.", "true", (S,)),
    ("Thousands of National Guard and Marine Corps members were called to Los Angeles.", "true", (S,)),
    ("The average number of arrests by ICE has been 650 a day since Trump's second term began.", "true", (S,)),
    ("Trump offered his unwavering support to ICE, the FBI, the DEA and the ATF.", "true", (S,)),
    ("California officials warned that the raids could hurt the local economy.", "true", (S,)),
    ("Trump sent 7,000 Marines to Los Angeles.", "number", (C, N)),
    ("About 500,000 people demonstrated against Trump in New York City.", "number", (C, N)),
    ("The No Kings protests took place in more than 3,000 places, the ACLU says.", "number", (C, N)),
    ("ICE had made 1,650 arrests a day on average since the start of Trump's second term.", "number", (C, N)),
    ("The White House wants to deport ten million people in the first year of Trump's second term.", "number", (C, N)),
    ("Chicago saw 200,000 protesters.", "place", (C, N)),
    ("The ICE raid in San Diego on Friday sparked fierce protests.", "place", (C, N)),
    ("Demonstrators marched outside City Hall in Chicago on Sunday.", "place", (C, N)),
    ("The federal building that was attacked is in San Francisco.", "place", (C, N)),
    ("Trump called on the National Guard to liberate New York from migrants.", "place", (C, N)),
    ("Gavin Newsom said the curfew in Los Angeles would be extended.", "actor", (C, N)),
    ("Karen Bass sent 2,000 National Guard troops to Los Angeles.", "actor", (C, N)),
    ("California police said that more than 5 million people took part in the protests.", "actor", (C, N)),
    ("Pete Hegseth has said that ICE agents aim to make at least 3,000 arrests a day.", "actor", (C, N)),
    ("Joe Biden sent 700 Marines to Los Angeles.", "actor", (C, N)),
    ("Democrats accused Donald Trump of hindering law enforcement.", "actor", (C, N)),
    ("Human rights activists deported 1 million people.", "actor", (C, N)),
    ("The ACLU warned that the raids could hurt the local economy.", "actor", (C, N)),
    ("Trump's military parade drew larger crowds than the protests in Los Angeles.", "actor", (C, N)),
    ("Donald Trump called Gavin Newsom's deployment of the National Guard deliberate incitement.", "actor", (C, N)),
    ("Trump did not deploy Marines to Los Angeles.", "negated", (C,)),
    ("ICE agents have never made 650 arrests a day on average.", "negated", (C, N)),
    ("Nobody protested in Chicago.", "negated", (C, N)),
    ("California has withdrawn its lawsuit over the National Guard.", "negated", (C, N)),
    ("Local authorities wanted the National Guard troops.", "negated", (C, N)),
    ("Karen Bass said the overnight curfew in Los Angeles would be lifted.", "negated", (C, N)),
    ("Los Angeles was not calm on Sunday.", "negated", (C,)),
    ("Donald Trump refused to send the National Guard to Los Angeles.", "negated", (C, N)),
    ("Eyewitnesses said that officers in Los Angeles did not use tear gas.", "negated", (C,)),
    ("There is evidence of widespread voting fraud by undocumented immigrants.", "negated", (C, D)),
    ("Democrats use illegal aliens to cheat in elections.", "voiced", (N, D, C)),
    ("Illegal aliens have invaded Los Angeles.", "voiced", (N, D)),
    ("More than a dozen protesters are under arrest.", "voiced", (N,)),
    ("Trump's deportation plan is barbaric.", "voiced", (N,)),
    ("The curfew in Los Angeles is extended by a couple more days.", "voiced", (N,)),
    ("A Marine was injured in Los Angeles.", "absent", (N,)),
    ("Kamala Harris spoke at the protest in Chicago.", "absent", (N,)),
    ("The National Guard used rubber bullets.", "absent", (N,)),
    ("A judge ordered Trump to return control of the National Guard to California.", "absent", (N,)),
    ("The military parade cost 45 million dollars.", "absent", (N,)),
    ("Protesters set cars on fire in Los Angeles.", "absent", (N,)),
    ("ICE raided a garment factory in downtown Los Angeles.", "absent", (N,)),
    ("Trump met Gavin Newsom at the White House.", "absent", (N,)),
    ("The ACLU sued Donald Trump.", "absent", (N,)),
    ("Protests were held in Berlin and London.", "absent", (N,)),
]  # fmt: skip


@pytest.fixture(scope="module")
def seeds(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Checker:
    """The notes that ship, checked with the reader that ships."""
    from bot.reader.trained import TrainedReader

    folder = tmp_path_factory.mktemp("seeds")
    build(Path(__file__).parent.parent / "seeds", folder, encoder)
    opened = generations.open_current(folder, encoder.sha256)
    return Checker(Answerer(opened, encoder, 0.0, TrainedReader()))


@pytest.mark.slow
def test_of_claims_over_the_notes_most_are_judged_right_and_no_altered_one_is_supported(seeds: Checker):
    right = 0
    for claim, kind, accepted in CLAIMS:
        status = seeds.check(Question(claim)).status
        right += status in accepted
        assert kind == "true" or status is not S, claim
    assert right / len(CLAIMS) >= 0.85


@pytest.mark.slow
def test_a_number_is_asked_for_where_no_sentence_has_the_words_of_the_claim(seeds: Checker):
    verdict = seeds.check(Question("The National Guard troops in Los Angeles number 14,000."))
    assert verdict.status is C
    marked = [one.statement for one in verdict.findings]
    assert {one.citation.quote[slice(*one.highlight)] for one in marked if one.highlight} <= {"4,000", "2,000"}
    assert all(one.highlight for one in marked), "what the documents give instead is marked"
