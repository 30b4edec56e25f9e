"""연습용 장면: 정답이 그림과 맞는지, 같은 씨앗이면 같은 장면인지."""

import numpy as np
import pytest

from dlko.scenes import SIDE, cut_out, make_scenes

PHOTO = np.zeros((28, 28), np.uint8)
PHOTO[4:24, 10:16] = 200  # 높이 20, 너비 6인 글씨


@pytest.fixture(scope="module")
def pieces():
    return cut_out(np.stack([PHOTO] * 5), (10, 20), seed=0)


def test_cutouts_hold_only_the_ink(pieces):
    longest = {max(piece.shape) for piece in pieces}
    assert longest <= set(range(10, 21)) and len(longest) > 1
    for piece in pieces:
        assert piece.dtype == np.float32
        assert piece.shape[1] == round(piece.shape[0] * 6 / 20)
        assert np.allclose(piece, 200 / 255)


def test_boxes_and_masks_are_where_the_digits_are(pieces):
    scenes = make_scenes(40, (pieces, np.arange(5)), pieces, seed=1, objects=(1, 3), overlap=0)
    assert scenes.images.shape == (40, SIDE, SIDE, 1) and scenes.images.dtype == np.float32
    assert scenes.images.min() >= 0 and scenes.images.max() <= 1
    for image, mask, boxes, names in zip(
        scenes.images[..., 0], scenes.masks, scenes.boxes, scenes.classes, strict=True
    ):
        drawn = np.zeros_like(mask)
        for (left, top, right, bottom), name in zip(boxes.astype(int), names, strict=True):
            assert (bottom - top, right - left) == pieces[name].shape
            assert image[top:bottom, left:right].mean() > 0.4  # 가장 어두워도 0.6쯤의 글씨
            drawn[top:bottom, left:right] = True
        assert np.array_equal(mask, drawn)
        assert mask.sum() == sum(pieces[name].size for name in names)  # 겹치지 않았습니다


def test_counts_and_overlaps_obey_the_options(pieces):
    labels = np.arange(5)
    few = make_scenes(30, (pieces, labels), pieces, seed=2, objects=(2, 2))
    assert {len(boxes) for boxes in few.boxes} == {2}
    crowd = make_scenes(30, (pieces, labels), pieces, seed=2, objects=(9, 9), overlap=0.6)
    assert np.mean([len(boxes) for boxes in crowd.boxes]) > 8


def test_same_seed_same_scenes(pieces):
    first, again, other = (make_scenes(3, (pieces, np.arange(5)), pieces, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)
