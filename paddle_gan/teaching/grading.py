"""练习：check("2.1", 你的答案) 当场判对错；不给答案时印出题目。"""

from paddle_gan.errors import unknown_name
from paddle_gan.teaching.exercise import grade
from paddle_gan.teaching.exercises import EXERCISES


def check(key: str, answer=None) -> None:
    """判一道题并印出结果；不给答案时印出题目。"""
    if key not in EXERCISES:
        raise unknown_name("练习", key, EXERCISES)
    if answer is None:
        print(f"练习 {key}：{EXERCISES[key].question}")
        return
    right, message = grade(EXERCISES[key], answer)
    print(f"{'✓' if right else '✗'} 练习 {key}：{message}")
