"""Two pictures of the confidence, drawn as SVG: whether it can be trusted, and what a threshold costs."""

from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]
Bins = Sequence[tuple[float, float, int]]
"""Confidence, the share that is answerable, and how many questions these are of."""

_COLOURS = ("#b2182b", "#2166ac", "#8c6d1f", "#1b7837", "#762a83")
_LEFT, _TOP, _RIGHT, _SIDE, _LEGEND = 64, 24, 120, 320, 26


def reliability_svg(bins: Mapping[str, Bins]) -> str:
    """How often questions are answerable, by confidence, for each kind of collection; on the diagonal it is a
    probability. Larger points are of more questions."""
    drawn = [f'<path d="M{_at(0, 0)} L{_at(1, 1)}" stroke="#888" stroke-dasharray="4 4" fill="none"/>']
    for found, colour in zip(bins.values(), _COLOURS, strict=False):
        drawn.append(_line([(sure, share) for sure, share, _ in found], colour))
        most = max(count for *_, count in found)
        for sure, share, count in found:
            x, y = _at(sure, share).split()
            drawn.append(f'<circle cx="{x}" cy="{y}" r="{2 + 5 * (count / most) ** 0.5:.1f}" fill="{colour}">')
            drawn.append(f"<title>{count} questions</title></circle>")
    names = dict(zip(bins, _COLOURS, strict=False)) | {"a perfect probability": "#888"}
    return _picture("How far to trust the confidence", "confidence", "share answerable", drawn, names)


def threshold_svg(errors: Mapping[str, Points], default: float) -> str:
    """Error rates, each a name and its (threshold, rate) points, with the default threshold marked."""
    drawn = [f'<path d="M{_at(default, 0)} L{_at(default, 1)}" stroke="#888" stroke-dasharray="4 4" fill="none"/>']
    drawn += [_line(points, colour) for points, colour in zip(errors.values(), _COLOURS, strict=False)]
    names = dict(zip(errors, _COLOURS, strict=False)) | {f"the default, {default:g}": "#888"}
    return _picture("What a threshold costs", "FOOTNOTE_THRESHOLD", "error rate", drawn, names)


def _at(x: float, y: float) -> str:
    return f"{_LEFT + x * _SIDE:.1f} {_TOP + (1 - y) * _SIDE:.1f}"


def _line(points: Points, colour: str) -> str:
    path = " L".join(_at(*point) for point in points)
    return f'<path d="M{path}" stroke="{colour}" stroke-width="2.5" fill="none"/>'


def _picture(title: str, across: str, up: str, drawn: Sequence[str], names: Mapping[str, str]) -> str:
    width, bottom = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE
    legend = bottom + 56
    height = legend + _LEGEND * len(names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="13" fill="#222" role="img"><title>{escape(title)}</title>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for tenth in range(0, 11, 2):
        x, y = _at(tenth / 10, tenth / 10).split()
        parts.append(f'<path d="M{_at(0, tenth / 10)} L{_at(1, tenth / 10)}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{tenth / 10:g}</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{float(y) + 4:.1f}" text-anchor="end">{tenth * 10} %</text>')
    parts += drawn
    middle = _LEFT + _SIDE / 2
    parts.append(f'<text x="{middle}" y="{bottom + 38}" text-anchor="middle">{escape(across)}</text>')
    turn = f"translate(14 {_TOP + _SIDE / 2}) rotate(-90)"
    parts.append(f'<text transform="{turn}" text-anchor="middle">{escape(up)}</text>')
    for row, (name, colour) in enumerate(names.items()):
        line = legend + row * _LEGEND
        parts.append(f'<rect x="{_LEFT}" y="{line}" width="18" height="4" fill="{colour}"/>')
        parts.append(f'<text x="{_LEFT + 26}" y="{line + 7}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
