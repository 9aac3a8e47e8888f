"""读懂一个答案：选项写成 b、“B.”、“（Ｂ）”，数写成 ２、3/4、75%、1e-3、"2*log(2)" 都行。

算式先用 ast 拆开，只算认得的节点：四则、乘方、几个函数与 pi、e；文字从不执行。
全用浮点数算，又限了长短，所以写什么都立刻有回话。
"""

import ast
import math
import operator
import re
import unicodedata
import warnings

import numpy as np

from paddle_gan.errors import UserError, one_line

LONGEST, SHOWN = 100, 24  # 答案至多多少个字；回话里引它至多多少个字
NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
PAPER = str.maketrans(  # 纸上的写法 → 算式
    {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "π": "pi", "^": "**", "²": "**2", "³": "**3"}
    | {"½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)"}
)
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,  # 不用 **：整数的 9**9**9 会一直算下去，负数的分数次方会变成复数
}
SIGNS = {ast.UAdd: operator.pos, ast.USub: operator.neg}
FUNCTIONS = {"log": math.log, "ln": math.log, "log2": math.log2, "log10": math.log10}
FUNCTIONS |= {"exp": math.exp, "sqrt": math.sqrt, "abs": abs}
CONSTANTS = {"pi": math.pi, "e": math.e}


def read_choice(answer: object) -> str:
    """选项的大写字母；前后的空格、括号、标点与“选”“选项”“答案”不算。看不懂时抛出 UserError。"""
    text = unicodedata.normalize("NFKC", str(answer)[: LONGEST + 1]).upper()
    found = re.fullmatch(r"[\W_]*(?:答案是?|选项?)?[\W_]*([A-Z])[\W_]*", text)
    if found is None:
        raise UserError(f"看不懂答案“{quoted(answer)}”：请写一个选项字母，例如 'A'")
    return found.group(1)


def read_number(answer: object) -> float:
    """一个有限的数：数、只有一个元素的数组，或写成文字的数与算式。看不懂时抛出 UserError。"""
    try:
        value = calculate(answer) if isinstance(answer, str) else plain_number(answer)
    except (ValueError, TypeError, SyntaxError, ArithmeticError):
        value = math.nan
    if not math.isfinite(value):
        raise UserError(
            f"看不懂答案“{quoted(answer)}”：请写一个数，也可以写算式，"
            "例如 0.75、3/4、75%、'2*log(2)'"
        )
    return value


def plain_number(answer: object) -> float:
    """不是文字的数；真与假、复数不算。"""
    array = np.asarray(answer)
    if array.size != 1 or array.dtype.kind in "bc":
        raise TypeError("要一个数")
    return float(array.astype(np.float64).ravel()[0])


def calculate(text: str) -> float:
    """写成文字的数或算式的值；不认得的写法抛出 ValueError 或 SyntaxError。"""
    if len(text) > LONGEST:
        raise ValueError("太长")
    text = unicodedata.normalize("NFKC", text.translate(PAPER)).replace("\u2044", "/")
    text = re.sub(rf"√\s*({NUMBER})", r"sqrt(\1)", text).replace("√", "sqrt")
    text = re.sub(r"\b(?:math|numpy|np)\.", "", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)  # 12,654,337
    text = re.sub(r"(?<=[\d)])\s*(?=(?:log|ln|exp|sqrt|pi)(?![a-z]))", "*", text)  # 2log(2)
    text = re.sub(rf"\b(log|ln)\s*({NUMBER})(?![\d.]|\s*\()", r"\1(\2)", text)  # 课程里写的 log2
    text = re.sub(rf"({NUMBER})\s*%(?!\s*[\w(.])", r"(\1/100)", text)
    with warnings.catch_warnings():  # “1if 2”之类的写法，解析时会往标准错误里写英文
        warnings.simplefilter("ignore")
        tree = ast.parse(text.strip(), mode="eval")
    return value_of(tree.body)


def value_of(node: ast.expr) -> float:
    """算式的一个节点；文字有长短的限制，树就有深浅的限制。"""
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in SIGNS:
            return SIGNS[type(op)](value_of(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](value_of(left), value_of(right))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](value_of(inner))
    raise ValueError("不认得的写法")


def quoted(answer: object) -> str:
    """回话里引的答案：一行，长了就截断。"""
    text = one_line(str(answer)[: SHOWN + 1])
    return text if len(text) <= SHOWN else text[:SHOWN] + "……"
