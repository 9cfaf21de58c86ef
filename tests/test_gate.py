"""The gate before prose: what a quotation holds passes, and no fluent falsehood does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeReader
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord.language import LANGUAGES, _, speak
from bot.prose.draft import Draft
from bot.prose.gate import FEWEST, Checked, Gate, Ground, Kept
from bot.readable import readable
from bot.reader.reading import Probabilities, Reader
from bot.reader.trained import TrainedReader
from embeddings.reading.documents import read_documents

ROOT = Path(__file__).parent.parent


class BelievingReader(FakeReader):
    """Says of every sentence that it supports whatever is claimed: what is dropped then, is by the rules."""

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader."""
        return np.tile(np.array([1.0, 0.0, 0.0], np.float32), (len(sentences), 1))


class DoubtingReader(FakeReader):
    """Says of every sentence that it contradicts whatever is claimed."""

    def compare(self, claim: str, sentences: Sequence[str]) -> Probabilities:
        """See Reader."""
        return np.tile(np.array([0.0, 1.0, 0.0], np.float32), (len(sentences), 1))


def check(drafts: Sequence[Draft], *quotations: str | Ground, reader: Reader | None = None) -> Checked:
    grounds = [one if isinstance(one, Ground) else Ground(one, None, "A title") for one in quotations]
    return Gate(reader or BelievingReader()).check(drafts, grounds)


def passes(sentence: str, *quotations: str | Ground, reader: Reader | None = None) -> bool:
    return bool(check([Draft(sentence, (1,))], *quotations, reader=reader).kept)


def why(sentence: str, *quotations: str | Ground) -> str:
    checked = check([Draft(sentence, (1,))], *quotations)
    return checked.dropped[0].reason if checked.dropped else "kept"


# --- fluent falsehoods, over the notes and the manual that ship --------------------------------------

TROOPS = (
    "Donald Trump responded to the demonstrations in Los Angeles by deploying 700 Marines and 4,000 National "
    "Guard troops."
)
CURFEW = (
    "Mayor Karen Bass said on Sunday that the overnight curfew in Los Angeles would be extended by “a couple "
    "more days”."
)
CALM = (
    "Los Angeles stayed largely calm on Sunday, when no more than a handful of demonstrators marched outside "
    "City Hall before the start of the curfew."
)
CROWDS = (
    "In Los Angeles, 200,000 protesters turned out against Donald Trump. In Chicago, there were 75,000 "
    "protesters against Donald Trump. In New York City, there were 50,000 protesters against Donald Trump."
)
ACLU = "More than 5 million people took part in the protests, according to the ACLU, which was one of the organizers."
DEBUNKED = (
    "Donald Trump repeated claims of large-scale voting by undocumented immigrants, and the account calls "
    "those claims debunked. According to the account, election experts widely reject the allegation that "
    "undocumented immigrants vote in large numbers."
)
OFFICERS = "Donald Trump claimed that ICE officers regularly face “violence and harassment”."
ECONOMY = "Officials in California have warned that Donald Trump’s raids in Los Angeles could affect the local economy."
BARBARIC = "The account calls Donald Trump’s deportation plan barbaric."
MILLER = (
    "Stephen Miller has said that agents of Immigration and Customs Enforcement (ICE) aim to make at least "
    "3,000 arrests a day. Since the start of Donald Trump’s second term, ICE agents had made 650 arrests a "
    "day on average."
)
SUIT = "California argues that Donald Trump went beyond his authority with the National Guard troops."
NEWSOM = "Governor Gavin Newsom called Donald Trump’s deployment of the National Guard “deliberate incitement”."
FROST = "It works during a hold and in a zone without a recipe. It does not work in watch mode."
LOCKED = (
    "After 8 wrong passwords within 10 minutes an account is locked for 15 minutes. Administrators can lift "
    "that earlier."
)
ARCHIVE = (
    "The archive holds the configuration, the database, recipes, users with their password hashes, uploaded "
    "pictures, and the pairing keys of all stations. It does not hold the licence key and the log. The "
    "service keeps running meanwhile."
)
WIND = (
    "Roof vents close when the wind reaches the limit of the wind lock, and stay closed until it has been "
    "calmer for 20 minutes. Side vents only close on the side that the wind comes from, if there is a GW-WND "
    "with direction. Without any wind sensor, vents are limited to 40 % of their travel."
)
RELAY = "A station’s relay switches 5 A at most. Anything larger needs a contactor."
RANKS = (
    "The second one starts when the first has been running for 15 minutes and the zone is still 1 °C too "
    "cold. Rotate swaps the ranks every Monday so that both wear evenly."
)
FIRMWARE = "Firmware 4.2 keeps the radio awake on some boards. Update to 4.3."
SSO = "OpenID Connect, in the Estate edition only. SAML and LDAP are not supported."
ACTIVATED = (
    "Once activated it is asked again every 30 days; when it cannot be reached, the licence goes on for "
    "another 60 days."
)
MOVE = (
    "1. sudo glasswort licence release\n2. Make a backup of the old server.\n3. Plug the bridge stick in that "
    "the old server had.\n4. Start the service."
)

COMPARED = "Donald Trump compared migration with weapons of mass destruction."
SENT = "Donald Trump sent the National Guard to Los Angeles to put down protests against his immigration policy."
POSTAGE = "Postage: you pay the way to us, we pay the way back."
FOES = "In Los Angeles, immigration agents have met fierce opposition and protests."
CONTROL = "California has filed a suit to win back control of its National Guard troops from Donald Trump."
WARRANTY = "Hardware has a warranty of three years, batteries and cables excepted."
# what these say goes for some things only, at a time, up to a number, or of another thing
VALVES = "Motors that got too warm switch themselves off. Two servers with the same pairing keys confuse the stations."
STICK = "With another stick, stations have to be paired again. Stations on batteries need at least 3.6 V."
CAUSE = "If the cause comes back after having been gone for 15 minutes, it is a new alarm."
BACKUPS = (
    "It keeps the last seven, and the last of each of twelve months. When a backup fails two nights in a row, that is "
    "a warning. Repair saves what can be read, and puts the damaged file aside."
)
CRITICAL = (
    "You cannot switch off critical alarms altogether. A critical alarm is shown, mailed, and sent by SMS where that "
    "is set up."
)
STAGES = (
    "Two outputs of a station can drive one vent in two stages. With a GW-RN1, roof vents go to at most 10 % while it "
    "rains. Screens open when it has been darker than 80 % of that for 10 minutes."
)
BETA = "Members of the beta programme get new firmware two weeks before everybody else."
DEPUTY = "Deputy hands all messages of a user to another one. While a station is being updated its outputs are off."
SPEED = (
    "Glasswort learns within about three days how slowly the pipes react. Gusts count: the highest value is compared."
)
MEANT = "The passphrase has 12 characters or more. Each channel has a button. The highest value of the last 10 seconds."
AGENDA = (
    "Stephen Miller, deputy chief of staff at the White House, has shaped much of Donald Trump’s immigration agenda."
)
TERM = "The White House aims to deport 1 million people in the first year of Donald Trump’s second term."
ROLE = "California has filed suit and disputes Donald Trump’s authority to give the National Guard such a role."
GUARD = (
    "Local authorities disagreed with the decision of Donald Trump, a Republican, to send National Guard troops. The "
    "troops are to give temporary protection to government employees and to immigration and customs agents."
)
OBJECTED = "The state government in California had objected to the deployment of National Guard troops and Marines."

FALSEHOODS = [
    ("which ones", VALVES, "Motors switch themselves off."),
    ("which ones", VALVES, "Two servers confuse the stations."),
    ("which ones", STICK, "Stations need at least 3.6 V."),
    ("which ones", CRITICAL, "You cannot switch off alarms."),
    ("which ones", LOCKED, "After 8 passwords within 10 minutes an account is locked."),
    ("which ones", ARCHIVE, "The archive holds the passwords of users."),
    ("which ones", BACKUPS, "It keeps the last twelve months."),
    ("which ones", DEPUTY, "Deputy hands messages of all users to another one."),
    ("condition", STICK, "Stations have to be paired again."),
    ("condition", CAUSE, "If the cause comes back, it is a new alarm."),
    ("condition", CAUSE, "If the cause comes back after 15 minutes, it is a new alarm."),
    ("condition", LOCKED, "After 8 wrong passwords an account is locked for 15 minutes."),
    ("condition", BACKUPS, "When a backup fails two nights, that is a warning."),
    ("condition", CRITICAL, "A critical alarm is sent by SMS."),
    ("condition", STAGES, "Roof vents go to at most 10 %."),
    ("condition", DEPUTY, "Several stations are updated while outputs are off."),
    ("which ones", BETA, "Members get new firmware two weeks before everybody else."),
    ("which ones", "The drug reduced symptoms in adults under 65.", "The drug reduced symptoms in adults."),
    ("number", "The Garden edition is free for up to 8 stations.", "The Garden edition is free."),
    ("modality", "Sensors should be cleaned once a month.", "Sensors are cleaned once a month."),
    ("actor", "Unlike the old sensor, the new one measures humidity.", "The old sensor measures humidity."),
    ("negation", CRITICAL, "You cannot switch off critical alarms."),
    ("number", RELAY, "A station’s relay switches 5 A."),
    ("number", MEANT, "The passphrase has 12 characters."),
    ("number", STAGES, "Screens open when it has been darker than 80 % for 10 minutes."),
    ("number", MILLER, "Stephen Miller has said that ICE agents aim to make at least 3,000 arrests."),
    ("number", MILLER, "Since the start of Donald Trump’s second term, ICE agents had made 650 arrests on average."),
    ("number", TERM, "The White House aims to deport 1 million people in Donald Trump’s second term."),
    ("tense", MILLER, "ICE agents make 650 arrests a day."),
    ("modality", STAGES, "Two outputs of a station drive one vent in two stages."),
    ("modality", LOCKED, "Administrators lift that earlier."),
    ("merged", BACKUPS, "Repair saves the damaged file."),
    ("merged", POSTAGE, "You pay the way back."),
    ("merged", SPEED, "The pipes react within about three days."),
    ("merged", ARCHIVE, "The archive holds the pairing keys of stations and users."),
    ("merged", GUARD, "The troops are to give temporary protection to immigration and government employees."),
    ("merged", MEANT, "The last value of 10 seconds."),
    ("scope", AGENDA, "Stephen Miller has shaped Donald Trump’s immigration agenda."),
    ("scope", GUARD, "The troops are to give protection to government employees."),
    ("actor", GUARD, "Republican authorities disagreed with the decision to send National Guard troops."),
    ("actor", OBJECTED, "The state government in California had deployed National Guard troops and Marines."),
    ("actor", ROLE, "California disputes the National Guard."),
    (
        "name",
        "Officials in California have warned that raids in Los Angeles could affect the economy.",
        "Officials in Los Angeles have warned that raids in California could affect the economy.",
    ),
    ("date", CURFEW, "Mayor Karen Bass said that the curfew on Sunday would be extended."),
    ("number", TROOPS, "Donald Trump responded to the demonstrations in Los Angeles by deploying 900 Marines."),
    ("number", TROOPS, "Donald Trump deployed 4,000 Marines and 700 National Guard troops."),
    ("number", TROOPS, "Donald Trump deployed 4,700 Marines and National Guard troops."),
    ("number", CROWDS, "In Chicago, there were 50,000 protesters against Donald Trump."),
    ("number", CROWDS, "In Los Angeles, about 200,000 protesters turned out against Donald Trump."),
    ("number", ACLU, "According to the ACLU, more than 5 billion people took part in the protests."),
    ("number", ACLU, "According to the ACLU, 5 million people took part in the protests."),
    ("number", MILLER, "Stephen Miller has said that ICE agents aim to make at least 650 arrests a day."),
    ("number", MILLER, "Stephen Miller has said that ICE agents aim to make at most 3,000 arrests a day."),
    ("number", LOCKED, "After 8 wrong passwords within 15 minutes an account is locked for 10 minutes."),
    ("number", ACTIVATED, "When it cannot be reached, the licence goes on for another 30 days."),
    ("unit", LOCKED, "After 8 wrong passwords within 10 minutes an account is locked for 15 hours."),
    ("unit", RELAY, "A station’s relay switches 5 V at most."),
    ("unit", WIND, "Without any wind sensor, vents are limited to 40 cm of their travel."),
    ("version", FIRMWARE, "Firmware 4.3 keeps the radio awake on some boards."),
    ("version", FIRMWARE, "Firmware 4.20 keeps the radio awake on some boards."),
    ("name", TROOPS, "Gavin Newsom responded to the demonstrations in Los Angeles by deploying 700 Marines."),
    ("name", TROOPS, "Donald Trump responded to the demonstrations in San Francisco by deploying 700 Marines."),
    ("name", CURFEW, "Mayor Karen Smith said on Sunday that the overnight curfew in Los Angeles would be extended."),
    ("date", CURFEW, "Mayor Karen Bass said on Monday that the overnight curfew in Los Angeles would be extended."),
    ("date", CURFEW, "Mayor Karen Bass said on 15 June that the overnight curfew in Los Angeles would be extended."),
    ("code", ARCHIVE, "The archive /var/backup holds the configuration and the database."),
    ("code", MOVE, "Run sudo glasswort licence activate on the old server."),
    ("code", WIND, "Side vents only close on the side that the wind comes from, if there is a GW-RN1 with direction."),
    ("negation", FROST, "It does not work during a hold and in a zone without a recipe."),
    ("negation", FROST, "It works in watch mode."),
    ("negation", ARCHIVE, "The archive does not hold the pairing keys of all stations."),
    ("negation", ARCHIVE, "The archive holds the licence key and the log."),
    ("negation", WIND, "With any wind sensor, vents are limited to 40 % of their travel."),
    ("negation", SSO, "SAML and LDAP are supported."),
    ("negation", RELAY, "Anything larger needs no contactor."),
    ("negation", CURFEW, "Mayor Karen Bass said on Sunday that the curfew in Los Angeles would not be extended."),
    ("speaker", OFFICERS, "ICE officers regularly face violence and harassment."),
    ("speaker", OFFICERS, "Karen Bass claimed that ICE officers regularly face violence and harassment."),
    ("speaker", DEBUNKED, "Undocumented immigrants vote in large numbers."),
    (
        "speaker",
        DEBUNKED,
        "Donald Trump repeated claims of large-scale voting by undocumented immigrants that are true.",
    ),
    ("speaker", ACLU, "More than 5 million people took part in the protests."),
    ("speaker", BARBARIC, "Donald Trump’s deportation plan is barbaric."),
    ("speaker", SUIT, "Donald Trump went beyond his authority with the National Guard troops."),
    ("speaker", NEWSOM, "Donald Trump’s deployment of the National Guard was deliberate incitement."),
    ("speaker", NEWSOM, "Donald Trump called Gavin Newsom’s deployment of the National Guard “deliberate incitement”."),
    ("hedge", OFFICERS, "Donald Trump confirmed that ICE officers regularly face violence and harassment."),
    ("hedge", ECONOMY, "Donald Trump’s raids in Los Angeles affect the local economy."),
    (
        "hedge",
        ECONOMY,
        "Officials in California have warned that the raids in Los Angeles affect the local economy.",
    ),
    ("hedge", MILLER, "ICE agents make at least 3,000 arrests a day."),
    ("hedge", CALM, "Los Angeles stayed calm on Sunday."),
    ("scope", FIRMWARE, "Firmware 4.2 keeps the radio awake on all boards."),
    ("scope", LOCKED, "Only administrators can lift that earlier."),
    ("scope", WIND, "Side vents close on the side that the wind comes from."),
    ("scope", LOCKED, "Administrators must lift that earlier."),
    ("cause", CALM, "Los Angeles stayed largely calm on Sunday because of the curfew."),
    ("cause", ARCHIVE, "The service keeps running because the archive holds the database."),
    ("condition", WIND, "Side vents only close on the side that the wind comes from."),
    ("condition", RANKS, "The second one starts when the first has been running for 15 minutes."),
    ("order", CALM, "No more than a handful of demonstrators marched outside City Hall after the start of the curfew."),
    ("order", "Close the vent fully, then press Start.", "Press Start, then close the vent fully."),
    ("order", "Reduce moves per hour from 12 to 6.", "Reduce moves per hour from 6 to 12."),
    ("number", CALM, "More than a handful of demonstrators marched outside City Hall before the start of the curfew."),
    ("speaker", DEBUNKED, "The account says that undocumented immigrants vote in large numbers."),
    ("speaker", COMPARED, "Migration is a weapon of mass destruction."),
    ("added word", SENT, "Donald Trump illegally sent the National Guard to Los Angeles."),
    ("added word", CALM, "Los Angeles stayed largely calm on Sunday, sadly."),
    ("actor", POSTAGE, "We pay the way to us, you pay the way back."),
    ("actor", FOES, "Protests have met fierce opposition and immigration agents."),
    ("actor", TROOPS, "Donald Trump responded to 700 Marines and 4,000 National Guard troops."),
    ("aim", CONTROL, "California won back control of its National Guard troops."),
    ("aim", SENT, "Donald Trump put down protests against his immigration policy, and sent the National Guard."),
    ("exception", WARRANTY, "Hardware has a warranty of three years, batteries and cables included."),
    (
        "or",
        "Write from the address of your order, or add the key.",
        "Write from the address of your order and add the key.",
    ),
    ("merged", CROWDS, "In New York City, there were 75,000 protesters against Donald Trump."),
    (
        "quotation marks",
        CURFEW,
        "Mayor Karen Bass said that the curfew would be extended by “many more days”.",
    ),
    ("link", CALM, "Los Angeles stayed largely calm on Sunday, see https://example.com/calm."),
    ("link", CALM, "Los Angeles stayed largely calm on Sunday, see discord.gg/calm."),
    ("mention", CALM, "@everyone Los Angeles stayed largely calm on Sunday."),
    ("mention", CALM, "<@1234> Los Angeles stayed largely calm on Sunday."),
    ("mark-up", CALM, "Los Angeles stayed **largely calm** on Sunday."),
    ("mark-up", CALM, "Los Angeles stayed [largely calm](calm) on Sunday."),
    ("question", "Can I get a refund after a month?", "I can get a refund after a month."),
    ("table", "| Stations | 8 | 40 |", "Stations: 40."),
    ("another language", CALM, "Los Angeles blieb am Sonntag weitgehend ruhig."),
    ("nothing", CALM, "…"),
    ("refusal", CALM, "I am sorry, but I cannot answer this."),
]


SHORT = [
    ("left out some", "Some stations lose the radio at night.", "Stations lose the radio at night."),
    ("left out few", "A few boards lose the radio at night.", "Boards lose the radio at night."),
    ("left out many", "Many growers water by hand.", "Growers water by hand."),
    ("left out most", "Most growers water by hand.", "Growers water by hand."),
    ("left out usually", "The pump usually starts within a minute.", "The pump starts within a minute."),
    ("left out mostly", "The tank is mostly empty.", "The tank is empty."),
    ("left out much", "Much of the valley was flooded.", "The valley was flooded."),
    ("left out first", "The first alarm of a day is mailed.", "The alarm of a day is mailed."),
    ("left out former", "Former minister Anna Berg opened the bridge.", "Minister Anna Berg opened the bridge."),
    ("left out temporary", "The city built a temporary bridge.", "The city built a bridge."),
    ("left out regularly", "Agents regularly search the market.", "Agents search the market."),
    ("left out almost", "The tank is almost empty.", "The tank is empty."),
    ("left out likely", "The bridge is likely unsafe.", "The bridge is unsafe."),
    ("left out off", "Alarms are switched off in watch mode.", "Alarms are switched in watch mode."),
    ("left out least", "The least used channel is closed.", "The used channel is closed."),
    ("left out only", "The pump only runs at night.", "The pump runs at night."),
    ("left out may", "The vent may stick.", "The vent sticks."),
    ("left out may", "Perhaps the vent sticks.", "The vent sticks."),
    ("left out may", "The vent could be stuck.", "The vent is stuck."),
    ("left out unless", "The vents close at dusk unless a hold is set.", "The vents close at dusk."),
    ("left out out", "The key ran out in May.", "The key ran in May."),
    ("left out doubt", "Engineers doubt that the bridge is safe.", "The bridge is safe."),
    ("left out allegation", "The allegation that the mayor took money was heard in court.", "The mayor took money."),
    ("left out seem", "The pump seems to be dry.", "The pump is dry."),
    ("left out reportedly", "The mayor reportedly left the city.", "The mayor left the city."),
    ("left out debunked", "The false claim that the bridge was sold spread quickly.", "The bridge was sold."),
    ("left out if", "The pump stops if the tank is empty.", "The pump stops."),
    ("left out until", "The pump is locked until somebody acknowledges the alarm.", "The pump is locked."),
    ("left out evidence", "There is no evidence that the mayor took money.", "The mayor took money."),
    ("left out stop", "The lock prevents the vents from opening.", "The lock opens the vents."),
    ("left out lack", "The old stations lack a radio.", "The old stations have a radio."),
    ("stronger all", "Stations lose the radio at night.", "All stations lose the radio at night."),
    ("stronger only", "The owner can delete users.", "Only the owner can delete users."),
    ("stronger must", "Administrators can change the password.", "Administrators must change the password."),
    ("stronger need", "Stations have two outputs.", "Stations need two outputs."),
    ("stronger true", "The claim about the bridge was published.", "The true claim about the bridge was published."),
    ("stronger should", "Administrators can change the password.", "Administrators should change the password."),
    ("stronger more", "The new pump is loud.", "The new pump is more loud."),
    ("stronger even", "The pump works at night.", "Even the pump works at night."),
    ("stronger never", "The pump works at night.", "The pump never works at night."),
    ("stronger because", "The pump stopped. The tank was empty.", "The pump stopped due to the empty tank."),
    ("stronger first", "Open the valve and start the pump.", "First open the valve and start the pump."),
    ("stronger or", "Nursery and Estate include SMS.", "Nursery or Estate include SMS."),
    ("stronger off", "The server switches the relay.", "The server switches the relay off."),
    ("stronger out", "The mayor ran the city.", "The mayor ran out the city."),
    ("stronger still", "The bridge was closed in May.", "The bridge was still closed in May."),
    ("stronger several", "Stations lose the radio at night.", "Several stations lose the radio at night."),
    ("stronger will", "The bridge opens in May.", "The bridge will open in May."),
    ("stronger i", "The licence is checked every month.", "We check the licence every month."),
    ("stronger he", "The mayor met her deputy.", "The mayor met his deputy."),
    ("stronger she", "The mayor met his deputy.", "The mayor met her deputy."),
    ("condition", "The pump stopped and the tank was empty.", "If the pump stopped the tank was empty."),
    ("condition", "If the fan is on, the vents are closed.", "If the vents are closed, the fan is on."),
    ("how", "The manual says how the vents are opened.", "The manual says the vents are opened."),
    ("condition", "The drug was tested when patients were old.", "Patients were old when the drug was tested."),
    ("name", "It may rain on the bridge.", "It rains on the bridge in May."),
    ("name", "They told us about the bridge.", "They told the US about the bridge."),
    ("name", "John Berg and Anna Smith opened the bridge.", "Anna Berg opened the bridge."),
    ("speaker", "Anna Berg said that the bridge was unsafe.", "The bridge was unsafe."),
    (
        "speaker",
        "Anna Berg and John Smith said that the bridge was unsafe.",
        "John Berg said that the bridge was unsafe.",
    ),
    ("speaker", "The bridge was unsafe. Anna Berg left.", "Anna Berg said that the bridge was unsafe."),
    (
        "time",
        "Anna Berg said on Monday that the bridge was closed.",
        "Anna Berg said that the bridge was closed on Monday.",
    ),
    ("qualified", "Deputy Mayor Anna Berg opened the bridge.", "Mayor Anna Berg opened the bridge."),
    ("qualified", "The deputy mayor opened the bridge.", "The mayor opened the bridge."),
    ("qualified", "The planned bridge crosses the river.", "The bridge crosses the river."),
    (
        "qualified",
        "The police looked for a suspected bomb at the station.",
        "The police looked for a bomb at the station.",
    ),
    ("qualified", "Acting governor John Smith signed the law.", "Governor John Smith signed the law."),
    ("aim", "The council plans to close the bridge.", "The council closes the bridge."),
    ("aim", "The council wants to close the bridge.", "The council closed the bridge."),
    ("aim", "The council is to close the bridge.", "The council closed the bridge."),
    ("actor", "The bank sued the city.", "The city sued the bank."),
    ("actor", "The bank was sued by the city.", "The bank sued the city."),
    ("actor", "The lawyers of the bank sued the city.", "The bank sued the city."),
    ("actor", "Anna Berg met John Smith in Oslo.", "John Smith met Anna Berg in Oslo."),
    ("actor", "A letter from Anna Berg to John Smith was found.", "A letter from John Smith to Anna Berg was found."),
    ("actor", "The pump is driven by a motor.", "The motor is driven by a pump."),
    (
        "negation",
        "The pump does not start at night but runs by day.",
        "The pump does not run by day but starts at night.",
    ),
    ("negation", "Not all stations have a radio.", "All stations have a radio."),
    ("negation", "The pump starts without a key.", "The pump starts with a key."),
    ("number", "20 % of the stations lose the radio.", "20 % lose the radio."),
    ("merged", "The pump feeds the tank and the fan cools the house.", "The pump cools the house."),
    ("merged", "Growers water by hand, and visitors pay at the gate.", "Growers pay at the gate."),
    ("which ones", "Stations that run on batteries need a cable.", "Stations need a cable."),
    ("which ones", "Growers who use peat need a probe.", "Growers need a probe."),
    ("which ones", "Stations with batteries need a cable.", "Stations need a cable."),
    ("which ones", "Houses under glass need shade.", "Houses need shade."),
    ("condition", "Without a sensor the vents stay closed.", "The vents stay closed."),
    ("condition", "For stations on batteries the limit is doubled.", "The limit is doubled."),
    ("condition", "During a test the outputs are off.", "The outputs are off."),
    ("modality", "Administrators can delete users.", "Administrators delete users."),
    ("modality", "Users should change the password.", "Users change the password."),
    ("tense", "The station had a fault that stopped the fans.", "The station has a fault that stops the fans."),
    ("tense", "The mill employed forty people.", "The mill employs forty people."),
    ("number", "The mill makes 40 tons a day.", "The mill makes 40 tons."),
    ("number", "The pump runs at most 5 minutes.", "The pump runs 5 minutes."),
    ("number", "The passphrase has 12 characters or more.", "The passphrase has 12 characters."),
    ("number", "The limit is 12 characters or fewer.", "The limit is 12 characters."),
    ("number", "Patients over 65 were treated.", "Patients were treated."),
    ("which ones", "Roof vents close in wind.", "Vents close in wind."),
    ("which ones", "Steel bridges rust.", "Bridges rust."),
    ("merged", "The menu in the mobile editor is new.", "The mobile menu in the editor is new."),
    ("or", "Pay the fee, or the account is closed.", "The account is closed."),
    ("or", "Add the key or write from the address of the order.", "Write from the address of the order."),
    ("stronger then", "Open the valve and start the pump.", "Open the valve, then start the pump."),
]
"""For each rule, and each group of words, what it is for: the shortest sentences."""

ATTACKED = [
    (
        "condition",
        "Further ones are switched on by the owner, or nothing more is sent until the first of the next month.",
        "Nothing more is sent until the first of the next month.",
    ),
    (
        "condition",
        "If the two points are closer than 12 % of the raw scale, saving is refused with `E-CAL-07 points too close`.",
        "If the two points are closer, saving is refused.",
    ),
    (
        "merge",
        "SMS is part of the Nursery and Estate editions. 50 a month are included with Nursery, 300 with Estate.",
        "300 a month are included with Nursery.",
    ),
    (
        "scope",
        "Using certificates from real CAs for development can be dangerous or impossible.",
        "Using certificates from real CAs can be dangerous or impossible.",
    ),
]
"""What an attack of sixty sentences got through before it was mended."""


@pytest.mark.parametrize("reader", [None, BelievingReader()], ids=["no reader", "believing reader"])
@pytest.mark.parametrize(("kind", "quotation", "sentence"), [*FALSEHOODS, *SHORT, *ATTACKED])
def test_no_falsehood_passes_whatever_the_reader_says(kind: str, quotation: str, sentence: str, reader: Reader | None):
    assert not Gate(reader).check([Draft(sentence, (1,))], [Ground(quotation, None, "")]).kept


def test_why_a_sentence_was_dropped_can_be_said_in_another_language():
    reasons = [
        check([Draft(text, (1,))], quotation).dropped[0].reason for _kind, quotation, text in [*FALSEHOODS, *SHORT]
    ]
    assert len({reason.template for reason in reasons}) >= 15
    for language in LANGUAGES:
        speak(language)
        assert [reason for reason in reasons if _(reason) == reason] == []


def test_there_are_enough_falsehoods_of_every_kind():
    assert len(FALSEHOODS) >= 40
    assert len({kind for kind, *_ in FALSEHOODS}) >= 12


def test_no_falsehood_passes_over_all_quotations_together():
    grounds = [Ground(text, None, "") for text in dict.fromkeys(quotation for _, quotation, _ in FALSEHOODS)]
    gate = Gate(BelievingReader())
    passed = [sentence for kind, _, sentence in FALSEHOODS if gate.check([Draft(sentence, (1,))], grounds).kept]
    assert passed == []


@pytest.mark.parametrize("quotation", [TROOPS, DEBUNKED, CROWDS, ARCHIVE, WIND, LOCKED, FIRMWARE, RANKS])
def test_the_quotations_are_those_of_the_documents(quotation: str):
    folders = (ROOT / "seeds", ROOT / "benchmarks" / "manual" / "pages")
    every = " ".join(readable(one.text).text for folder in folders for one in read_documents(folder).documents)
    assert quotation.split(". ")[0].strip(".") in every.replace("\n", " ").replace("'", "’")


# --- what is true --------------------------------------------------------------------------------

TRUE = [
    (TROOPS, TROOPS),
    (TROOPS, "Donald Trump deployed 700 Marines and 4,000 National Guard troops."),
    (CURFEW, "Mayor Karen Bass said on Sunday that the overnight curfew in Los Angeles would be extended."),
    (CURFEW, 'Karen Bass said that the curfew in Los Angeles would be extended by "a couple more days".'),
    (CALM, "Los Angeles stayed largely calm on Sunday."),
    (CROWDS, "In Chicago, there were 75,000 protesters against Donald Trump."),
    (ACLU, "According to the ACLU, more than 5 million people took part in the protests."),
    (OFFICERS, "Donald Trump claimed that ICE officers regularly face violence and harassment."),
    (BARBARIC, "The account calls Donald Trump's deportation plan barbaric."),
    (ECONOMY, "Officials in California have warned that the raids in Los Angeles could affect the local economy."),
    (FIRMWARE, "Firmware 4.2 keeps the radio awake on some boards."),
    (SSO, "SAML and LDAP are not supported."),
    (RELAY, "Anything larger needs a contactor."),
    (WIND, "Without any wind sensor, vents are limited to 40 % of their travel."),
    (ARCHIVE, "The archive holds the configuration, the database, recipes and uploaded pictures."),
    (LOCKED, "After 8 wrong passwords within 10 minutes an account is locked for 15 minutes."),
    (RELAY, "A station’s relay switches at most 5 A."),
    (SPEED, "The highest value is compared."),
    ("The folder may be on a network share.", "The folder can be on a network share."),
    (CRITICAL, "A critical alarm is shown and mailed."),
    (TERM, "The White House aims to deport 1 million people in the first year of Donald Trump’s second term."),
    ("Frost protection is separate from recipes and always on.", "Frost protection is always on."),
]


@pytest.mark.parametrize(("quotation", "sentence"), TRUE)
def test_what_a_quotation_says_passes(quotation: str, sentence: str):
    assert why(sentence, quotation) == "kept"


@pytest.mark.slow
def test_the_shipped_reader_lets_what_is_true_pass_and_nothing_else():
    gate = Gate(TrainedReader())

    def kept(quotation: str, sentence: str) -> bool:
        return bool(gate.check([Draft(sentence, (1,))], [Ground(quotation, None, "")]).kept)

    assert [sentence for _, quotation, sentence in FALSEHOODS if kept(quotation, sentence)] == []
    assert sum(kept(*pair) for pair in TRUE) >= 0.8 * len(TRUE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quotation", "sentence"),
    [
        ("Every heater needs its own overheat cut-off.", "Every station needs its own overheat cut-off."),
        (
            "A pause of 5 seconds between two valves avoids water hammer.",
            "A pause between valves damages the pump.",
        ),
        ("Two histories cannot be merged.", "Two recipes cannot be merged."),
        (ARCHIVE, "The archive holds the database of all tenants."),
        (CALM, "Los Angeles stayed largely dark on Sunday."),
    ],
)
def test_the_shipped_reader_sees_another_word(quotation: str, sentence: str):
    assert not passes(sentence, quotation, reader=TrainedReader())


# --- which quotation -----------------------------------------------------------------------------


def test_another_quotation_is_tried_where_the_one_named_does_not_hold():
    checked = check([Draft("Anything larger needs a contactor.", (1,))], CALM, RELAY)
    assert [one.numbers for one in checked.kept] == [(2,)]


def test_of_those_named_all_that_hold_are_given():
    checked = check([Draft("Anything larger needs a contactor.", (3, 1, 2))], RELAY, CALM, f"Note. {RELAY}")
    assert [one.numbers for one in checked.kept] == [(1, 3)]


def test_without_quotations_nothing_is_kept():
    checked = check([Draft("Anything larger needs a contactor.", ())])
    assert (checked.kept, checked.whole) == ((), False)


def test_the_text_of_what_is_kept_is_as_it_was_written():
    sentence = "Anything larger needs a contactor."
    kept = check([Draft(sentence, (1,))], RELAY).kept
    assert kept == (Kept(sentence, (1,), kept[0].support),)
    assert 0.5 < kept[0].support <= 1


def test_the_readers_doubt_drops_a_sentence_in_other_words():
    sentence = "In Chicago, 75,000 people protested against Donald Trump."
    assert not passes(sentence, CROWDS, reader=DoubtingReader())


def test_a_question_or_a_row_of_a_table_holds_nothing():
    assert not passes("You can get a refund.", "Can you get a refund?")
    assert not passes("Stations 40.", "Stations | 8 | 40")


def test_whom_the_quotation_is_of_has_to_be_named():
    ground = Ground("The bridge was unsafe.", "Anna Berg", "The bridge")
    assert why("The bridge was unsafe.", ground) == "It leaves out who says so."
    assert passes("Anna Berg said that the bridge was unsafe.", ground)


# --- sentences that lean on others ---------------------------------------------------------------

BRIDGE = "The bridge was built in 1912. It was closed in May. The mill is older. It burns coal."


def test_a_pronoun_passes_behind_what_it_means():
    checked = check([Draft("The bridge was built in 1912.", (1,)), Draft("It was closed in May.", (1,))], BRIDGE)
    assert len(checked.kept) == 2


def test_a_pronoun_falls_with_the_sentence_before():
    checked = check([Draft("The bridge was built in 1913.", (1,)), Draft("It was closed in May.", (1,))], BRIDGE)
    assert [one.reason for one in checked.dropped][1] == "It leans on a sentence that is not there."


def test_a_pronoun_that_opens_the_prose_means_nothing():
    assert not check([Draft("It was closed in May.", (1,))], BRIDGE).kept


def test_a_pronoun_that_means_something_else_than_in_the_quotation_is_dropped():
    checked = check([Draft("The mill is older.", (1,)), Draft("It was closed in May.", (1,))], BRIDGE)
    assert [one.text for one in checked.kept] == ["The mill is older."]
    assert checked.dropped[0].reason == "It is not clear what “It” means."


STEPS = "1. Close the vent fully.\n2. Choose Outputs.\n3. Press Start.\n4. Press Stop when the vent is open."


def steps(*sentences: str, first: int = 1) -> list[Draft]:
    return [Draft(sentence, (1,), number) for number, sentence in enumerate(sentences, first)]


def test_steps_in_their_order_pass():
    assert len(check(steps("Close the vent fully.", "Choose Outputs.", "Press Start."), STEPS).kept) == 3


def test_steps_in_another_order_all_fall():
    checked = check(steps("Close the vent fully.", "Press Start.", "Choose Outputs."), STEPS)
    assert {one.reason for one in checked.dropped} == {"No quotation has these steps in this order."}
    assert not checked.kept


def test_a_step_that_is_not_held_takes_the_others_with_it():
    checked = check(steps("Close the vent fully.", "Choose Inputs.", "Press Start."), STEPS)
    assert not checked.kept and len(checked.dropped) == 3


def test_steps_of_two_quotations_are_no_procedure():
    checked = check(steps("Close the vent fully.", "Open the valve."), STEPS, "Open the valve.")
    assert not checked.kept


# --- whether enough is left ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("true", "false", "whole"),
    [(1, 0, False), (FEWEST, 0, True), (2, 1, True), (2, 2, False), (4, 2, True), (0, 3, False)],
)
def test_too_few_or_too_many_dropped_and_nothing_is_shown(true: int, false: int, whole: bool):
    held = [
        "The bridge was built in 1912.",
        "The mill is older.",
        "The mill burns coal.",
        "The bridge was closed in May.",
    ]
    quotation = " ".join(held)
    drafts = [Draft(sentence, (1,)) for sentence in held[:true]]
    drafts += [Draft(f"The bridge was built in {1950 + at}.", (1,)) for at in range(false)]
    checked = check(drafts, quotation)
    assert (len(checked.kept), len(checked.dropped), checked.whole) == (true, false, whole)


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_gate_and_every_draft_is_kept_or_dropped(text: str):
    checked = check([Draft(text, (1,)), Draft(text, ()), Draft("The mill is older.", (1,), 1)], BRIDGE, text or "x")
    assert len(checked.kept) + len(checked.dropped) == 3
    assert all(one.reason.endswith((".", "?")) for one in checked.dropped)


@pytest.mark.slow
def test_a_long_draft_takes_no_time():
    assert not check([Draft("word " * 100_000, (1,))], BRIDGE).kept
