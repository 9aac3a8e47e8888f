"""目录里有哪些图像：跳过的都数着，指向目录的链接也走，同一张图不数两遍。"""

import numpy as np
import pytest
from tool_helpers import write_image

from paddle_gan.data.image_list import find_images
from paddle_gan.errors import UserError

PIXELS = np.zeros((4, 4, 3), np.uint8)


def names(root) -> list[str]:
    return [file.relative_to(root).as_posix() for file in find_images(root).files]


def test_files_of_unknown_formats_are_counted_by_extension(tmp_path):
    write_image(tmp_path / "a.png", PIXELS)
    for name in ("1.heic", "2.HEIC", "里/3.heic", "目录.txt", "无", ".隐藏.heic", ".DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = find_images(tmp_path)
    assert found.skipped() == "跳过 3 个 .heic、1 个 .txt、1 个没有扩展名的（不认得的格式）"
    assert len(found.files) == 1


def test_only_the_most_frequent_kinds_are_named(tmp_path):
    write_image(tmp_path / "a.png", PIXELS)
    for kind in range(7):
        for i in range(7 - kind):
            (tmp_path / f"{i}.x{kind}").touch()
    skipped = find_images(tmp_path).skipped()
    assert "跳过 7 个 .x0、6 个 .x1、5 个 .x2、4 个 .x3、3 个 .x4，另有 3 个别的" in skipped


def test_nothing_skipped_is_nothing_said(tmp_path):
    write_image(tmp_path / "a.png", PIXELS)
    assert find_images(tmp_path).skipped() == ""


def test_a_folder_of_other_files_says_what_is_in_it(tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.heic").touch()
    with pytest.raises(UserError, match=r"里没有图像（跳过 3 个 \.heic（不认得的格式））；"):
        find_images(tmp_path)
    assert find_images(tmp_path, may_be_empty=True).files == []


def test_class_folders_may_be_links(tmp_path):
    write_image(tmp_path / "别处" / "深" / "a.png", PIXELS)
    write_image(tmp_path / "我的" / "狗" / "b.png", PIXELS)
    (tmp_path / "我的" / "猫").symlink_to(tmp_path / "别处")
    assert names(tmp_path / "我的") == ["狗/b.png", "猫/深/a.png"]


def test_a_folder_linked_twice_is_counted_once_under_its_real_or_first_name(tmp_path):
    write_image(tmp_path / "真" / "a.png", PIXELS)
    write_image(tmp_path / "外面" / "b.png", PIXELS)
    for name in ("甲", "乙"):
        (tmp_path / "里").mkdir(exist_ok=True)
        (tmp_path / "里" / name).symlink_to(tmp_path / "外面")
    (tmp_path / "里" / "也是真").symlink_to(tmp_path / "真")
    # 真正的目录先走；“外面”也在 tmp_path 里，所以两个链接都不再算
    assert names(tmp_path) == ["外面/b.png", "真/a.png"]
    assert names(tmp_path / "里") == ["乙/b.png", "也是真/a.png"]  # 乙 U+4E59 在 甲 U+7532 前


def test_links_in_a_circle_end(tmp_path):
    write_image(tmp_path / "甲" / "a.png", PIXELS)
    write_image(tmp_path / "乙" / "b.png", PIXELS)
    (tmp_path / "甲" / "去乙").symlink_to(tmp_path / "乙")
    (tmp_path / "乙" / "去甲").symlink_to(tmp_path / "甲")
    (tmp_path / "甲" / "上面").symlink_to("..")
    assert names(tmp_path) == ["乙/b.png", "甲/a.png"]
    assert names(tmp_path / "甲") == ["a.png", "上面/乙/b.png"]


def test_a_link_to_itself_is_no_folder(tmp_path):
    write_image(tmp_path / "a.png", PIXELS)
    (tmp_path / "圈").symlink_to(tmp_path / "圈")
    assert names(tmp_path) == ["a.png"]
