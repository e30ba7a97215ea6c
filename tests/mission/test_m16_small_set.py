"""M16, a small trusted set instead of a flood: three things in a text, five by telephone, however many there are."""

from __future__ import annotations

from tests.mission.conftest import Ring
from tests.service import Service


def test_of_eight_posts_three_are_texted_and_five_are_read_out(service: Service, ring: Ring) -> None:
    """M16."""
    for number in range(8):
        service.publish(
            service.person(f"王{'一二三四五六七八'[number]}根"), f"卖西兰花{number + 1}000斤1.5元一斤"
        )
    asker = service.person("陈小梅")
    [told] = service.text(asker, "查 西兰花").replies
    assert sum(str(number) in told for number in range(1001, 1009)) == 3
    heard = "".join(ring(asker, "55").heard)
    heard_digits = heard.replace(" ", "").replace("幺", "1")
    assert sum(str(number) in heard_digits for number in range(1001, 1009)) == 5
    assert heard.count("西兰花") == 5
