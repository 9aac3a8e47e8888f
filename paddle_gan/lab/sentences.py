"""台账里的数与句子怎样写：负号、千分位、科学记数，汉字与西文之间的空格。"""

EXPONENTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float, digits: int = 4) -> str:
    """digits 位有效数字：负号是 −，千分位分开，太大太小写成 1.2×10⁻⁷。"""
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        text = f"{float(f'{value:.{digits}g}') + 0.0:,.12g}"  # −0.0 也写成 0
    else:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        power = f"10{str(int(exponent)).translate(EXPONENTS)}"
        number = f"{float(mantissa):g}"
        text = {"1": power, "-1": f"-{power}"}.get(number, f"{number}×{power}")
    return text.replace("-", "−")


def spaced(*parts: str) -> str:
    """拼成一句；一边是汉字、一边是西文或数字的地方空一格，全角标点两边不空。"""
    text = ""
    for part in filter(None, parts):
        sides = (text[-1:], part[0])
        gap = any(map(_is_han, sides)) and any(map(_is_western, sides))
        text += " " + part if gap else part
    return text


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _is_western(character: str) -> bool:
    """字母、数字（R² 的 ²、W₁ 的 ₁ 也是）、半角符号、负号。"""
    if not character or character.isspace() or _is_han(character):
        return False
    return character.isascii() or character.isalnum() or character == "−"
