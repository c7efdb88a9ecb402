"""Whether the name of a column says that it holds numbers, as `Views avg.` and `follower_count` do."""

import re
from collections.abc import Iterable

from schemas.visible import without_accents

WORDS = {
    # Things that are counted, in the languages exports come in. In the plural: a `like` or a `view` may be anything.
    "counted": """
        followers subscribers likes views plays impressions reach shares saves retweets reposts engagements interactions
        seguidores curtidas visualizacoes compartilhamentos salvamentos alcance impressoes visualizaciones visualizzazioni
        aufrufe reichweite abonnenten impressionen abonnes vues partages
    """,
    # Counts beside other counts, and remarks or lists where there are none.
    "counted beside others": "comments posts videos replies fans comentarios kommentare commentaires commenti",
    "measures": """
        avg average mean median count counts num number total sum rate ratio percent percentage pct
        anzahl durchschnitt quantidade numero nombre moyenne
    """,
    # What a name is about that only begins like a number: `followers_url`, `total_currency`, `likes_hidden`.
    "others": """
        text url urls uri link links id ids name names username usernames user owner label labels category categories
        country countries city location language gender type kind source status range ranges tier size group level band
        date day month time currency unit units hidden enabled disabled visible list note notes title description caption
        format basis is has can are top card plan
    """,
}
COUNTED, BESIDE_OTHERS, MEASURES, OTHERS = (frozenset(text.split()) for text in WORDS.values())


def named_as_numbers(names: Iterable[str]) -> list[str]:
    """Those of the columns of a file whose name says that they hold numbers."""
    words = {name: words_of(name) for name in names}
    counted = COUNTED | BESIDE_OTHERS if any(COUNTED & set(own) for own in words.values()) else COUNTED
    return [name for name, own in words.items() if own and _says_number(name, own, counted)]


def _says_number(name: str, words: list[str], counted: frozenset[str]) -> bool:
    if words[-1] in MEASURES:
        return True
    if OTHERS & set(words):
        return False
    return bool((counted | MEASURES) & set(words)) or "%" in name or name.startswith("#")


def words_of(name: str) -> list[str]:
    """The words of a name in small letters without accents: `ViewsAvg.` is `views`, `avg`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = without_accents(apart)
    return re.findall(r"[^\W\d_]+", plain.casefold())
