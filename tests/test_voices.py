"""Who is speaking in a sentence; the sentences that the rules get wrong are listed with the reason."""

import sys
import time
from pathlib import Path

import pytest
from fakes import FakeEncoder, document, opened
from hypothesis import given
from hypothesis import strategies as st

from bot.english.voices import PARAGRAPH, Voice, VoiceKind, voice_in, voice_of
from training.sources import rows

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import report_voices

DOCUMENT, UNATTRIBUTED = Voice(VoiceKind.DOCUMENT), Voice(VoiceKind.UNATTRIBUTED)
SOMEBODY = Voice(VoiceKind.SPEAKER)


def speaker(name: str) -> Voice:
    return Voice(VoiceKind.SPEAKER, name)


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        # words between quotation marks, the speaker before, after, within
        ('Alice Brown said: "We are ready."', "Alice Brown"),
        ('"We are ready," Alice Brown told the crowd.', "Alice Brown"),
        ("“We are ready,” Mayor Alice Brown said on Monday.", "Mayor Alice Brown"),
        ('"We are ready," said Mayor Alice Brown.', "Mayor Alice Brown"),
        ("“We are ready,” said Mayor Alice Brown.", "Mayor Alice Brown"),
        ("'We are ready,' wrote Alice Brown in a letter.", "Alice Brown"),
        ("“We,” Alice Brown declared, “are ready.”", "Alice Brown"),
        ("“The law is void,” the court concluded.", "the court"),
        ("“We will stay,” Alice Brown continued.", "Alice Brown"),
        ('Governor Gavin Newsom called it "deliberate incitement".', "Governor Gavin Newsom"),
        ("Governor Gavin Newsom called it “deliberate incitement”.", "Governor Gavin Newsom"),
        ("Governor Gavin Newsom called it ‘deliberate incitement’.", "Governor Gavin Newsom"),
        # reported words
        ("Trump has said that he will not wait.", "Trump"),
        ("Trump has repeatedly denied that he waited.", "Trump"),
        ("In 2019, Ruiz told a committee that the river had risen.", "Ruiz"),
        ("As Ruiz later wrote, the river had risen by then.", "Ruiz"),
        ("But Ruiz insisted that the river had fallen.", "Ruiz"),
        ("The river had risen, but Ruiz denied it.", "Ruiz"),
        ("Trump claimed a victory, but Newsom denied it.", "Trump"),
        ("Asked about the curfew, Bass replied that it stays.", "Bass"),
        ("Stephen Miller, the deputy chief of staff, said that arrests would rise.", "Stephen Miller"),
        ("Obama, who won in 2008, vowed to close the camp.", "Obama"),
        ("The mayor of Paris, Anne Hidalgo, said that the river was clean.", "the mayor of Paris"),
        ("The law, the court said, is void.", "the court"),
        ("Rep. Ann Lee, D-N.Y., called it “reckless.”", "Rep. Ann Lee"),
        ("“It is late,” Rep. Ann Lee, R-S.C., the former chair of the bridge committee, told a paper.", "Rep. Ann Lee"),
        ("“It is late,” said the engineer, Ann Lee.", "Ann Lee"),
        ("“It is late,” said the plumber.", "the plumber"),
        ("“It is late,” NOW President Ann Lee said.", "NOW President Ann Lee"),
        ("Ann Lee on Monday said that the bridge was safe.", "Ann Lee"),
        ("Lee quipped that the bridge had left town.", "Lee"),
        ("Lee left early, accusing the council of “having slept through the flood.”", "Lee"),
        ("Asked about it ― twice ― Lee said that it was late.", "Lee"),
        # whatever the verb behind a quotation that goes on
        ("“It is late,” summarized Lee.", "Lee"),
        ("“It is very late,” reads a statement from the mayor.", "a statement"),
        ("“It is very late,” a memo that the council wrote reads.", "a memo"),
        ("“It is really very late,” Mr. Lee is shown saying.", "Mr. Lee"),
        ("“It is really very late,” FreedomWorks’ website wrote.", "FreedomWorks"),
        # a name that says who somebody is, and who that is
        ("Another major figure, Dan Lee, told the Post that it was late.", "Dan Lee"),
        ("The state auditor, Jim Lee, told the Post that it was “much ado about nothing”.", "Jim Lee"),
        ("Another top Republican, Sen. Ann Lee of Ohio, also lambasted the mayor.", "Sen. Ann Lee of Ohio"),
        ("Senator Ben Lee, Republican of Ohio, called it “a sad day.”", "Senator Ben Lee"),
        ("Lee, who did not respond to our letters, said that it was late.", "Lee"),
        ("Lee over the weekend denied that it was late.", "Lee"),
        ("The mayor this morning says 'I feel badly for Lee.'", "the mayor"),
        # a participle with a quotation
        ("Lee faced a growing backlash on Wednesday as he left, calling the mayor a “faker” once more.", "Lee"),
        ("Last week, Rep. Lee dismissed it, erroneously claiming that it was not “all the bridges.”", "Rep. Lee"),
        ("Lee shared the sentiment, urging the mayor to “stop holding us hostage” at once.", "Lee"),
        (
            "LIVINGSTON, N.J. — Gov. Ann Lee declared it on Tuesday, vowing that “there is one thing to know.”",
            "Gov. Ann Lee",
        ),
        ("WASHINGTON — Senator Ann Lee met the mayor and said that it was late.", "Senator Ann Lee"),
        ("Republican candidate Ann Lee took aim at it, saying that it was “late.”", "Republican candidate Ann Lee"),
        # a colon leads to the words
        ("Added Lee: “It is late, and nobody came.”", "Lee"),
        ("Lee was quick to retort: “That is late.”", "Lee"),
        ("A top aide, likewise, put it bluntly in an email to the mayor: “It is late.”", "A top aide"),
        # names of several kinds
        ("Dr. Jane Goodall wrote that the chimpanzees used tools.", "Dr. Jane Goodall"),
        ("J. R. R. Tolkien wrote that he disliked allegory.", "J. R. R. Tolkien"),
        ("A. B. Smith argued that the proof was wrong.", "A. B. Smith"),
        ("O’Neill warned that the ice was thin.", "O’Neill"),
        ("O'Neill warned that the ice was thin.", "O'Neill"),
        ("Émile Zola accused the army of lying.", "Émile Zola"),
        ("Ludwig van Beethoven complained that the piano was out of tune.", "Ludwig van Beethoven"),
        ("The White House said that nothing had changed.", "White House"),
        ("The U.N. said that the convoy had arrived.", "U.N."),
        ("The convoy had arrived, according to the U.N.", "U.N."),
        ("U.S. officials said that the convoy had arrived.", "U.S. officials"),
        ("Amnesty International accused the government of torture.", "Amnesty International"),
        # bodies and people without a name
        ("Police said that two people were hurt.", "Police"),
        ("Two people were hurt, police said.", "police"),
        ("The ministry estimates that 40 bridges need repair.", "the ministry"),
        ("The court concluded that the law was void.", "the court"),
        ("Bees can count, a new study suggests.", "a new study"),
        ("Her lawyer told the court that she was abroad.", "Her lawyer"),
        ("Several witnesses said that the car did not stop.", "Several witnesses"),
        ("Some 200 officers came; witnesses described chaos.", "witnesses"),
        ("Eyewitnesses said that officers used tear gas.", "Eyewitnesses"),
        ("Neighbours said that the noise began at dawn.", "Neighbours"),
        ("Officials in California have warned of shortages.", "Officials in California"),
        ("Researchers at Leeds University suggest that bees can count.", "Researchers at Leeds University"),
        ("A spokeswoman for the Port of Rotterdam denied the leak.", "A spokeswoman for the Port of Rotterdam"),
        ("In a statement, the Department of Health said that the water was safe.", "Department of Health"),
        (
            "The federal Department of Homeland Security said that a building had been attacked.",
            "the federal Department of Homeland Security",
        ),
        (
            "The prosecutor's office in California said that over a dozen protesters were under arrest.",
            "the prosecutor's office in California",
        ),
        # according to
        ("According to the ACLU, five million people marched.", "ACLU"),
        ("Five million people marched, according to the ACLU.", "ACLU"),
        ("Two people were hurt, according to police.", "police"),
        ("According to a report, the dam is safe.", "a report"),
    ],
)
def test_a_speaker_whom_the_sentence_names(sentence: str, name: str):
    assert voice_of(sentence) == speaker(name)


def test_what_a_colon_leads_to_is_said_by_whoever_is_named_before_it_without_marks_too():
    before = ["And Lee herself lashed out on Twitter, saying:", PARAGRAPH]
    assert voice_of("The bridge has embarrassed us all.", before) == speaker("Lee")
    assert voice_of("It is shut.", [*before, "The bridge has embarrassed us all."]) == speaker("Lee")
    assert voice_of("The bridge is old.", [*before, "It is shut.", PARAGRAPH]) == DOCUMENT
    assert voice_of("The bridge is old.", ["Administrators can do the following:", PARAGRAPH]) == DOCUMENT
    assert voice_of("- The bridge is old.", ["Lee said:", PARAGRAPH]) == DOCUMENT


@pytest.mark.parametrize(
    "sentence",
    [
        "Kelly saying “it is so” came.",
        "The keeper, Ann Lee, called",
        "Only, saying “so”",
        "“So it is,” only",
        "“So it is,”",
    ],
)
def test_a_sentence_that_breaks_off_is_read(sentence: str):
    voice_of(sentence)


def test_what_a_curly_mark_opens_goes_on_though_nothing_closes_it():
    before = ["A post holds the following:", PARAGRAPH, "“Expect more of this."]
    assert voice_of("A hard left forced them.", before) == UNATTRIBUTED
    assert voice_of("A hard left forced them.", ['"Expect more of this.']) == DOCUMENT


@pytest.mark.parametrize(
    "sentence",
    [
        "She told reporters that the curfew would end.",
        "They insisted that the bridge was safe.",
        '"No," he added.',
        "“It was,” she said, “the worst day of my life.”",
        "“We will stay,” he continued.",
        "These places, he claimed without evidence, are lost.",
    ],
)
def test_a_speaker_who_was_named_before(sentence: str):
    assert voice_of(sentence) == SOMEBODY


@pytest.mark.parametrize(
    "sentence",
    [
        "Reportedly, the minister resigned on Friday.",
        "The minister has reportedly resigned.",
        "The firm allegedly paid nothing.",
        "It is said that the king never slept.",
        "The bridge is believed to be unsafe.",
        "The sale was rumoured for months.",
        "Critics say the plan is cruel.",
        "But critics say the plan is cruel.",
        "The plan is cruel, critics say.",
        "The president's critics say that he is late.",
        "Experts said the dam would hold.",
        "Experts believe that the dam will hold.",
        "Many people believe that the dam will hold.",
        "Some argue that the dam will not hold.",
        "Supporters said the march was peaceful.",
        "Observers claim that the count was fair.",
        "Sources said the talks had failed.",
        # somebody's words and nobody's name
        "“These lawless riots only strengthen our resolve.”",
        '"These riots only strengthen our resolve".',
        "“A once great city has been invaded and occupied.",
    ],
)
def test_words_that_are_nobody_s_by_name(sentence: str):
    assert voice_of(sentence) == UNATTRIBUTED


@pytest.mark.parametrize(
    "sentence",
    [
        "The bridge is 40 metres long.",
        "He called troops in on Sunday.",
        "Donald Trump called troops in to Los Angeles.",
        "The mayor called a meeting.",
        "The company was told to stop.",
        "The clock told the hour.",
        "The letter was written in 1944.",
        "Bass did not say when the curfew ends.",
        "Neither the mayor nor the governor said anything.",
        "What he said is not known.",
        "It is unclear who said so.",
        "The accused said nothing in court.",
        "The reported figures are wrong.",
        "His noted book sold well.",
        "The posted limit is 30.",
        "The sign reads “No entry”.",
        "“Heroes” was recorded in Berlin, where “Low” was not.",
        "In 1912 the so-called “unsinkable” ship sank.",
        "California has since filed suit against the deployment.",
        "Your replies will only appear to those who follow you.",
        "Replies appear below.",
        "Let's say that the release is late.",
        'It joins the pool, unless a `-pools=""` argument is given.',
        # a document that speaks of itself
        "The account says that the crowd was small.",
        "The crowd was small, according to the article.",
        "Remigration, this note explains, is a term of the European right.",
        # no words of somebody's behind a colon
        'title: A Bridge\nlink: "[[Bridge 4]]"',
        'If Lee fails: "Address already in use".',
        # code, whose backticks open no quotation
        '```sh\nboiler --restart "now"\n```',
        "Write ``boiler `date` `` for it.",
        "",
    ],
)
def test_a_sentence_without_an_attribution_is_its_document_s(sentence: str):
    assert voice_of(sentence) == DOCUMENT


@pytest.mark.parametrize(
    ("sentence", "voice"),
    [
        ("The noise began at dawn, neighbours said.", speaker("neighbours")),
        ("The army said it had killed 12 fighters.", speaker("the army")),
        ("The police chief said that it was over.", speaker("the police chief")),
        ("“Out!” shouted the crowd.", speaker("the crowd")),
        ("Bees can count, a new study found.", speaker("a new study")),
        ("The mayor calls it a lie.", speaker("the mayor")),
        ("The dam will hold, according to engineer Ann Lee.", speaker("engineer Ann Lee")),
        ("“We are open,” said its owner Zoë Brontë.", speaker("its owner Zoë Brontë")),
        ("The historian Fred Anderson suggests that he acted alone.", speaker("the historian Fred Anderson")),
        ("Anthony and Stanton also warned that the law was weak.", speaker("Anthony and Stanton")),
        ("Smith & Jones said that the shop would close.", speaker("Smith & Jones")),
        ("On 21 May 2016, Watford confirmed they had reached an agreement.", speaker("Watford")),
        ("In 2019 Ruiz wrote that the river had risen.", speaker("Ruiz")),
        (
            "After the vote, Rep. Scott, D-Va., one of the nine who left, said the river had risen.",
            speaker("Rep. Scott"),
        ),
        ("In a pair of evening letters, Mr. Lee had hope, writing: “The river has risen.”", speaker("Mr. Lee")),
        ("Ruiz ( 1890 -- 1970 ) argued that the river rose .", speaker("Ruiz")),
        ("The mayor , Ruiz said , is `` late '' .", speaker("Ruiz")),
        ("This, according to him, saves time.", SOMEBODY),
        ("Recent studies suggest an association between bees and clover.", speaker("Recent studies")),
        ("Galileo went on to propose a theory of tides.", DOCUMENT),
        ("“Low” describes a winter in Berlin.", DOCUMENT),
        ("Ludwig van Beethoven wrote nine symphonies.", DOCUMENT),
        ("The mayor then called back to “Low”.", DOCUMENT),
        ("She found a key that fitted the door.", DOCUMENT),
        ("The Sejm is elected according to the d'Hondt method.", DOCUMENT),
        ("Here we report that the river rose.", DOCUMENT),
        ("Further analyses reveal loss of one protein.", DOCUMENT),
        ("Kubrick is regarded by critics as one of the greatest directors.", UNATTRIBUTED),
        ("According to reports, the talks failed.", UNATTRIBUTED),
    ],
)
def test_whether_a_verb_says_something_and_who_it_is(sentence: str, voice: Voice):
    assert voice_of(sentence) == voice


@pytest.mark.parametrize(
    ("before", "sentence", "voice"),
    [
        (["Ruiz arrived on Monday."], "He said that the river had risen.", speaker("Ruiz")),
        (["Ruiz said the river had risen.", "He blamed the rain."], "“It rose,” he continued.", speaker("Ruiz")),
        (
            ["Mayor Ann Lee spoke.", "The hall was full."],
            "She added that the bridge was safe.",
            speaker("Mayor Ann Lee"),
        ),
        (
            ["In a long segment, comedian John Oliver discusses it."],
            "He also says the name changed.",
            speaker("comedian John Oliver"),
        ),
        (["Schiller's philosophy is close to that of James."], "He argued that truth is made.", speaker("Schiller")),
        (["Ruiz and Lee met the press."], "They said that the bridge was safe.", speaker("Ruiz and Lee")),
        (["The WUPJ is based in 40 countries."], "It claims to represent 1.8 million people.", speaker("WUPJ")),
        (["When the vicar complained, Ruiz was calm."], "He later claimed that it was nothing.", speaker("Ruiz")),
        ([], "Ruiz went home, where he said that the river had risen.", DOCUMENT),
        ([], "When Ruiz came home, he said that the river had risen.", speaker("Ruiz")),
        # nobody there whom it can mean
        (["The bridge is old."], "He said that the river had risen.", SOMEBODY),
        (["Two engineers came."], "He said that the river had risen.", SOMEBODY),
        (["The White House spoke."], "She said that nothing had changed.", SOMEBODY),
        (["I asked the council."], "She said that nothing had changed.", SOMEBODY),
        # a quotation that goes on
        (["Ruiz said: “The river rose."], "The bridge is gone.”", speaker("Ruiz")),
        (['Ruiz said: "The river rose.'], 'The bridge is gone."', speaker("Ruiz")),
        (['Ruiz said: "The river rose."'], '"The bridge is gone."', speaker("Ruiz")),
        (["The river rose."], "“The bridge is gone.”", UNATTRIBUTED),
        (["Ruiz said that the river rose."], "The bridge is gone.", DOCUMENT),
        (["Ruiz was quick to reply: “It rose."], "The bridge is gone.”", speaker("Ruiz")),
        (["Ruiz said: “It rose.", "It fell.", "It rose."], "It is gone.", speaker("Ruiz")),
        (["Ruiz said: “Lee said, ‘It rose.’", "“It fell."], "It is gone.”", speaker("Ruiz")),
        # an aside is no subject's end
        (["Rep. Ann Lee, D-Md., questioned the plan."], "She said that it was late.", speaker("Rep. Ann Lee")),
        (["Ann Lee, who led Oslo until 2012, has left."], "“It is late,” she said.", speaker("Ann Lee")),
        # a paragraph begins: a quotation goes on there only behind a mark of its own
        (["Ruiz said: “It rose.", PARAGRAPH], "The bridge is gone.", DOCUMENT),
        (["Ruiz said: “It rose.", PARAGRAPH], "“The bridge is gone.”", speaker("Ruiz")),
        # "today" is nobody
        (["Today was a good day."], "She said that it was late.", SOMEBODY),
    ],
)
def test_what_stands_before_says_who_is_meant(before: list[str], sentence: str, voice: Voice):
    assert voice_of(sentence, before) == voice


@pytest.mark.parametrize(
    ("before", "sentence", "after", "voice"),
    [
        # who speaks is named where the quotation ends
        ([], "“It rose.", ["The bridge is gone,” Ruiz said."], speaker("Ruiz")),
        (["“It rose."], "The bridge is gone.", ["It fell,” Ruiz said."], speaker("Ruiz")),
        (["Lee said: “No.”"], "“It rose.", ["The bridge is gone,” Ruiz said."], speaker("Ruiz")),
        (["Ruiz spoke."], "“It rose.", ["It is gone,” he said."], speaker("Ruiz")),
        ([], "“It rose.", [PARAGRAPH, "“The bridge is gone,” Ruiz said."], speaker("Ruiz")),
        # nobody is named there, or it does not go on
        (["“It rose."], "The bridge is gone.", ["It fell.”"], UNATTRIBUTED),
        ([], "“It rose.", [PARAGRAPH, "Ruiz said that it fell."], UNATTRIBUTED),
        ([], "“It rose.”", ["Ruiz said that it fell."], UNATTRIBUTED),
        # marks of another kind
        (['It is 5" long.'], "The bridge is gone.", ['It is 7" long.'], DOCUMENT),
        (['<a b="1', "c"], "<d/>", ['2">'], DOCUMENT),
    ],
)
def test_what_stands_behind_says_who_is_quoted(before: list[str], sentence: str, after: list[str], voice: Voice):
    assert voice_of(sentence, before, None, after) == voice


def test_what_stands_in_the_passages_beside_says_who_speaks():
    said = [f"“Number {number} is late again, and no other one is." for number in range(8)]
    text = "\n\n".join(["Rain fell.", *said, "“So it is,” Ruiz said.", "Rain fell."])
    encoder = FakeEncoder()
    encoder.max_tokens = 100
    index = opened([document("a", text)], encoder).index
    voices = {
        passage.text[span.start - passage.start : span.end - passage.start]: voice_in(passage, span, index)
        for passage in index.passages
        for span in passage.sentences
    }

    assert len(index.passages) == 2
    assert not any(said[4] in passage.text and "Ruiz" in passage.text for passage in index.passages)
    assert [voices[each] for each in said] == [speaker("Ruiz")] * 8
    assert voices["Rain fell."] == DOCUMENT


@pytest.mark.parametrize(
    ("line", "voice"),
    [
        ("> — Ann Lee, 2018", speaker("Ann Lee")),
        ("> -- Ann Lee of Oslo", speaker("Ann Lee of Oslo")),
        (">\n> -- [Ann Lee](https://example.org)", speaker("Ann Lee")),
        ("> – *Ann Lee*", speaker("Ann Lee")),
        ("> --watch: 5", DOCUMENT),
        ("> - Ann Lee", DOCUMENT),
        ("\n— Ann Lee", DOCUMENT),
    ],
)
def test_a_block_quotation_is_whose_its_last_line_says(line: str, voice: Voice):
    index = opened([document("a", f"Oslo is a city.\n\n> Oslo is cold. It rains there.\n{line}\n\nOslo is old.")]).index
    (passage,) = index.passages
    voices = [voice_in(passage, span, index) for span in passage.sentences]

    assert voices[:3] == [DOCUMENT, voice, voice]
    assert voices[-1] == DOCUMENT


@pytest.mark.xfail(strict=True, reason="rules know how words stand, and not what they mean")
@pytest.mark.parametrize(
    ("sentence", "voice"),
    [
        pytest.param("A source close to the talks said they failed.", UNATTRIBUTED, id="words-stand-in-between"),
        pytest.param("The view was challenged by Lee, who argued it is newer.", speaker("Lee"), id="behind-a-passive"),
        pytest.param("Ruiz made claims that mills “eat the wind”.", speaker("Ruiz"), id="claims-as-a-noun"),
        pytest.param("Ruiz messaged me today saying it is broken.", speaker("Ruiz"), id="saying-behind-another-verb"),
    ],
)
def test_what_the_rules_get_wrong(sentence: str, voice: Voice):
    assert voice_of(sentence) == voice


@pytest.mark.parametrize(
    "sentence",
    [
        "A " * 1000,
        ", A b" * 500,
        "According to " * 150,
        "the a b police of A of B for " * 70,
        "calls “" * 300,
        "U.S. " * 400,
        "A, " * 660 + "said",
        "said the A, " * 160,
        "in the words of " * 120,
        "' a" * 660,
        "‘a" * 1000,
        '" ' * 1000,
        "``a" * 660,
    ],
    ids=lambda sentence: sentence[:12],
)
def test_the_longest_sentences_take_no_time(sentence: str):
    started = time.perf_counter()

    voice_of(sentence[:2000])

    assert time.perf_counter() - started < 1


WORDS = "Ann Lee the mayor of and who said that told calls according to he They by in his view 1912 É"
MARKS = ", . ( ) “ ” \" ' ’s `` '' - ;"
pieces = st.sampled_from([*WORDS.split(), *MARKS.split(), "\n"])
sentences = st.lists(pieces, max_size=60).map(" ".join) | st.text(max_size=200)


@given(sentences, st.lists(sentences, max_size=3), st.lists(sentences, max_size=3))
def test_a_name_is_in_the_text_and_only_a_speaker_has_one(sentence: str, before: list[str], after: list[str]):
    voice = voice_of(sentence, before, None, after)

    words = " ".join([*before, sentence, *after]).lower()
    assert voice.name is None or voice.kind is VoiceKind.SPEAKER
    assert voice.name is None or all(word in words for word in voice.name.lower().split())


def test_the_labelled_sentences_of_the_shipped_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(report_voices, "ROOT", tmp_path / "data")  # as where no collection lies beside the project
    labelled = [one for half in report_voices.HALVES for one in report_voices.labelled(half)]

    figures = report_voices.figures(labelled)

    assert len(labelled) == 30
    assert figures["named precision"].value >= 0.9
    assert figures["named recall"].value >= 0.9


@pytest.mark.slow
@pytest.mark.skipif(not report_voices.ROOT.is_dir(), reason="needs the public collections in ../shared")
def test_the_labelled_sentences_of_other_subjects():
    labelled = report_voices.labelled("other")

    figures = report_voices.figures(labelled)

    assert len(labelled) == sum(row["half"] == "other" for row in rows(report_voices.LABELS)) == 402
    assert figures["named precision"].value >= 0.88
    assert figures["named recall"].value >= 0.74
    assert figures["kind: document"].value >= 0.975
