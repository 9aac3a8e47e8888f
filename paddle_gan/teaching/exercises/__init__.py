"""各章的练习；答案在同目录的各章文件里，做完再看。"""

from paddle_gan.teaching.exercise import Exercise
from paddle_gan.teaching.exercises import (
    ch00,
    ch01,
    ch02,
    ch03,
    ch04,
    ch05,
    ch06,
    ch07,
    ch08,
    ch09,
    ch10,
    ch11,
    ch11_pairs,
    ch12,
    ch13,
    ch14,
    ch14_labels,
)

CHAPTERS: tuple[tuple[Exercise, ...], ...] = (
    ch00.EXERCISES,
    ch01.EXERCISES,
    ch02.EXERCISES,
    ch03.EXERCISES,
    ch04.EXERCISES,
    ch05.EXERCISES,
    ch06.EXERCISES,
    ch07.EXERCISES,
    ch08.EXERCISES,
    ch09.EXERCISES,
    ch10.EXERCISES,
    ch11.EXERCISES + ch11_pairs.EXERCISES,
    ch12.EXERCISES,
    ch13.EXERCISES,
    ch14.EXERCISES + ch14_labels.EXERCISES,
)
EXERCISES: dict[str, Exercise] = {one.key: one for chapter in CHAPTERS for one in chapter}
