"""Forms of English words: plurals, comparatives, stems, and how far apart two spellings are."""


def inflections(key: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Other forms of a phrase.

    Its last word in the plural and singular, what "-ed" and "-y" words are made of ("dotted": dot,
    dots), and the phrase written as one word.
    """
    *lead, last = key
    forms: list[str] = []
    if last.isalpha() and len(last) >= 3:
        forms.append(plural(last))
        single = singular(last)
        if single != last:
            forms.append(single)
        if last.endswith("ed") and len(last) >= 5:
            stem = last[:-2]
            bases = [last[:-1]]
            bases.append(stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem)
            for base in bases:
                forms += [base, base + "s"]
        if last.endswith("y") and len(last) >= 5:
            forms.append(last[:-1])
    found = [(*lead, form) for form in dict.fromkeys(forms) if form != last]
    if 1 < len(key) <= 3 and all(word.isalpha() for word in key) and len("".join(key)) >= 5:
        found.append(("".join(key),))
    return tuple(found)


def plural(word: str) -> str:
    """The usual English plural."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and len(word) > 2 and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


_F_WORDS = frozenset("shel hal cal sel wol el scar dwar whar lea loa thie".split())


def singular(word: str) -> str:
    """The usual English singular; the word itself where it is none."""
    if word.endswith("ves") and word[:-3] in _F_WORDS:
        return word[:-3] + "f"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def stems(word: str) -> set[str]:
    """The word and what it may be an inflection of: "hates" -> hate, "trying" -> try."""
    found = {word}
    for ending in ("s", "es", "ed", "d", "ing", "er", "r", "est", "ly"):
        bare = ending in ("d", "r") and word[-2:-1] != "e"
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not bare:
            stem = word[: -len(ending)]
            found |= {stem, stem + "e"}
            if len(stem) > 3 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
    return found


def comparatives(word: str) -> tuple[str, ...]:
    """Graded forms of an adjective: longer, slimmest, baggier, reddish."""
    if not word.isalpha() or len(word) < 3:
        return ()
    if word.endswith("e"):
        bases = (word[:-1],)
    elif word.endswith("y"):
        bases = (word[:-1] + "i",)
    elif word[-1] in "aeiouwx":
        bases = (word,)
    else:
        bases = (word, word + word[-1])
    return tuple(base + ending for base in bases for ending in ("er", "est", "ish"))


def deletions(word: str) -> set[str]:
    """The word and all it becomes when one letter, or two of a long word, fall out."""
    forms = {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}
    if 8 <= len(word) <= 16:
        forms |= {form[:i] + form[i + 1 :] for form in tuple(forms) for i in range(len(form))}
    return forms


def edits(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours between two short words."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        after = [i] + [0] * len(b)
        for j, y in enumerate(b, 1):
            after[j] = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                after[j] = min(after[j], before[j - 2] + 1)
        before, row = row, after
    return row[-1]
