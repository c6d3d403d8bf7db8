"""A graph document for front ends that cannot draw it: mermaid and a tree of text."""

from __future__ import annotations

from collections import defaultdict

from .ir import Json

_SIGNS = {
    "succeeded": "✓",
    "running": "▸",
    "failed": "✕",
    "skipped": "⤼",
    "cached": "⟲",
    "paused": "‖",
    "pending": "○",
    "cancelled": "⊘",
}


def text_tree(document: Json) -> str:
    """The nodes as an indented tree with their states: ``✓ train, succeeded``."""
    children = _children(document)
    lines = [str(document.get("title") or "Graph")]

    def add(parent: str | None, indent: str) -> None:
        nodes = children[parent]
        for position, node in enumerate(nodes):
            last = position == len(nodes) - 1
            lines.append(f"{indent}{'└─ ' if last else '├─ '}{_words(node)}")
            add(node["id"], indent + ("   " if last else "│  "))

    add(None, "")
    return "\n".join(lines)


def mermaid(document: Json) -> str:
    """The document as a mermaid flowchart. Labels are quoted and escaped."""
    children = _children(document)
    names = {node["id"]: f"n{position}" for position, node in enumerate(document["nodes"])}
    lines = ["flowchart TB"]

    def add(parent: str | None, indent: str) -> None:
        for node in children[parent]:
            name, label = names[node["id"]], _quoted(_words(node))
            if children[node["id"]]:
                lines.append(f"{indent}subgraph {name}[{label}]")
                add(node["id"], indent + "  ")
                lines.append(f"{indent}end")
            else:
                lines.append(f"{indent}{name}[{label}]")

    add(None, "  ")
    lines.extend(f"  {names[edge['from']]} --> {names[edge['to']]}" for edge in document["edges"])
    return "\n".join(lines)


def _children(document: Json) -> dict[str | None, list[Json]]:
    children: dict[str | None, list[Json]] = defaultdict(list)
    for node in document["nodes"]:
        children[node.get("parent")].append(node)
    return children


def _words(node: Json) -> str:
    state, progress = node.get("state"), node.get("progress")
    words = [
        node["label"],
        state,
        progress and f"{progress['done']} of {progress['total']} done",
        node.get("detail"),
    ]
    sign = f"{_SIGNS[state]} " if state in _SIGNS else ""
    return sign + ", ".join(str(word) for word in words if word)


def _quoted(label: str) -> str:
    plain = label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return '"' + plain.replace('"', "&quot;").replace("\n", " ") + '"'
