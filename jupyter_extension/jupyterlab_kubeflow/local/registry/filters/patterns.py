"""``LIKE`` patterns as SQLite's ``GLOB``, which tells upper from lower case in any script, as its ``LIKE`` cannot."""

from __future__ import annotations

MAX_LENGTH = 2_000
"""Characters that a pattern may have: SQLite takes GLOB patterns of 50,000 bytes, and one character may become 20."""

_WILD = {"%": "*", "_": "?"}


def glob(pattern: str, *, fold: bool) -> str:
    """The GLOB pattern for a LIKE pattern: ``%`` any text, ``_`` one character, a backslash takes the meaning from the next one.

    ``fold``: upper and lower case are the same.
    """
    parts = []
    characters = iter(pattern)
    for character in characters:
        if character in _WILD:
            parts.append(_WILD[character])
        else:
            parts.append(_literal(next(characters, "\\") if character == "\\" else character, fold))
    return "".join(parts)


def _literal(character: str, fold: bool) -> str:
    forms = _cases(character) if fold else [character]
    if forms == [character] and character not in "*?[":
        return character
    return f"[{''.join(forms)}]"


def _cases(character: str) -> list[str]:
    """The character in both cases, as far as either is one character."""
    lower, upper = character.lower(), character.upper()
    forms = {character, lower, upper, lower.upper(), upper.lower()}
    return sorted(form for form in forms if len(form) == 1)
