"""What a component wants installed, read from the install prelude that kfp puts in front of its command.

The shapes are those of ``_get_packages_to_install_command`` in ``kfp/dsl/component_factory.py`` (``kfp/components/`` before 2.1), from
2.0 to 2.17: a guard that makes sure of pip, from 2.10 on a virtual environment if asked for, then one or two ``pip install``, the command last.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

_ENSURE_PIP = re.compile(r"""\s*if ! \[ -x "\$\(command -v pip\)" \]; then\n.*?\nfi\n""", re.DOTALL)
_VENV = re.compile(
    r"""export PIP_DISABLE_PIP_VERSION_CHECK=1\s+tmp=\$\(mktemp -d\)\s+"""
    r"""python3 -m venv "\$tmp/venv" --system-site-packages\s+\. "\$tmp/venv/bin/activate"\s+"""
)
_REST = re.compile(r"""&& "\$0" "\$@"\s*$""")
_FIRST_VERSIONS = re.compile(r"--quiet {2,}--no-warn-script-location")
"""How kfp 2.0 and 2.1 write it. They name their own package last, among the component's; later ones install it on its own."""

_OWN = re.compile(r"kfp(-dsl)?==[\w.!+]+")
_PIP = (["python3", "-m", "pip"], ["python", "-m", "pip"], ["pip"], ["pip3"])
_SILENT = {
    "--quiet",
    "-q",
    "--no-warn-script-location",
    "--user",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--upgrade",
    "-U",
    "--no-deps",
    "--prefer-binary",
}
_VALUED = {
    "--index-url": "index",
    "-i": "index",
    "--extra-index-url": "extra",
    "--trusted-host": "trusted",
    "--find-links": "links",
    "-f": "links",
}
_SECRETS = (
    (re.compile(r"([A-Za-z][\w+.-]*://)[^/\s@'\"`<>]+@"), r"\1****@"),
    (re.compile(r"(?i)([?&]\w*(?:token|key|secret|password|sig)\w*=)[^&\s'\"`#]+"), r"\1****"),
)


@dataclass(frozen=True)
class Requirements:
    """What a component wants installed: pip requirement strings and, in pip's meaning, where to find them."""

    packages: tuple[str, ...] = ()
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    prereleases: bool = False

    def __add__(self, other: Requirements) -> Requirements:
        return Requirements(
            self.packages + other.packages,
            self.index_url or other.index_url,
            _joined(self.extra_index_urls, other.extra_index_urls),
            _joined(self.trusted_hosts, other.trusted_hosts),
            _joined(self.find_links, other.find_links),
            self.prereleases or other.prereleases,
        )

    def __str__(self) -> str:
        """The packages, for messages: without credentials."""
        return redacted(", ".join(self.packages))


def redacted(text: str) -> str:
    """``text`` with the credentials of the URLs in it replaced by ``****``."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=256)
def prelude(script: str) -> Requirements | None:
    """The requirements of kfp's install prelude, or None when ``script`` is something else, or more than can be read from it.

    The pinned kfp that the compiler adds for its executor is left out: a pipeline may have been compiled by any version.
    """
    match = _ENSURE_PIP.match(script)
    if match is None:
        return None
    installs, found = _REST.subn("", _VENV.sub("", script[match.end() :]))
    # What the shell would expand (a token in an index URL, for example) is left to the shell.
    if not found or re.search(r"[$`]", installs):
        return None
    try:
        words = shlex.split(installs)
    except ValueError:
        return None
    total = Requirements()
    for install in _split(words, "&&"):
        one = _pip_install(install, old=_FIRST_VERSIONS.search(installs) is not None)
        if one is None:
            return None
        total += one
    return total


def without_guard(script: str) -> str:
    """``script`` without the guard that makes sure of pip, which does nothing where there is one."""
    return _ENSURE_PIP.sub("", script, count=1)


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))


def _split(words: list[str], separator: str) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word == separator:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _pip_install(words: list[str], *, old: bool) -> Requirements | None:
    while words and re.fullmatch(r"\w+=\S*", words[0]):
        words = words[1:]
    prefix = next((each for each in _PIP if words[: len(each) + 1] == [*each, "install"]), None)
    if prefix is None:
        return None
    packages: list[str] = []
    options: dict[str, list[str]] = {kind: [] for kind in _VALUED.values()}
    rest = iter(words[len(prefix) + 1 :])
    for word in rest:
        flag, equals, value = word.partition("=")
        if flag in _VALUED:
            options[_VALUED[flag]].append(value if equals else next(rest, ""))
        elif word.startswith("-") and word not in _SILENT and word != "--pre":
            return None
        elif not word.startswith("-"):
            packages.append(word)
    if "--no-deps" in words and packages and _OWN.fullmatch(packages[0]):
        packages = []
    elif old and packages and _OWN.fullmatch(packages[-1]):
        packages.pop()
    return Requirements(
        tuple(packages),
        options["index"][-1] if options["index"] else None,
        tuple(options["extra"]),
        tuple(_host(each) for each in options["trusted"]),
        tuple(options["links"]),
        "--pre" in words,
    )


def _host(trusted: str) -> str:
    """kfp up to 2.16 passes a whole index URL where pip wants ``HOST`` or ``HOST:PORT``."""
    if "://" not in trusted:
        return trusted
    return urlsplit(trusted).netloc.rpartition("@")[2]
