"""연습용 장면: 진짜 손글씨 숫자와 옷 사진을 오려 붙인 64×64 그림과, 그 정답.

붙인 자리를 알고 있으므로 상자와 픽셀의 정답을 사람이 그리지 않아도 됩니다. 오리기(`cut_out`)는 한 번만 하고,
붙이기(`make_scenes`)는 몇 번이고 새로 합니다.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

SIDE = 64  # 장면 한 변의 픽셀 수
TRIES = 20  # 하나를 놓을 자리를 찾아보는 횟수
INK = 60  # 이보다 밝은 픽셀(0–255)이 있는 곳까지 오립니다.

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Scenes:
    """장면 N장과 정답.

    Attributes:
        images: `(N, 64, 64, 1)` float32, 0–1.
        boxes: 장면마다 `(k, 4)` float32. 숫자의 왼쪽, 위, 오른쪽, 아래(픽셀). 너비는 오른쪽 − 왼쪽입니다.
        classes: 장면마다 `(k,)` int64. 상자 안의 숫자.
        masks: `(N, 64, 64)` bool. 숫자의 픽셀이면 True.
    """

    images: np.ndarray
    boxes: list[np.ndarray]
    classes: list[np.ndarray]
    masks: np.ndarray


def cut_out(photos: Any, size: tuple[int, int], seed: int) -> list[np.ndarray]:
    """사진에서 글씨나 옷이 있는 곳만 오려, 긴 변이 `size` 안의 무작위 길이가 되도록 줄이거나 키웁니다.

    Args:
        photos: `(M, 높이, 너비)` uint8. 바탕은 검습니다.
        size: 긴 변의 최소와 최대(픽셀).
        seed: 길이를 뽑는 난수의 씨앗.

    Returns:
        오린 조각 M개. 저마다 `(높이, 너비)` float32, 0–1.
    """
    longest = np.random.default_rng(seed).integers(size[0], size[1] + 1, len(photos))
    return [_cut(photo, side) for photo, side in zip(np.asarray(photos), longest, strict=True)]


def _cut(photo: np.ndarray, longest: int) -> np.ndarray:
    inked = photo > INK
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    ink = photo[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(2, round(side * longest / max(ink.shape))) for side in ink.shape)
    small = Image.fromarray(ink).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32) / 255


def make_scenes(
    count: int,
    digits: tuple[Sequence[np.ndarray], Any],
    clothes: Sequence[np.ndarray],
    *,
    seed: int,
    objects: tuple[int, int] = (1, 3),
    overlap: float = 0.1,
) -> Scenes:
    """숫자와, 속지 말아야 할 옷(0–2벌)을 흩어 놓은 장면을 그립니다. 밝기는 저마다 다르고, 끝으로 잡음을 더합니다.

    Args:
        count: 장면의 수 N.
        digits: `cut_out`으로 오린 숫자 M개와 그 정답 `(M,)`.
        clothes: 오린 옷.
        seed: 난수의 씨앗. 같으면 같은 장면입니다.
        objects: 숫자의 수의 최소와 최대. 놓을 자리를 못 찾은 것은 빠집니다.
        overlap: 숫자끼리 겹쳐도 되는 비율(IoU)의 최대. 옷은 겹치지 않게 놓습니다.

    Returns:
        장면과 정답.
    """
    rng = np.random.default_rng(seed)
    cutouts, labels = digits
    images = np.empty((count, SIDE, SIDE), np.float32)
    images[:] = rng.uniform(0, 0.3, (count, 1, 1))  # 장면마다 다른 바탕
    masks = np.zeros((count, SIDE, SIDE), bool)
    boxes, classes = [], []
    for image, mask in zip(images, masks, strict=True):
        chosen = rng.integers(len(cutouts), size=rng.integers(objects[0], objects[1] + 1))
        places: list[Box] = []
        names = []
        for i in chosen:
            if place := _find_place(rng, cutouts[i].shape, places, overlap):
                _paste(image, cutouts[i], place, rng.uniform(0.6, 1))
                left, top, right, bottom = place
                mask[top:bottom, left:right] |= cutouts[i] > 0.5
                places.append(place)
                names.append(labels[i])
        boxes.append(np.array(places, np.float32).reshape(-1, 4))
        classes.append(np.array(names, np.int64))
        for i in rng.integers(len(clothes), size=rng.integers(0, 3)):
            if place := _find_place(rng, clothes[i].shape, places, 0):
                _paste(image, clothes[i], place, rng.uniform(0.6, 1))
                places.append(place)
    images += 0.05 * rng.standard_normal(images.shape, np.float32)
    return Scenes(np.clip(images, 0, 1)[..., None], boxes, classes, masks)


def _find_place(
    rng: np.random.Generator, shape: tuple[int, ...], taken: list[Box], overlap: float
) -> Box | None:
    """먼저 놓은 것들과 `overlap`보다 많이 겹치지 않는 자리. 못 찾으면 None입니다."""
    height, width = shape
    for x, y in rng.random((TRIES, 2)).tolist():
        left, top = int(x * (SIDE - width + 1)), int(y * (SIDE - height + 1))
        place = (left, top, left + width, top + height)
        if all(_iou(place, other) <= overlap for other in taken):
            return place
    return None


def _iou(a: Box, b: Box) -> float:
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def _paste(image: np.ndarray, cutout: np.ndarray, place: Box, brightness: float) -> None:
    """조각을 얹습니다. 진한 곳일수록 밑의 그림을 가립니다."""
    left, top, right, bottom = place
    under = image[top:bottom, left:right]
    under += cutout * (brightness - under)
