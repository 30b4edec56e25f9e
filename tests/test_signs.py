"""그려 낸 손: 언제나 같은 그림이고, 글자마다 손 모양이 맞고, 빨리 그립니다."""

import time

import numpy as np

from dlko.data.own import LETTERS
from dlko.data.sets import signs

THUMB = 18  # 엄지 끝마디의 캡슐. 손가락 k의 끝마디는 6 + 3k째입니다.


def average_tips(letter: str) -> tuple[np.ndarray, np.ndarray]:
    """손가락 넷의 끝 `(4, 3)`과 엄지의 끝 `(3,)`. 손 여럿의 평균이고 단위는 픽셀입니다."""
    labels = np.full(64, LETTERS.index(letter))
    _, ends, _ = signs._pose(labels, np.random.default_rng(0))
    mean = ends.mean(axis=0)
    return mean[[6, 9, 12, 15]], mean[THUMB]


def test_the_same_seed_draws_the_same_pictures() -> None:
    labels = np.arange(24)
    first = signs.draw_signs(labels, seed=3)
    assert first.shape == (24, 28, 28) and first.dtype == np.uint8
    assert np.array_equal(first, signs.draw_signs(labels, seed=3))
    assert not np.array_equal(first, signs.draw_signs(labels, seed=4))
    assert (first.reshape(24, -1).std(axis=1) > 10).all()  # 손이 보입니다.


def test_every_letter_has_as_many_pictures() -> None:
    assert "".join(signs.SHAPES) == LETTERS and len(LETTERS) == 24 and not set("JZ") & set(LETTERS)
    start = time.process_time()
    parts = signs.load_drawn()
    assert time.process_time() - start < 10  # 쉬는 컴퓨터에서는 1초쯤입니다.
    for (images, labels), each in zip(parts, (signs.TRAIN, signs.TEST), strict=True):
        assert len(images) == len(labels) and np.bincount(labels).tolist() == [each] * 24


def test_hands_have_the_shape_of_their_letter() -> None:
    tips = {letter: average_tips(letter) for letter in LETTERS}
    gap = {letter: abs(fingers[0, 0] - fingers[1, 0]) for letter, (fingers, _) in tips.items()}
    assert gap["V"] > 2 * gap["U"]  # V는 검지와 중지를 벌리고 U는 붙입니다.
    for letter, up in (
        ("D", {0}),
        ("L", {0}),
        ("U", {0, 1}),
        ("W", {0, 1, 2}),
        ("B", {0, 1, 2, 3}),
        ("I", {3}),
    ):
        high = tips[letter][0][:, 1] > 3
        assert set(np.flatnonzero(high)) == up, letter
    assert tips["L"][1][0] > tips["L"][0][0, 0]  # 오른손이라 엄지가 보는 사람의 오른쪽에 있습니다.
    assert (
        tips["R"][0][0, 0] < tips["R"][0][1, 0] and tips["U"][0][0, 0] > tips["U"][0][1, 0]
    )  # R은 엇겁니다.
    for letter in "GH":
        assert tips[letter][0][0, 0] > 3 and abs(tips[letter][0][0, 1]) < 5, letter  # 오른쪽을 가리킵니다.
    assert tips["P"][0][0, 0] < -3 and tips["Q"][0][0, 1] < -3  # P는 왼쪽, Q는 아래를 가리킵니다.
    thumbs = [tips[letter][1][0] for letter in "TNM"]  # 엄지 끝이 검지, 중지, 약지의 다음에 나옵니다.
    assert thumbs[0] > thumbs[1] > thumbs[2]
