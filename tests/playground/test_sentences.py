"""网页上说的话：做不了的事、重新开始、离开过的标签页，各说一句，而且只说一次。"""

from types import SimpleNamespace

import pytest
from playground_cases import small, until

from paddle_gan.errors import UserError
from paddle_gan.monitor.diagnose import HEALTHY, Diagnosis, diagnose
from paddle_gan.playground.sessions import Sessions
from paddle_gan.playground.status import full_card
from paddle_gan.playground.worker import FINISHED

pytest.importorskip("gradio", reason="没有装 gradio（requirements-playground.txt）")
from paddle_gan.playground import page_actions, page_parts  # noqa: E402


@pytest.fixture
def sessions():
    made = Sessions(limit=1)
    yield made
    made.close()


def test_what_a_click_cannot_do_is_said_once_at_the_next_look(sessions):
    def refuse(visitor, value):
        raise UserError(f"<b>做不了 {value}")

    visitor, request = sessions.enter("甲"), SimpleNamespace(session_hash="甲")
    page_parts.for_visitor(sessions, 2)(refuse)(request, 3)
    assert page_actions.fresh(visitor)
    visitor.say("又一句")
    said = page_parts.spoken(visitor)
    assert "&lt;b&gt;做不了 3<br>又一句</p>" in said
    assert not isinstance(page_parts.spoken(visitor), str)
    visitor.say("又一句")
    assert page_parts.spoken(visitor).split(">")[0] != said.split(">")[0]  # 再说一遍也看得见


def test_a_restart_in_the_middle_says_what_ended_and_a_first_start_says_nothing(sessions):
    visitor = sessions.enter("甲")
    page_actions.begin(visitor, small(steps=3), True)
    until(lambda: visitor.worker.state == FINISHED)
    assert not visitor.sentences
    page_actions.begin(visitor, small("wgan", steps=3), False)
    assert list(visitor.sentences) == ["从第 0 步重新开始；原来那一次走到第 3 步，收场了"]
    assert (visitor.worker.step, visitor.worker.records) == (0, [])


def test_a_change_that_waits_for_a_restart_says_so(sessions):
    visitor = sessions.enter("甲")
    page_actions.take_number(visitor, "seed", 0)  # 没有变
    assert not visitor.sentences
    page_actions.take_number(visitor, "seed", 5)
    page_actions.take_value(visitor, "z_dim", 3, live=False)
    assert all("按“重新开始”生效" in text for text in visitor.sentences)
    assert (visitor.raw["seed"], visitor.raw["hparams"]["z_dim"]) == (5, 3)


def test_a_card_is_green_when_healthy_red_when_ill_and_escaped():
    assert 'class="verdict "' in full_card(diagnose([]))
    assert 'class="verdict ok"' in full_card(Diagnosis(HEALTHY))
    ill = full_card(diagnose([], "第 3 步 <i> 不是有限的数"))
    assert 'class="verdict ill"' in ill and "&lt;i&gt;" in ill
