"""The report as one HTML page: the figures, the pictures, and every miss with its text. The texts are invented."""

from collections.abc import Sequence
from html import escape

from evaluation.figures import Figure
from evaluation.outcome import Miss

_STYLE = """
body { font: 16px/1.4 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #0b0c0c }
table { border-collapse: collapse; margin: 1rem 0; width: 100% }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #b1b4b6; vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.met { color: #00703c } .missed { color: #d4351c; font-weight: bold } svg { max-width: 100%; height: auto }
"""


def page(title: str, figures: Sequence[Figure], pictures: dict[str, str], misses: Sequence[Miss]) -> str:
    """The whole page. `pictures` are SVG by their headings."""
    drawn = "".join(f"<h2>{escape(name)}</h2>{picture}" for name, picture in pictures.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"{_figures(figures)}{drawn}{_misses(misses)}</body></html>\n"
    )


def _figures(figures: Sequence[Figure]) -> str:
    rows = []
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            rows.append(f'<tr><th colspan="5" scope="rowgroup">{escape(part)}</th></tr>')
        rows.append(_figure(figure))
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("figure", "count", "share", "95% interval", "goal"))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _figure(figure: Figure) -> str:
    low, high = figure.interval
    share = "–" if figure.share is None else f"{figure.share:.1%}"
    mark = {True: ' class="met"', False: ' class="missed"', None: ""}[figure.met]
    word = {True: " met", False: " not met", None: ""}[figure.met]
    return (
        f'<tr><td>{escape(figure.name)}</td><td class="number">{figure.count} of {figure.of}</td>'
        f'<td class="number">{share}</td><td class="number">{low:.1%} – {high:.1%}</td>'
        f"<td{mark}>{figure.goal or ''}{word}</td></tr>"
    )


def _misses(misses: Sequence[Miss]) -> str:
    parts = []
    for kind in dict.fromkeys(miss.kind for miss in misses):
        found = [miss for miss in misses if miss.kind == kind]
        rows = "".join(
            f"<tr><td>{escape(miss.id)}</td><td>{escape(miss.style)}</td><td>{escape(miss.text)}</td>"
            f"<td>{escape(miss.told)}</td></tr>"
            for miss in found
        )
        parts.append(f"<h2>{escape(kind)}: {len(found)}</h2><table>{rows}</table>")
    return "".join(parts)
