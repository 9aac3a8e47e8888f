"""台账的页面：每个实验先是一句话与结论，再是图，别的都折起来；笔记本里折起来的也是这一段。"""

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIER_NAMES, TIERS, Experiment
from paddle_gan.lab.measures import common
from paddle_gan.lab.rule import CLAIM, CONTROL, PREMISE
from paddle_gan.lab.runner import core_hours
from paddle_gan.lab.sentences import number_text
from paddle_gan.lab.verdict import UNKNOWN

CLAIMS_HEAD = """# 课程的每句话，量出来怎么样

这份台账由 `python tools/lab.py report` 从 `paddle_gan/lab/results/` 生成，不要手改。

- 每一条先说量到了什么，再给结论；怎么量的、每个种子的数，点开下面的三角看。
- 一句话里没有写“最大”“最小”的数，都是居中的：把各个种子的数排好，取正中间的一个
  （种子是偶数个时，取正中两个的平均）。FD-LeNet、W₁ 这些量是什么，点开“常用的量”看。
- 结论有五种。**成立**；**成立，有条件**：只在写明的那几组上成立；**不成立**；
  **没有量成**：前提没有满足，例如要治模式崩溃，可是不治也没有崩溃；**未测**：还没有跑。
- 对照只是放在旁边比的，从不算进结论。
"""
DETAILS = """- 一句话有它的形式，判据跟着形式走。“会”：至少八成的种子这样。“总是”：每个种子都这样。
  “更”：同一个种子上两组相减，平均过了界，95% 区间也不含“一样”。“等于”：每个种子都在误差之内。
  没有写形式的，看居中的种子。
- 判据先于数据写在代码里；看过数据之后改动的，说明里写明。
  这几种形式与结论的规矩是看过数据之后定的（判据改于看过数据之后）；
  界、组或者对种子的要求也改了的，说明里写明是哪一条、原来是多少。
- “均匀撒点”是什么也不学的参照：在真模式张成的方块（每边放宽 5σ）里均匀取点，
  高质量的比例由公式算得，别的数是 20 次的平均；“真实数据”同样。
- “发表的数”协议与这里不同，只作参照，不与我们的数比大小。
- 完整档全部重跑要约 {hours:.0f} 个核时，展台、二十五个高斯与堆叠数字占一小半；
  `python tools/lab.py run --minutes 240` 从短的跑起，到时间就停，记录还在的不重跑。
- 快速档与完整档的数从不放进同一张表。提交号后面的“+”：跑的时候还有没提交的改动。
"""
ROLES = {
    CLAIM: "判据",
    PREMISE: "前提（不满足，用到这一组的判据就没有量成）",
    CONTROL: "对照（给人比的，不算进结论）",
}


def markdown(ledger: dict[str, dict]) -> str:
    """台账的正文：每档一张总表，再是每个实验一段。"""
    parts = [f"{CLAIMS_HEAD}\n{how_to_read()}"]
    for tier in reversed(TIERS):
        names = [name for name, claim in ledger.items() if claim.get("tier") == tier]
        if names:
            parts.append(f"## {TIER_NAMES[tier]}\n\n{overview(ledger, names)}")
    lacking = [claim["row"] for claim in ledger.values() if claim["verdict"] == UNKNOWN]
    if lacking:
        parts.append(f"还没有跑全的实验：{'、'.join(lacking)}。\n")
    parts += [paragraph(name, claim) for name, claim in ledger.items() if "tier" in claim]
    return "\n".join(parts)


def how_to_read() -> str:
    """总表前面折起来的两段：常用的量；判据怎样判。"""
    details = DETAILS.format(hours=core_hours(EXPERIMENTS, "full"))
    return f"{folded('常用的量', common())}\n{folded('判据怎样判，数怎样写', details)}"


def overview(ledger: dict[str, dict], names: list[str]) -> str:
    """一档的总表。"""
    lines = ["| 行 | 课程说 | 量出来 | 结论 | 章节 |", "|---|---|---|---|---|"]
    for name in names:
        claim = ledger[name]
        title, said = (claim[key].replace("|", "\\|") for key in ("title", "sentence"))
        lines.append(
            f"| {claim['row']} | {title} | {said} | [{claim['verdict']}](#{name}) |"
            f" {claim['anchor']} |"
        )
    return "\n".join(lines) + "\n"


def paragraph(name: str, claim: dict) -> str:
    """一个实验的一段：一句话、结论、图，别的折起来。"""
    lines = [f'<a id="{name}"></a>', f"## {claim['row']} {claim['title']}", ""]
    lines += [f"**{claim['sentence']}**", "", f"结论：**{claim['conclusion']}**。", ""]
    lines += [f"![{claim['title']}](claims/{name}.png)", "", fold(name, claim)]
    return "\n".join(lines)


def fold(name: str, claim: dict) -> str:
    """折起来的一段：原话、判据、每个种子的数、发表的数、怎样重跑。"""
    lines = [f"> {claim['quote']}", ">", f"> —— {claim['source']} {claim['anchor']}", ""]
    for role, title in ROLES.items():
        mine = [rule for rule in claim["rules"] if rule["role"] == role]
        if mine:
            lines += [f"{title}：", "", *map(rule_line, mine), ""]
    lines += ["居中的数，括号里是各个种子：", "", statistics_table(EXPERIMENTS[name], claim)]
    if claim["published"]:
        lines += ["发表的数（协议不同，只作参照）：", "", *map(published_line, claim["published"])]
        lines.append("")
    if claim["note"]:
        lines += [f"说明：{claim['note']}", ""]
    lines.append(
        f"{TIER_NAMES[claim['tier']]}，共 {claim['seconds']} 秒；"
        f"提交 {', '.join(claim['commits'])}；飞桨 {claim['versions']['paddle']}。"
        f"重跑：`python tools/lab.py run {name}"
        f"{' --quick' if claim['tier'] == 'quick' else ''}`\n"
    )
    return folded("怎么量的：判据、每个种子的数、发表的数", "\n".join(lines))


def folded(summary: str, text: str) -> str:
    """点开才看得见的一段 Markdown。"""
    return f"<details>\n<summary>{summary}</summary>\n\n{text}\n</details>\n"


def rule_line(rule: dict) -> str:
    """一条判据：满足没有、形式、句子、量到的数。"""
    sign = {True: "✓", False: "✗", None: "–"}[rule["holds"]]
    return f"- {sign} （{rule['form']}）{rule['text']}；{rule['measured']}"


def published_line(p: dict) -> str:
    """一个发表的数。"""
    said = f"{p['what']}：{p['value']}。协议：{p['protocol']}"
    return f"- {said}。出处：{p['source']}（{p['checked']}）。"


def statistics_table(experiment: Experiment, claim: dict) -> str:
    """组 × 量；一组没有的量写“–”。"""
    names = list(experiment.statistics)
    titles = [title.replace("|", "\\|") for title in experiment.statistics.values()]
    lines = ["| 组 | " + " | ".join(titles) + " |"]
    lines.append("|---|" + "--:|" * len(names))
    for arm, measured in claim["arms"].items():
        cells = [cell(measured["statistics"].get(name)) for name in names]
        lines.append(f"| {experiment.label(arm)} | {' | '.join(cells)} |")
    for label, row in experiment.references().items():
        cells = [number_text(row[name], 3) if name in row else "–" for name in names]
        lines.append(f"| *{label}* | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(measured: dict | None) -> str:
    """居中的数（各个种子的数）；全都一样时不一个一个写。"""
    if measured is None:
        return "–"
    values = measured["values"]
    same = len(set(values)) == 1
    seeds = f"{len(values)} 个种子都是" if same else " ".join(number_text(x, 3) for x in values)
    return f"{number_text(measured['median'])}（{seeds}）"
