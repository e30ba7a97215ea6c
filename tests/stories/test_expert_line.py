"""A farmer rings the demo county's line and talks with the expert on duty: the real webhooks, TwiML and both telephones."""

from __future__ import annotations

from sqlalchemy import select

from channels.simulator.habits import Habits
from farmerline.demo import bureau, experts
from farmerline.demo.people import EXPERT, OLD_YANG
from farmerline.models import BureauLetter, Case, CaseAnswer, ExpertRing, RingEnd
from tests.stories.conftest import MakeStage


def test_a_call_is_put_through_and_without_an_expert_becomes_a_question_with_a_number(
    stage: MakeStage,
) -> None:
    """M07, M08: over the carrier's own way, asked before the two are joined."""
    play = stage("expert")
    runtime = play.runtime
    experts.open_line(runtime)
    bureau.write_letters(runtime)
    told = play.ring(OLD_YANG, "0")
    assert [line.text for line in told.lines if line.what == "dial"] == ["completed"]
    assert runtime.simulator is not None
    Habits(runtime.simulator.exchange).give([EXPERT.phone], "2")
    told = play.ring(OLD_YANG, "4 1 # 1 1", say="葡萄叶子发黄怎么办")
    assert any("专家都在忙" in line.text for line in told.lines)
    with runtime.database.read() as session:
        rings = session.scalars(select(ExpertRing).order_by(ExpertRing.rung_at, ExpertRing.id)).all()
        assert [ring.outcome for ring in rings] == [RingEnd.TALKED, RingEnd.DECLINED]
        assert rings[0].seconds == 30
        case = session.get_one(Case, rings[1].case_id)
        assert (
            case.recording_id is not None and session.get_one(Case, rings[0].case_id).assigned_to is not None
        )
        assert session.scalars(select(CaseAnswer)).one().short.startswith("像是缺镁")
        assert len(session.scalars(select(BureauLetter)).all()) == 3
        number = case.number
    assert any(f"编号{number}" in text for text in play.inbox(OLD_YANG))
