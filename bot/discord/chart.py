"""A picture of what was asked: a bar for each day or week, of what was answered, what differs and what is not there."""

import io
from collections.abc import Mapping
from datetime import date, timedelta

COLOURS = {"answered": "#009E73", "disputed": "#56B4E9", "not_found": "#E69F00"}
"""Of outcomes, told apart by the colour-blind too (Wong 2011, "Points of view: Color blindness")."""
MOST_BARS = 31
"""More days than these are shown by weeks."""
_WIDTH, _HEIGHT, _EDGE, _TEXT = 960, 320, 56, 22
"""Pixels."""
_GROUND, _LINE, _INK = "#2B2D31", "#4E5058", "#DBDEE1"


def chart(daily: Mapping[date, Mapping[str, int]], first: date, last: date) -> bytes:
    """A PNG of the outcomes of each day from one to another; days without any are empty. It holds numbers only."""
    from PIL import Image, ImageDraw, ImageFont  # it takes a moment, and few look at this

    step = 1 if (last - first).days < MOST_BARS else 7
    bars = [dict.fromkeys(COLOURS, 0) for _ in range((last - first).days // step + 1)]
    for day, outcomes in daily.items():
        for outcome, count in outcomes.items():
            bars[(day - first).days // step][outcome] += count
    most = max(sum(bar.values()) for bar in bars)
    image = Image.new("RGB", (_WIDTH, _HEIGHT), _GROUND)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(_TEXT)
    floor, room, width = _HEIGHT - _EDGE, _HEIGHT - 2 * _EDGE, (_WIDTH - 2 * _EDGE) / len(bars)
    for count in {most, most // 2, 0}:
        height = floor - room * count / max(most, 1)
        draw.line((_EDGE, height, _WIDTH - _EDGE, height), _LINE)
        draw.text((_EDGE - 8, height), f"{count:,}", _INK, font, anchor="rm")
    for number, bar in enumerate(bars):
        left, height = _EDGE + width * number, float(floor)
        for outcome, colour in COLOURS.items():
            above = height - room * bar[outcome] / max(most, 1)
            if bar[outcome]:
                draw.rectangle((left + width * 0.15, above, left + width * 0.85, height - 1), colour)
            height = above
    draw.text((_EDGE, floor + 12), first.isoformat(), _INK, font, anchor="la")
    draw.text((_WIDTH - _EDGE, floor + 12), (first + timedelta(step * (len(bars) - 1))).isoformat(), _INK, font, "ra")
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
