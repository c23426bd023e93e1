"""Names for made-up people, by the naming patterns of the communities they live in.

All combinations are invented; the lists are ordinary names of the generations. A
pattern says more than a list: whether a home shares one family name, whether the name
that stands last is a title, and which way round a name is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Pattern:
    """How one community names its people.

    Attributes:
        women: Forenames.
        men: Forenames.
        surnames: Last names of men, and of women where `women_end` holds none.
        common: The few that a large part of them have.
        women_end: Last names of women that are no family names (Kaur, Begum).
        shares: Share of those who live together who have one family name.
    """

    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    common: tuple[str, ...]
    women_end: tuple[str, ...] = ()
    shares: float = 0.85


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_STEMS = """Ash Bed Black Brad Brom Burn Clay Craw Den East Fair Green Hal Hart Hazel
    Hol Kirk Lang Long Mar Mid Nor Oak Pem Rad Rock Sand Shel Staf Stan Thorn Wake Wal
    West Whit Win Wynd"""
_ENDINGS = "ford ley ton well field more ham by worth man"

PATTERNS: Final = {
    "British": Pattern(
        women=_words("""Margaret Jean Mary Patricia Sheila Barbara Doreen Joan Maureen
            Dorothy Brenda June Betty Audrey Shirley Sylvia Beryl Pamela Joyce Eileen
            Janet Marjorie Christine Susan Linda Carol Judith Ann Elizabeth Kathleen
            Hazel Valerie Marion Rita Rosemary Gillian Jacqueline Sandra Irene Hilda
            Edna Ivy Winifred Catherine Frances Helen Ruth Gwen Siân Renée Bridget
            Heather Wendy Diane Lesley Angela Teresa Mary-Ann Anne-Marie"""),
        men=_words("""John William James George Ronald Kenneth Derek Peter Brian Dennis
            Raymond Roy Alan Donald Eric Gordon Stanley Frank Arthur Albert Harold
            Leonard Norman Ernest Geoffrey Keith Terence Anthony Michael David Robert
            Roger Barry Malcolm Colin Trevor Graham Thomas Charles Edward Joseph Henry
            Douglas Frederick Walter Reginald Cyril Clifford Patrick Desmond Gerald
            Neville Maurice Stephen Christopher Richard Philip"""),
        surnames=tuple(s + e for s in _STEMS.split() for e in _ENDINGS.split()),
        common=_words("""Smith Jones Taylor Brown Williams Wilson Johnson Davies
            Robinson Wright Thompson Evans Walker White Roberts Green Hall Wood Jackson
            Clarke Hughes Edwards Lewis Harris Cooper Ward Turner Hill Morris Baker King
            Parker Bennett Cook Shaw O'Brien McCarthy Kelly Murphy Müller"""),
    ),
    "Polish": Pattern(
        women=_words("""Małgorzata Jadwiga Zofia Krystyna Łucja Stanisława Bożena
            Halina Irena Wanda"""),
        men=_words("""Stanisław Włodzimierz Józef Kazimierz Tadeusz Zbigniew Łukasz
            Henryk Jan Wacław"""),
        surnames=_words("""Wiśniewski Dąbrowski Kamiński Lewandowski Zieliński
            Szymański Kozłowski Jabłoński Wójcik Kowalczyk"""),
        common=_words("Nowak Kowalski Wójcik"),
        shares=0.95,
    ),
    "Gujarati": Pattern(
        women=_words("""Pushpa Kamala Sushila Meena Kokila Hansa Manjula Savita Jaya
            Lakshmi"""),
        men=_words("""Ramesh Suresh Kanti Vijay Mahendra Dinesh Jayanti Mahesh Navin
            Chhagan"""),
        surnames=_words("Patel Shah Desai Mehta Parekh Joshi Mistry Sharma"),
        common=_words("Patel Shah"),
        shares=0.95,
    ),
    "Sikh": Pattern(
        women=_words("Surinder Harbans Gurmeet Balbir Jasbir Manjit Kulwant Mohinder"),
        men=_words("Harjit Balbir Gurdev Satnam Manjit Jaswant Kulwant Mohinder"),
        surnames=_words("Singh Singh Singh Sandhu Dhillon Gill Grewal Sidhu"),
        common=_words("Singh"),
        women_end=_words("Kaur Kaur Kaur Kaur Sandhu Gill"),
        shares=0.1,
    ),
    "Pakistani and Bangladeshi": Pattern(
        women=_words("""Fatima Amina Shabnam Nasreen Parveen Zainab Khadija Rukhsana
            Shamim Razia Salma Hasina"""),
        men=_words("""Mohammed Abdul Ahmed Yusuf Tariq Rashid Mohammed Mohammed Syed
            Ghulam"""),
        surnames=_words("""Khan Hussain Ahmed Ali Akhtar Chaudhry Miah Rahman Iqbal
            Malik Aziz Karim Uddin Rafiq Saleem Mahmood"""),
        common=_words("Khan Hussain Ahmed Ali Miah"),
        women_end=_words("Begum Bibi Khatun Akhtar Begum Bibi Khan"),
        shares=0.15,
    ),
    "Caribbean": Pattern(
        women=_words("""Beverley Yvonne Claudette Merlene Winsome Gloria Hyacinth
            Icilda Lurline Sonia"""),
        men=_words("Winston Delroy Errol Clive Everton Neville Vernon Lloyd Carlton"),
        surnames=_words("""Campbell Gordon Francis Grant Reid Bailey Morgan Brown
            Clarke Powell Henry"""),
        common=_words("Campbell Brown Clarke"),
    ),
    "West African": Pattern(
        women=_words(
            "Abena Ngozi Folasade Esi Blessing Amma Comfort Olufunke Chinyere"
        ),
        men=_words("""Kwame Kofi Chukwuemeka Olusegun Babatunde Kojo Samuel Emmanuel
            Oluwaseun Ikechukwu"""),
        surnames=_words("""Mensah Okafor Adeyemi Owusu Boateng Okonkwo Asante Oyelaran
            Eze Balogun"""),
        common=_words("Mensah Okafor Owusu"),
        shares=0.7,
    ),
    "Chinese": Pattern(
        women=("Mei Ling", "Siu Fong", "Xiu Ying", "Wai Yin", "Lai Kuen", "Yuk Lan"),
        men=("Kwok Wai", "Wing Kei", "Jian Guo", "Chi Ming", "Kam Tong", "Wei Min"),
        surnames=_words("Chan Wong Li Chen Zhang Cheung Lau Ng"),
        common=_words("Chan Wong Chen"),
        shares=0.6,
    ),
    "Middle Eastern": Pattern(
        women=_words("Layla Maryam Soraya Aylin Leila Yasmin Şükran Zahra"),
        men=_words("Ali Hassan Mehmet Reza Omar Kemal İbrahim Yasin"),
        surnames=("Yılmaz", "Hosseini", "Al-Haddad", "Demir", "Karimi", "El-Nasser"),
        common=("Yılmaz", "Hosseini"),
        shares=0.8,
    ),
}

# Of each ethnic group, the patterns and how common they are. Assumed. Those of mixed
# groups are named as the British are.
COMMUNITIES: Final = {
    "W": {"British": 0.98, "Polish": 0.02},
    "M": {"British": 1.0},
    "A": {"Gujarati": 0.3, "Sikh": 0.25, "Pakistani and Bangladeshi": 0.45},
    "B": {"Caribbean": 0.6, "West African": 0.4},
    "O": {"Chinese": 0.5, "Middle Eastern": 0.5},
}

# What an office may write instead: a short form, or another spelling of one name.
ALIASES: Final = {
    "Margaret": ("Maggie", "Peggy"), "Patricia": ("Pat",), "Barbara": ("Babs",),
    "Dorothy": ("Dot",), "Elizabeth": ("Betty", "Liz"), "Kathleen": ("Kath",),
    "Catherine": ("Kate",), "Susan": ("Sue",), "Christine": ("Chris",),
    "Jacqueline": ("Jackie",), "Pamela": ("Pam",), "Judith": ("Judy",),
    "Valerie": ("Val",), "Winifred": ("Win",), "Mary-Ann": ("Mary Ann",),
    "Anne-Marie": ("Anne Marie",), "Ann": ("Anne",), "Catharine": ("Catherine",),
    "William": ("Bill", "Will"), "James": ("Jim",), "Ronald": ("Ron",),
    "Kenneth": ("Ken",), "Derek": ("Del",), "Raymond": ("Ray",), "Donald": ("Don",),
    "Stanley": ("Stan",), "Albert": ("Bert",), "Harold": ("Harry",),
    "Leonard": ("Len",), "Terence": ("Terry",), "Anthony": ("Tony",),
    "Michael": ("Mick", "Mike"), "David": ("Dave",), "Robert": ("Bob", "Rob"),
    "Thomas": ("Tom",), "Charles": ("Charlie",), "Edward": ("Ted",),
    "Joseph": ("Joe",), "Frederick": ("Fred",), "Reginald": ("Reg",),
    "Richard": ("Dick",), "Philip": ("Phil",), "John": ("Jack",),
    "Stephen": ("Steve",), "Geoffrey": ("Geoff",), "Walter": ("Walt",),
    "Siân": ("Sian",), "Renée": ("Renee",), "Müller": ("Mueller",),
    "O'Brien": ("O’Brien", "OBrien"), "McCarthy": ("MacCarthy",),
    "Małgorzata": ("Malgorzata", "Margaret"), "Łucja": ("Lucja", "Lucy"),
    "Bożena": ("Bozena",), "Stanisława": ("Stanislawa",), "Jadwiga": ("Hedwig",),
    "Stanisław": ("Stanislaw", "Stanley"), "Józef": ("Jozef", "Joseph"),
    "Włodzimierz": ("Wlodzimierz", "Walter"), "Łukasz": ("Lukasz",),
    "Wacław": ("Waclaw",), "Jan": ("John",), "Henryk": ("Henry",),
    "Pushpa": ("Pushpaben",), "Kamala": ("Kamalaben",), "Sushila": ("Sushilaben",),
    "Kanti": ("Kantibhai", "Kantilal"), "Ramesh": ("Rameshbhai",),
    "Suresh": ("Sureshbhai",), "Chhagan": ("Chhaganlal", "Chagan"),
    "Mohammed": ("Muhammad", "Mohammad", "Mohamed", "Md"), "Ahmed": ("Ahmad",),
    "Fatima": ("Fatema", "Fatma"), "Yusuf": ("Yousef", "Yousuf"), "Syed": ("Sayed",),
    "Zainab": ("Zaynab",), "Nasreen": ("Nasrin",), "Parveen": ("Parvin",),
    "Khadija": ("Khadeja",), "Rukhsana": ("Ruksana",), "Razia": ("Raziya",),
    "Hussain": ("Hossain", "Hussein"), "Begum": ("Bagum", "Bégum"), "Bibi": ("Bi",),
    "Chaudhry": ("Choudhury", "Chowdhury"), "Miah": ("Mia", "Miya"),
    "Akhtar": ("Akther", "Akter"), "Rahman": ("Rehman",), "Iqbal": ("Eqbal",),
    "Khatun": ("Khatoon",), "Uddin": ("Ud-Din",), "Saleem": ("Salim",),
    "Chukwuemeka": ("Emeka",), "Olusegun": ("Segun",), "Babatunde": ("Tunde",),
    "Folasade": ("Sade",), "Oluwaseun": ("Seun",), "Ikechukwu": ("Ike",),
    "Olufunke": ("Funke",), "Chinyere": ("Chi",), "Okonkwo": ("Okonkwor",),
    "Mei Ling": ("Meiling", "Mei"), "Siu Fong": ("Siufong", "Siu"),
    "Xiu Ying": ("Xiuying", "Xiu"), "Wai Yin": ("Waiyin",), "Lai Kuen": ("Lai",),
    "Kwok Wai": ("Kwokwai", "Kwok"), "Wing Kei": ("Wingkei",),
    "Jian Guo": ("Jianguo",), "Chi Ming": ("Chiming",), "Kam Tong": ("Kamtong",),
    "Chan": ("Chen",), "Cheung": ("Zhang",), "Ng": ("Wu",),
    "Hassan": ("Hasan",), "Layla": ("Leila",), "Şükran": ("Sukran", "Shukran"),
    "İbrahim": ("Ibrahim", "Ebrahim"), "Yılmaz": ("Yilmaz",),
    "Al-Haddad": ("Haddad", "Alhaddad"), "El-Nasser": ("Nasser", "Elnasser"),
    "Hosseini": ("Husseini",), "Mehmet": ("Mohamed",),
}  # fmt: skip
