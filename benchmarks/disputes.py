"""Small collections with a question each: documents that contradict each other, and documents that only seem to."""

from typing import NamedTuple


class Case(NamedTuple):
    """A question and the documents it is put to; `published` has their dates where these matter."""

    question: str
    texts: tuple[str, ...]
    published: tuple[str, ...] = ()


# Written before the rules were, and not looked at while they were written: only the rates are asserted.
DISPUTED_ASIDE = [
    Case(
        "Did the mayor resign?",
        (
            "Mayor Petra Holm resigned on Tuesday, the Daily Courier reported. The council meets on Friday.",
            "Petra Holm has not resigned, her office said. A spokesman told reporters that she was at her desk.",
        ),
    ),
    Case(
        "Was Daniel Okafor fired?",
        (
            "The season went badly. Daniel Okafor was fired as head coach after the defeat in Lisbon.",
            "The club denied that Daniel Okafor had been fired. It said that he had left by mutual consent.",
        ),
    ),
    Case(
        "Is it true that the dam was inspected before the flood?",
        (
            "The operator said that the dam had been inspected twice before the flood.",
            "Investigators found that the dam was never inspected before the flood. Eleven houses were lost.",
        ),
    ),
    Case(
        "Did the minister know about the leak?",
        (
            "According to two former aides, the minister knew about the leak in March.",
            "The minister said that she did not know about the leak. Parliament will debate the matter in autumn.",
        ),
    ),
    Case(
        "Does the vaccine cause infertility?",
        (
            "A post that was shared widely claimed that the vaccine causes infertility.",
            "The health agency said that there is no evidence that the vaccine causes infertility.",
        ),
    ),
    Case(
        "Were shots fired at the embassy?",
        (
            "Witnesses said that shots were fired at the embassy shortly before midnight.",
            "Police said that no shots were fired at the embassy. What residents heard were fireworks.",
        ),
    ),
    Case(
        "Did Brannigan plagiarise his thesis?",
        (
            "A group of scholars accused Brannigan of having plagiarised his thesis.",
            "Brannigan rejected the accusation that he had plagiarised his thesis. Every source was named, he said.",
        ),
    ),
    Case(
        "Is the Tarn bridge safe?",
        (
            "The city's engineers consider the Tarn bridge safe. It was opened in 1931.",
            "An independent report says that the Tarn bridge is unsafe. The council has not replied.",
        ),
    ),
    Case(
        "Did Norvik Chemicals pollute the river?",
        (
            "Norvik Chemicals polluted the river for years, residents say.",
            "Norvik Chemicals denies polluting the river. The firm employs 400 people.",
        ),
    ),
    Case(
        "Has the treaty been signed?",
        (
            "Both governments have signed the treaty, the foreign ministry announced.",
            "The opposition leader said that the treaty had not been signed.",
        ),
    ),
    Case(
        "did the factory in Pune use child labour??",
        (
            "The report says that the factory in Pune used child labour between 2015 and 2018.",
            "The owner called the report false. “The factory in Pune has never used child labour”, he said.",
        ),
    ),
    Case(
        "Was the painting stolen?",
        (
            "The painting was stolen from the villa in 1944, the museum's file says.",
            "The heirs of the dealer maintain that the painting was not stolen but sold.",
        ),
    ),
    Case(
        "Can dogs catch the virus?",
        (
            "Dogs can catch the virus, a study from Ghent reports.",
            "Dogs cannot catch the virus, according to the veterinary board.",
        ),
    ),
    Case(
        "What is known about the bribe to Senator Ruiz?",
        (
            "Prosecutors allege that Senator Ruiz took a bribe from a builder in 2019.",
            "Senator Ruiz denied that he took a bribe. His lawyer asked the court to drop the case.",
        ),
    ),
    Case(
        "Did Halvorsen reach the summit in 1924?",
        (
            "Halvorsen reached the summit in 1924, two days before the storm.",
            "Many climbers believe that Halvorsen never reached the summit. His camera was not found.",
        ),
    ),
    Case(
        "Is there lead in the tap water of Millbrook?",
        (
            "There is lead in the tap water of Millbrook, a parents' group claims.",
            "The water company insists that there is no lead in the tap water of Millbrook.",
        ),
    ),
]
UNDISPUTED_ASIDE = [
    Case(
        "Did the mayor resign?",
        (
            "Mayor Petra Holm resigned on Tuesday. The council meets on Friday.",
            "The deputy mayor, Jonas Berg, did not resign. He will lead the council for now.",
        ),
    ),
    Case(
        "Was Daniel Okafor fired?",
        (
            "Daniel Okafor was fired as head coach in May.",
            "The club did not say why Daniel Okafor was fired.",
        ),
    ),
    Case(
        "Did the pilot report engine trouble?",
        (
            "The pilot reported engine trouble minutes before the landing.",
            "The airline did not say whether the pilot had reported engine trouble.",
        ),
    ),
    Case(
        "Did Norvik Chemicals pollute the river?",
        (
            "Norvik Chemicals polluted the river for years, a court found.",
            "Norvik Chemicals denied that it had bribed inspectors. Its lawyers will appeal.",
        ),
    ),
    Case(
        "Were shots fired at the embassy?",
        (
            "Police said that no shots were fired at the embassy.",
            "No shots were fired at the embassy, the ambassador said.",
        ),
    ),
    Case(
        "Did Lindqvist write the libretto?",
        (
            "Lindqvist wrote the libretto in the winter of 1901.",
            "Lindqvist wrote not only the libretto but also the music.",
        ),
    ),
    Case(
        "Is the Glass Museum open on Mondays?",
        (
            "The Glass Museum is open on Mondays in summer.",
            "The Glass Museum is not open on Mondays in winter.",
        ),
    ),
    Case(
        "Did the court convict Tanaka?",
        (
            "The court convicted Tanaka of fraud in 2010.",
            "The court did not convict Tanaka of perjury.",
        ),
    ),
    Case(
        "Was the old bridge destroyed in the war?",
        (
            "The old bridge was destroyed in the war.",
            "The old bridge was not rebuilt until seven years after the war.",
        ),
    ),
    Case(
        "Did voters approve the tax?",
        (
            "Voters approved the tax in November.",
            "Some voters said they would not have approved the tax without the promise of a new school.",
        ),
    ),
    Case(
        "Does coffee raise blood pressure?",
        (
            "Coffee raises blood pressure for a short time, a review found.",
            "Green tea does not raise blood pressure, the same authors say.",
        ),
    ),
    Case(
        "Was the fire in the warehouse set deliberately?",
        (
            "The fire in the warehouse was set deliberately, police said.",
            "It is not known whether the fire in the warehouse was set deliberately.",
        ),
    ),
    Case(
        "Did Carter win the vote?",
        (
            "Carter won the vote by a small margin.",
            "If Carter had not won the vote, the pipeline would have been built.",
        ),
    ),
    Case(
        "Did the chairman meet the lobbyists?",
        (
            "The chairman met the lobbyists in Vienna, the paper reported.",
            "The chairman did not deny that he met the lobbyists.",
        ),
    ),
    Case(
        "Did the army use gas in the valley?",
        (
            "The army used gas in the valley, survivors said.",
            "The army denied that it had used gas in the capital.",
        ),
    ),
    Case(
        "What did the union say about the strike?",
        (
            "The union said that the strike would go on until Friday.",
            "The union denied that it had been paid for the parade.",
        ),
    ),
]

# Written to develop the rules with.
DISPUTED = [
    Case(
        "Did the coach hit a player?",
        (
            "The coach hit a player in the dressing room, two parents said. The coach denies the accusation.",
            "The school has hired a new coach for the winter season.",
        ),
    ),
    Case(
        "Do undocumented migrants vote in large numbers?",
        (
            "The senator said that undocumented migrants vote in large numbers. The report offers no proof of it.",
            "Election officials reject the claim that undocumented migrants vote in large numbers.",
        ),
    ),
    Case(
        "So is it true that the ship was overloaded?",
        (
            "Dockworkers said the ship was overloaded when it left Piraeus.",
            "The owner called it false that the ship was overloaded. The inquiry opens next week.",
        ),
    ),
    Case(
        "Was the election rigged?",
        (
            "The defeated candidate claims that the election was rigged.",
            "Observers from twelve countries found no evidence that the election was rigged.",
        ),
    ),
    Case(
        "Is the fish from Lake Oro edible?",
        (
            "Fish from Lake Oro is edible, the tourist office writes.",
            "Fish from Lake Oro is inedible because of the mercury, a laboratory warned.",
        ),
    ),
    Case(
        "Has Amira Said ever met the general?",
        (
            "Amira Said met the general twice in Cairo, her driver said.",
            "Amira Said says that she has never met the general. She left politics in 2009.",
        ),
    ),
    Case(
        "wait did the king really abdicate??",
        (
            "The king abdicated on Sunday evening, state radio reported.",
            "The palace said that the king had not abdicated. Guests were received as usual.",
        ),
    ),
    Case(
        "Did police use rubber bullets?",
        (
            "Police used rubber bullets against the crowd, according to several students.",
            "A police spokeswoman said: “We did not use rubber bullets.” Fourteen people were hurt.",
        ),
    ),
    Case(
        "Does the diet cure diabetes?",
        (
            "The author of the book promises nothing less: the diet cures diabetes.",
            "Doctors call the claim that the diet cures diabetes a myth.",
        ),
    ),
    Case(
        "Is Lake Oro frozen?",
        ("Lake Oro is not frozen.", "Lake Oro is frozen."),
        ("2024-01-05", "2024-01-05"),
    ),
    Case(
        "What is said about the poem and its author?",
        (
            "The poem was written by Margery Vane, the editor argues. It has forty lines.",
            "The poem was not written by Margery Vane, the archivist says. Its author is unknown.",
        ),
    ),
    Case(
        "Did the bank know of the fraud?",
        (
            "The bank knew of the fraud for months, a former manager told the court.",
            "The bank rejects the allegation that it knew of the fraud.",
        ),
    ),
    Case(
        "Was the strike illegal?",
        ("The strike was illegal, the judge ruled.", "The union maintains that the strike was legal."),
    ),
    Case(
        "is it true the mine was flooded on purpose",
        (
            "Workers say the mine was flooded on purpose.",
            "It is not true that the mine was flooded on purpose, the owner said.",
        ),
    ),
    Case(
        "Did the bank mention the fraud?",
        (
            "The bank mentioned the fraud in its letter, according to the lawyers.",
            "The bank did not mention the fraud, investors complained.",
        ),
    ),
]
UNDISPUTED = [
    Case(
        "Did the coach hit a player?",
        (
            "The coach hit a player in the dressing room, the inquiry found.",
            "The coach denied that he had hit the referee.",
        ),
    ),
    Case(
        "Is the ferry running?",
        (
            "The ferry is running again, with six crossings a day.",
            "Nobody could say whether the ferry is running.",
        ),
    ),
    Case(
        "Was the election rigged?",
        (
            "The defeated candidate claims that the election was rigged.",
            "The court has yet to decide if the election was rigged. It did not comment on the claim.",
        ),
    ),
    Case(
        "Did Amira Said meet the general?",
        (
            "Amira Said met the general twice in Cairo.",
            "Amira Said did not meet the general's brother, who lived abroad.",
        ),
    ),
    Case(
        "Did police use rubber bullets?",
        (
            "Police used rubber bullets against the crowd.",
            "Police did not use rubber bullets until the crowd had reached the palace.",
        ),
    ),
    Case(
        "Did the union call a strike?",
        (
            "The union called a strike for Monday.",
            "The union would not have called a strike if wages had been paid, its leader said.",
        ),
    ),
    Case(
        "Is the lake frozen?",
        ("Lake Oro is frozen, and people skate on it.", "Lake Varn is not frozen."),
    ),
    Case(
        "Did the king abdicate?",
        (
            "The king abdicated on Sunday evening.",
            "The king did not abdicate for love, the biographer writes, but for money.",
        ),
    ),
    Case(
        "Did the bank know of the fraud?",
        (
            "The bank knew of the fraud for months, a court found.",
            "The bank denies that it knew of the robbery.",
        ),
    ),
    Case(
        "Did the bank lose the money?",
        (
            "The bank lost the money, a court found.",
            "The bank did not confirm that it had lost the money, and it did not say it had lost the money.",
        ),
    ),
    Case(
        "Did protesters throw stones?",
        ("Protesters threw stones, police said.", "Most protesters did not throw stones, police said."),
    ),
    Case(
        "Did the team win the cup?",
        ("The team won the cup.", "No other team has won the cup."),
    ),
    Case(
        "Has the law changed?",
        ("The law has changed.", "The law has not changed much."),
    ),
    Case(
        "Did the factory close?",
        ("The factory closed in 2010.", "The factory did not close, as is often said, because of strikes."),
    ),
    Case(
        "Did Anna leave the band?",
        ("Anna left the band in 2001.", "Anna never left the band's old manager."),
    ),
    Case(
        "Did the president sign the bill?",
        ("The president signed the bill.", "The president denied that he had been forced to sign the bill."),
    ),
    Case(
        "Is the drug safe?",
        ("The drug is safe, the agency said.", "The drug is not safe for children, the agency said."),
    ),
    Case(
        "Did the ship sink?",
        (
            "The ship sank off Crete with all its cargo.",
            "The ship did not only sink, it also polluted the whole bay.",
        ),
    ),
    Case(
        "Who denied the report?",
        (
            "The ministry denied the report about the dam.",
            "The dam is not new: it was built in 1931.",
        ),
    ),
    Case(
        "Is sugar bad for teeth?",
        (
            "Sugar is bad for teeth, dentists say.",
            "The new sweetener is not bad for teeth, and it is cheap.",
        ),
    ),
]
CHANGED = [
    Case(
        "Has the treaty been signed?",
        ("The treaty has not been signed.", "The treaty has been signed."),
        ("2024-03-01", "2024-05-10"),
    ),
    Case(
        "Is Lake Oro frozen?",
        ("Lake Oro is frozen.", "Lake Oro is not frozen."),
        ("2024-01-05", "2024-03-15"),
    ),
]
