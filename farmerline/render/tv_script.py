"""The papers of the week's programme: subtitles (SRT), and a rundown with the script, in HTML, to print."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from farmerline.words import say

if TYPE_CHECKING:
    from farmerline.render.tv import Programme, Shown

_LOOK = (
    "body{font:12pt/1.6 'Noto Sans SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:15mm;color:#000}"
    "h1{font-size:20pt}h2{font-size:14pt;margin:8mm 0 2mm}table{border-collapse:collapse;width:100%}"
    "th,td{border:.3mm solid #000;padding:1.5mm;text-align:left;vertical-align:top}p{margin:1mm 0}section{break-inside:avoid}"
)


def subtitles(cards: Sequence[Shown]) -> str:
    """What is said, sentence by sentence, with its times."""
    said = [
        (start, end, words)
        for card in cards
        for start, end, words in zip(card.starts, card.ends, card.sentences, strict=True)
    ]
    return "\n".join(
        f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{words}\n"
        for number, (start, end, words) in enumerate(said, 1)
    )


def script(programme: Programme, cards: Sequence[Shown], seconds: float) -> str:
    """The rundown (when what begins, from where, until when it holds), then every word."""

    def tell(sentence: str, /, **values: object) -> str:
        return escape(say(programme.language, sentence, **values))

    begins = {card.number: card.starts[0] for card in reversed(cards) if card.starts}
    heads = "".join(
        f"<th>{tell(head)}</th>" for head in ("Begins at", "What", "Title", "Source", "Holds until")
    )
    rows, parts = [], []
    for number, part in enumerate(programme.parts):
        at = _clock(begins.get(number, 0.0))
        cells = (at, part.label, part.title, part.source, part.until)
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
        said = escape(part.spoken).replace("\n", "<br>")
        table = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in part.table
        )
        parts.append(
            f"<section><h2>{number + 1}. {escape(part.title)} ({at})</h2><p>{said}</p>"
            + (f"<table>{table}</table>" if table else "")
            + f"<p><small>{escape('  '.join(one for one in (part.source, part.until, part.more) if one))}</small></p></section>"
        )
    language = "zh-CN" if programme.language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(programme.title)}</title>'
        f"<style>{_LOOK}</style></head><body><h1>{escape(programme.title)}</h1><p>{escape(programme.day)} · "
        f"{escape(programme.service)} · {tell('length {minutes}', minutes=_clock(seconds))}</p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>{''.join(parts)}</body></html>\n"
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"
