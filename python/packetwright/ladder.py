# SPDX-License-Identifier: Apache-2.0
"""A ladder diagram: what passed between two hosts, time going down."""

from __future__ import annotations

import html
from typing import Any, Dict, List

_WIDTH, _STEP, _TOP, _LEFT, _RIGHT = 760, 30, 40, 130, 630


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="12" '
            f'font-family="monospace">{html.escape(text)}</text>')


def _line(x1: float, y1: float, x2: float, y2: float, head: str = "") -> str:
    return (f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor"{head}/>')


def ladder_svg(history: List[Dict[str, Any]], target: str) -> str:
    """The frames and calls of a result's `history` as one SVG picture."""
    shown = [one for one in history if one["kind"] in ("frame_in", "frame_out", "call")]
    height = _TOP + _STEP * (len(shown) + 1)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
             f'width="{_WIDTH}" height="{height}" fill="currentColor">',
             '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="3" '
             'orient="auto"><path d="M0,0 L7,3 L0,6 z"/></marker></defs>',
             _text(_LEFT, 20, "peer"), _text(_RIGHT, 20, target),
             _line(_LEFT, 28, _LEFT, height), _line(_RIGHT, 28, _RIGHT, height)]
    for number, one in enumerate(shown):
        y = _TOP + _STEP * (number + 1) - 8
        parts.append(_text(_LEFT - 10, y, f"{one['at_us'] / 1e6:.6f}", "end"))
        text = one["text"].lstrip("<> ")
        if one["kind"] == "call":
            parts.append(_text(_RIGHT - 8, y, text, "end"))
            continue
        to_target = one["kind"] == "frame_in"
        start, end = (_LEFT, _RIGHT) if to_target else (_RIGHT, _LEFT)
        parts.append(_line(start, y, end, y, ' marker-end="url(#tip)"'))
        parts.append(_text((_LEFT + _RIGHT) / 2, y - 5, text))
    parts.append("</svg>")
    return "".join(parts)
