"""结论：判据按组归拢，前提与对照不算数；对哪些组成立、对哪些不成立，写成一句中文。"""

from typing import NamedTuple

from paddle_gan.lab.rule import CLAIM, PREMISE, Outcome, Rule
from paddle_gan.lab.sentences import spaced

HOLDS, CONDITIONAL, FAILS = "成立", "成立，有条件", "不成立"
UNMEASURED, UNKNOWN = "没有量成", "未测"  # 前提没有满足；还没有记录


class Verdict(NamedTuple):
    """结论与写给人看的一句话。"""

    name: str
    text: str


def group_states(rules: list[Rule], outcomes: list[Outcome]) -> dict[str, bool | None]:
    """{组: 成立吗}，组是判据说的那一组；None 是没有量成：前提没有满足，或种子太少。"""
    unmet = {r.arm for r, o in zip(rules, outcomes) if r.role == PREMISE and not o.holds}
    states = {}
    for arm in dict.fromkeys(rule.arm for rule in rules if rule.role == CLAIM):
        mine = [(r, o) for r, o in zip(rules, outcomes) if r.role == CLAIM and r.arm == arm]
        used = {arm, *(rule.versus for rule, _ in mine)}
        found = [outcome.holds for _, outcome in mine]
        states[arm] = None if used & unmet or None in found else all(found)
    return states


def verdict(states: dict[str, bool | None], labels: dict[str, str]) -> Verdict:
    """每一组都成立、有的成立、一组也不成立、一组也没有量成。"""
    held, failed, unknown = (
        [labels[arm] for arm, state in states.items() if state is wanted]
        for wanted in (True, False, None)
    )
    if not held and not failed:
        return Verdict(UNMEASURED, UNMEASURED)
    unsaid = f"；{quoted(unknown)}{UNMEASURED}" if unknown else ""
    if not held:
        return Verdict(FAILS, FAILS + unsaid)
    if not failed and not unknown:
        return Verdict(HOLDS, HOLDS)
    against = f"；对{quoted(failed)}{FAILS}" if failed else ""
    return Verdict(CONDITIONAL, f"对{quoted(held)}{HOLDS}{against}{unsaid}")


def quoted(labels: list[str]) -> str:
    """“甲”“乙”。"""
    return "".join(f"“{spaced(label)}”" for label in labels)
