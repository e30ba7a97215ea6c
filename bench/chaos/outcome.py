"""What came of one fault."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Outcome:
    """``claims`` by name, each kept or not; ``figures`` beside them."""

    claims: dict[str, bool] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def claim(self, name: str, kept: bool) -> None:
        self.claims[name] = kept

    @property
    def held(self) -> bool:
        return bool(self.claims) and all(self.claims.values())

    def line(self, fault: str, seconds: float) -> dict[str, Any]:
        broken = [name for name, kept in self.claims.items() if not kept]
        figures = {**self.figures, "seconds": round(seconds, 1)} | ({"broken": broken} if broken else {})
        return {"id": fault, "held": self.held, "figures": figures}
