"""An automaton, and how well automata speak for a network, on stdout."""

from __future__ import annotations

from typing import Any

import click

from seqtasks.cli.tables import print_table


def show_automaton(report: dict[str, Any]) -> None:
    """Prints what `seqtasks.pipelines.extraction.automaton` found."""
    found = report["automaton"]
    splits = list(found["splits"])
    print_table(
        f"automata of the {found['cell']}'s states {found['state']} on {found['read']['texts']:,} texts of "
        f"{found['read']['split']}, {found['clustering']}; * is drawn",
        ["clusters", "states", "steps kept", *(f"{split} {what}" for split in splits for what in _WHAT)],
        [
            [
                f"{row['clusters']}{' *' if row['clusters'] == found['chosen'] else ''}",
                str(row["states"]),
                f"{row['kept']:.4f}",
                *(f"{row[split][what]:.4f}" for split in splits for what in _WHAT),
            ]
            for row in found["rows"]
        ],
    )
    for split, facts in found["splits"].items():
        fewest = found["fewest"][split]
        told = "no automaton reaches it" if fewest is None else f"reached with {fewest} clusters"
        click.echo(f"network on {split}: accuracy {facts['network']:.4f}, {told}")
    _show_edges(found["automaton"])
    if "language" in found:
        differs = found["language"]["differs"]
        told = "equal" if differs is None else f"not equal, as {differs!r} shows"
        click.echo(f"the language's minimal automaton: {found['language']['states']} states, {told}")
    for label, words in found.get("words", {}).items():
        told = ", ".join(f"{word['word']} {word['turned']}/{word['met']}" for word in words)
        click.echo(f"words that lead to {label} (turned/met): {told}")
    click.echo(f"pictures: {', '.join(found['pictures'])} ({found['drawn_by']})\nrun: {report['run']}")


_WHAT = ("accuracy", "fidelity")


def _show_edges(drawn: dict[str, Any]) -> None:
    states = drawn["states"]
    rows = []
    for edge in sorted(drawn["edges"], key=lambda edge: (edge["from"], -edge["steps"])):
        if edge["steps"]:
            more = ", …" if len(edge["words"]) < edge["kinds"] else ""
            names = [f"q{state} {' '.join(states[state].split())}" for state in (edge["from"], edge["to"])]
            rows.append([*names, ", ".join(edge["words"]) + more, f"{edge['share']:.3f}", f"{edge['steps']:,}"])
    print_table(
        f"the minimal automaton that is drawn: {len(states)} states, {drawn['symbols']:,} symbols",
        ["from", "to", "by", "share", "steps"],
        rows,
        texts=3,
    )
