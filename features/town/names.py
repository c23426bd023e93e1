"""Names for made-up people, and the ways in which offices write them differently.

All combinations are invented; the lists are ordinary names of the generations.
"""

from __future__ import annotations

from typing import Final


_WOMEN = """Margaret Jean Mary Patricia Sheila Barbara Doreen Joan Maureen Dorothy
    Brenda June Betty Audrey Shirley Sylvia Beryl Pamela Joyce Eileen Janet Marjorie
    Christine Susan Linda Carol Judith Ann Elizabeth Kathleen Hazel Valerie Marion Rita
    Rosemary Gillian Jacqueline Sandra Irene Hilda Edna Ivy Winifred Catherine Frances
    Helen Ruth Gwen Siân Renée Bridget Heather Wendy Diane Lesley Angela Teresa"""
_MEN = """John William James George Ronald Kenneth Derek Peter Brian Dennis Raymond
    Roy Alan Donald Eric Gordon Stanley Frank Arthur Albert Harold Leonard Norman Ernest
    Geoffrey Keith Terence Anthony Michael David Robert Roger Barry Malcolm Colin Trevor
    Graham Thomas Charles Edward Joseph Henry Douglas Frederick Walter Reginald Cyril
    Clifford Patrick Desmond Gerald Neville Maurice Stephen Christopher Richard
    Philip"""
_COMMON = """Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright
    Thompson Evans Walker White Roberts Green Hall Wood Jackson Clarke Hughes Edwards
    Lewis Harris Cooper Ward Turner Hill Morris Baker King Parker Bennett Cook Shaw
    O'Brien McCarthy Kelly Murphy Müller"""
_STEMS = """Ash Bed Black Brad Brom Burn Clay Craw Den East Fair Green Hal Hart Hazel
    Hol Kirk Lang Long Mar Mid Nor Oak Pem Rad Rock Sand Shel Staf Stan Thorn Wake Wal
    West Whit Win Wynd"""
_ENDINGS = "ford ley ton well field more ham by worth man"

_COMPOUND = [stem + end for stem in _STEMS.split() for end in _ENDINGS.split()]

# Forenames by ethnic group and sex. M (mixed) and W draw from the same lists.
FORENAMES: Final = {
    key: text.split()
    for key, text in {
        ("W", "F"): _WOMEN,
        ("W", "M"): _MEN,
        ("A", "F"): """Fatima Amina Shabnam Nasreen Parveen Surinder Harbans Gurmeet
            Pushpa Kamala Lakshmi Sushila Zainab Khadija Rukhsana Meena""",
        ("A", "M"): """Mohammed Abdul Ahmed Iqbal Harjit Balbir Gurdev Ramesh Suresh
            Kanti Vijay Yusuf Tariq Rashid Satnam Mahendra""",
        ("B", "F"): """Beverley Yvonne Claudette Merlene Abena Ngozi Folasade Esi
            Blessing Winsome Gloria Hyacinth Amma Comfort""",
        ("B", "M"): """Winston Delroy Kwame Kofi Chukwuemeka Olusegun Errol Clive
            Everton Babatunde Neville Vernon Kojo Samuel""",
        ("O", "F"): "Layla Maryam Soraya Mei Xiuying Aylin Leila Yasmin",
        ("O", "M"): "Ali Hassan Wei Jun Mehmet Reza Omar Kemal",
    }.items()
}

# Surnames by ethnic group; half of all draws are from the few of `COMMON`.
SURNAMES: Final = {
    key: text.split()
    for key, text in {
        "W": " ".join(_COMPOUND),
        "A": """Patel Khan Begum Singh Kaur Hussain Ahmed Ali Shah Akhtar Bibi Sharma
            Chaudhry Miah Rahman Desai""",
        "B": """Campbell Gordon Mensah Okafor Adeyemi Owusu Francis Grant Boateng Reid
            Okonkwo Bailey Asante Morgan""",
        "O": "Chen Wong Yilmaz Hosseini Haddad Li Demir Karimi Nasser Zhang",
    }.items()
}
COMMON: Final = {
    key: text.split()
    for key, text in {
        "W": _COMMON,
        "A": "Patel Khan Begum Singh Kaur",
        "B": "Campbell Mensah Okafor",
        "O": "Chen Wong Yilmaz",
    }.items()
}
LIKE_WHITE: Final = frozenset({"W", "M"})

# What an office may write instead: a short form, or another spelling of one name.
ALIASES: Final = {
    "Margaret": "Maggie", "Patricia": "Pat", "Barbara": "Babs", "Dorothy": "Dot",
    "Elizabeth": "Betty", "Kathleen": "Kath", "Catherine": "Kate", "Susan": "Sue",
    "Christine": "Chris", "Jacqueline": "Jackie", "Pamela": "Pam", "Judith": "Judy",
    "William": "Bill", "James": "Jim", "Ronald": "Ron", "Kenneth": "Ken",
    "Derek": "Del", "Raymond": "Ray", "Donald": "Don", "Stanley": "Stan",
    "Albert": "Bert", "Harold": "Harry", "Leonard": "Len", "Terence": "Terry",
    "Anthony": "Tony", "Michael": "Mick", "David": "Dave", "Robert": "Bob",
    "Thomas": "Tom", "Charles": "Charlie", "Edward": "Ted", "Joseph": "Joe",
    "Frederick": "Fred", "Reginald": "Reg", "Richard": "Dick", "Philip": "Phil",
    "Mohammed": "Muhammad", "Ahmed": "Ahmad", "Fatima": "Fatma", "Yusuf": "Yousef",
    "Zainab": "Zaynab", "Nasreen": "Nasrin", "Parveen": "Parvin", "Iqbal": "Eqbal",
    "Hussain": "Hossain", "Begum": "Bagum", "Chaudhry": "Choudhury", "Miah": "Mia",
    "Akhtar": "Akther", "Rahman": "Rehman", "Hassan": "Hasan", "Layla": "Leila",
    "Chukwuemeka": "Emeka", "Olusegun": "Segun", "Babatunde": "Tunde",
    "Folasade": "Sade", "Okonkwo": "Okonkwor", "Xiuying": "Xiu Ying",
    "Siân": "Sian", "Renée": "Renee", "Müller": "Mueller", "O'Brien": "O’Brien",
}  # fmt: skip
