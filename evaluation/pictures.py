"""The pictures of the report, each as an inline SVG."""

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from evaluation.figures import Figure
from evaluation.history import Run

RIGHT, WRONG, QUIET = "#00703c", "#d4351c", "#b1b4b6"
_STEPS = [step / 20 for step in range(21)]


def _drawn(name: str, draw: Callable[[Axes], None], size: tuple[float, float] = (7, 4)) -> str:
    # Its own salt, so that two pictures on one page share no id; letters stay letters, which is smaller.
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.size": 9}):
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        draw(axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)
    picture = file.getvalue()
    label = f'<svg role="img" aria-label="{name}" '
    return re.sub(r"<svg ", label, picture[picture.index("<svg ") :], count=1)


def confusion(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    """How often each thing (rows) was taken for which (columns); darker is a greater share of its row."""
    rows, columns = sorted({want for want, _ in pairs}), sorted({found for _, found in pairs})
    counts, totals = Counter(pairs), Counter(want for want, _ in pairs)
    shares = [[counts[want, found] / totals[want] for found in columns] for want in rows]

    def draw(axes: Axes) -> None:
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
        axes.set_yticks(range(len(rows)), rows)
        axes.set(xlabel="found", ylabel="should be")
        for y, want in enumerate(rows):
            for x, found in enumerate(columns):
                if number := counts[want, found]:
                    axes.text(x, y, str(number), ha="center", va="center", color="w" if shares[y][x] > 0.5 else "k")

    return _drawn(name, draw, (2.5 + len(columns) * 0.42, 1.8 + len(rows) * 0.32))


def confidence(name: str, right: Sequence[float], wrong: Sequence[float], label: str) -> str:
    """How sure the service was where it was right, and where it was wrong. High bars are cut by a logarithm."""

    def draw(axes: Axes) -> None:
        axes.hist([wrong, right], bins=_STEPS, color=[WRONG, RIGHT], label=["wrong", "right"])
        axes.set(xlabel=label, ylabel="messages", yscale="symlog", xlim=(0, 1))
        axes.legend()

    return _drawn(name, draw)


def precision_recall(scored: Sequence[tuple[float, bool]], marks: dict[str, float], decided: dict[str, int]) -> str:
    """The network's curve over all thresholds, the chosen ones marked, and where its rules take the service beyond it.

    `scored`: how likely each message was held to be a worry, and whether it is one. `decided`: of the records that
    the service made, how many are worries (`right`) and how many there are (`all`); how many worries there were (`of`).
    """
    ordered = sorted(scored, reverse=True)
    of = sum(is_so for _, is_so in ordered) or 1

    def at(threshold: float) -> tuple[float, float]:
        above = [is_so for score, is_so in ordered if score >= threshold]
        return sum(above) / of, sum(above) / (len(above) or 1)

    def draw(axes: Axes) -> None:
        points = [at(threshold) for threshold in sorted({score for score, _ in ordered})]
        axes.plot(*zip(*points, strict=True), color="#1d70b8", label="network alone")
        for name, threshold in marks.items():
            axes.plot(*at(threshold), "o", label=f"{name} ≥ {threshold:g}")
        point = decided["right"] / decided["of"], decided["right"] / (decided["all"] or 1)
        axes.plot(*point, "*", markersize=12, color=RIGHT, label="recorded, with the rules")
        axes.set(xlabel="recall", ylabel="precision", xlim=(0.5, 1.01), ylim=(0.4, 1.01))
        axes.grid(alpha=0.3)
        axes.legend(loc="lower left")

    return _drawn("Precision and recall of worries", draw)


def misses_by_style(shares: dict[str, dict[str, Figure]]) -> str:
    """For each style, the share that went wrong: one bar for each kind of fault."""
    styles = sorted({style for kind in shares.values() for style in kind})
    height = 0.8 / len(shares)

    def draw(axes: Axes) -> None:
        for number, (kind, found) in enumerate(shares.items()):
            places = [place + number * height for place, style in enumerate(styles) if style in found]
            axes.barh(places, [_faulty(kind, found[style]) for style in styles if style in found], height, label=kind)
        axes.set_yticks([place + 0.4 - height / 2 for place in range(len(styles))], styles)
        axes.invert_yaxis()
        axes.set(xlabel="share that went wrong")
        axes.legend()

    return _drawn("Misses by style", draw, (7, 1 + 0.36 * len(styles)))


def _faulty(kind: str, figure: Figure) -> float:
    share = figure.share or 0.0
    return share if kind.startswith("false") else 1 - share


def before_and_after(figures: Sequence[Figure], before: Run) -> str:
    """The figures that have goals: those of another run as a ring, these as a dot with their interval."""
    shown = [(figure, figure.goal, figure.share) for figure in figures if figure.goal and figure.share is not None]

    def draw(axes: Axes) -> None:
        for place, (figure, goal, share) in enumerate(shown):
            low, high = figure.interval
            colour = RIGHT if figure.met else WRONG
            axes.plot([low, high], [place, place], color=QUIET)
            axes.plot(share, place, "o", color=colour)
            axes.plot(goal.share, place, "|", color="k", markersize=12)
            if (earlier := before.share(figure)) is not None:
                axes.plot(earlier, place, "o", markerfacecolor="none", color="k", markersize=9)
        axes.set_yticks(range(len(shown)), [figure.name for figure, _, _ in shown])
        axes.invert_yaxis()
        axes.set(xlabel=f"now: dot and interval; {before.name}: ring; goal: stroke", xlim=(0, 1.02))

    return _drawn("Before and after", draw, (8, 1 + 0.3 * len(shown)))
