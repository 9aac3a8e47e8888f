"""各章的练习；答案在同目录的各章文件里，做完再看。"""

from paddle_gan.teaching.exercise import Exercise
from paddle_gan.teaching.exercises import ch12

CHAPTERS: tuple[tuple[Exercise, ...], ...] = (ch12.EXERCISES,)
EXERCISES: dict[str, Exercise] = {one.key: one for chapter in CHAPTERS for one in chapter}
