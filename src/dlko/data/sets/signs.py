"""미국 수어의 지문자 24개: Sign Language MNIST, 또는 여기서 그려 낸 손.

그려 낸 손은 진짜 손이 아닙니다. 손가락 마디를 끝이 둥근 막대(캡슐)로 보고, 글자마다 관절의 각도를 적어 두었습니다.
자세, 손의 비율, 빛, 밝기, 잡음은 난수로 흔듭니다. 씨앗이 같으면 어느 컴퓨터에서나 같은 사진이 나옵니다.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from dlko.data.own import LETTER_SIDE, LETTERS, read_letters
from dlko.data.spec import Data, DataSet, Embedded, Part, RemoteFile

TRAIN, TEST = 150, 30  # 글자마다 그리는 장수

# --- 글자마다의 손 모양 ----------------------------------------------------------------------------------------
# 자리는 손바닥의 가운데를 0으로 본 (오른쪽, 위, 보는 사람 쪽)입니다. 손바닥의 길이가 약 1이고, 오른손입니다.

# 손가락 하나는 (첫 마디, 가운데 마디, 끝 마디의 굽힘, 벌림). 모두 도이고 손바닥 쪽으로 굽히는 것이 +입니다.
FOLDED, STRAIGHT, DRAPED = (80, 100, 60, 0), (4, 6, 4, 0), (85, 75, 15, 0)
ROUND, ARCHED = (50, 55, 40, 0), (28, 40, 25, 0)

# 엄지 하나는 (밑마디의 끝, 관절, 손끝)의 자리
BESIDE = ((0.44, -0.30, 0.12), (0.48, -0.02, 0.24), (0.46, 0.30, 0.26))
ACROSS = ((0.44, -0.30, 0.30), (0.28, 0.00, 0.62), (-0.06, 0.06, 0.64))
ON_RING = ((0.42, -0.28, 0.28), (0.24, -0.04, 0.56), (-0.04, 0.10, 0.60))
ON_PINKY = ((0.42, -0.28, 0.28), (0.18, -0.10, 0.56), (-0.20, 0.04, 0.60))
IN_PALM = ((0.38, -0.32, 0.20), (0.14, -0.22, 0.28), (-0.12, -0.12, 0.28))
BELOW = ((0.40, -0.36, 0.24), (0.16, -0.26, 0.46), (-0.18, -0.20, 0.46))
PINCH = ((0.42, -0.24, 0.26), (0.38, 0.10, 0.52), (0.24, 0.42, 0.62))
OPPOSITE = ((0.42, -0.28, 0.26), (0.44, -0.14, 0.54), (0.40, 0.04, 0.80))
UNDER = ((0.44, -0.24, 0.16), (0.36, 0.14, 0.32), (0.20, 0.50, 0.34))
ALONG = ((0.48, -0.20, 0.16), (0.50, 0.18, 0.30), (0.46, 0.52, 0.34))
OUT = ((0.52, -0.20, 0.10), (0.78, -0.10, 0.10), (1.04, -0.04, 0.10))
UP_OUT = ((0.52, -0.20, 0.10), (0.76, 0.00, 0.12), (0.98, 0.22, 0.12))
BETWEEN_1 = ((0.42, -0.30, 0.22), (0.34, 0.06, 0.50), (0.22, 0.44, 0.50))  # 검지와 중지 사이
BETWEEN_2 = ((0.42, -0.30, 0.20), (0.24, -0.06, 0.44), (0.00, 0.12, 0.60))  # 중지와 약지 사이
BETWEEN_3 = ((0.42, -0.32, 0.20), (0.12, -0.12, 0.42), (-0.21, 0.06, 0.60))  # 약지와 소지 사이


def _bent(finger: tuple, spread: float = 0, forward: float = 0) -> tuple:
    """벌리거나 밑동에서 더 굽힌 손가락."""
    return (finger[0] + forward, *finger[1:3], spread)


_POINT = (_bent(STRAIGHT), FOLDED, FOLDED, FOLDED)
_PAIR = (_bent(STRAIGHT, -4), _bent(STRAIGHT, 2), FOLDED, FOLDED)
_RIGHT, _DOWN = (0, 180, -90), (0, 165, 150)

# 글자: (검지, 중지, 약지, 소지), 엄지, 손 전체를 돌리는 각도(앞으로 숙이기, 옆으로 틀기, 기울이기)
SHAPES: dict[str, tuple[tuple, tuple, tuple]] = {
    "A": ((FOLDED,) * 4, BESIDE, (0, 5, 0)),
    "B": (tuple(_bent(STRAIGHT, s) for s in (2, 0, -2, -5)), IN_PALM, (0, 0, 0)),
    "C": ((ARCHED,) * 4, OPPOSITE, (0, 72, 0)),
    "D": ((_bent(STRAIGHT), ROUND, ROUND, ROUND), PINCH, (0, 40, 0)),
    "E": (((35, 105, 75, 0),) * 4, BELOW, (0, 0, 0)),
    "F": ((ROUND, *(_bent(STRAIGHT, s) for s in (2, -10, -20))), PINCH, (0, 45, 0)),
    "G": (_POINT, ALONG, _RIGHT),
    "H": (_PAIR, ON_RING, _RIGHT),
    "I": ((FOLDED, FOLDED, FOLDED, _bent(STRAIGHT, -4)), ACROSS, (0, 0, 0)),
    "K": ((_bent(STRAIGHT, 10), _bent(STRAIGHT, -4, 38), FOLDED, FOLDED), UNDER, (0, 25, 0)),
    "L": (_POINT, OUT, (0, 0, 0)),
    "M": ((DRAPED, DRAPED, DRAPED, FOLDED), BETWEEN_3, (0, 0, 0)),
    "N": ((DRAPED, DRAPED, FOLDED, FOLDED), BETWEEN_2, (0, 0, 0)),
    "O": ((ROUND,) * 4, PINCH, (0, 65, 0)),
    "P": ((_bent(STRAIGHT, 4), _bent(STRAIGHT, 0, 62), FOLDED, FOLDED), UNDER, (80, -65, 0)),
    "Q": (_POINT, ALONG, _DOWN),
    "R": ((_bent(STRAIGHT, -13), _bent(STRAIGHT, 12, 10), FOLDED, FOLDED), ON_RING, (0, 0, 0)),
    "S": ((FOLDED,) * 4, ACROSS, (0, 0, 0)),
    "T": ((FOLDED,) * 4, BETWEEN_1, (0, 0, 0)),
    "U": (_PAIR, ON_RING, (0, 0, 0)),
    "V": ((_bent(STRAIGHT, 14), _bent(STRAIGHT, -10), FOLDED, FOLDED), ON_RING, (0, 0, 0)),
    "W": ((*(_bent(STRAIGHT, s) for s in (16, 0, -16)), FOLDED), ON_PINKY, (0, 0, 0)),
    "X": (((12, 80, 55, 0), FOLDED, FOLDED, FOLDED), ACROSS, (0, 45, 0)),
    "Y": ((FOLDED, FOLDED, FOLDED, _bent(STRAIGHT, -24)), UP_OUT, (0, 0, 0)),
}

KNUCKLES = np.array([[0.33, 0.48, 0], [0.11, 0.52, 0], [-0.11, 0.48, 0], [-0.31, 0.38, 0]])
LENGTHS = np.array([0.80, 0.90, 0.83, 0.65])[:, np.newaxis] * [0.48, 0.30, 0.22]
# 캡슐의 차례: 손바닥 4, 손가락 4×3, 엄지 3, 팔 1
RADII = np.array([0.18] * 4 + [0.14, 0.135, 0.125] * 3 + [0.12, 0.115, 0.11] + [0.18, 0.15, 0.13] + [0.31])
HAND = 19  # 팔을 뺀 캡슐의 수


def draw_signs(labels: np.ndarray, seed: int) -> np.ndarray:
    """글자마다 손을 하나씩 그립니다. 손마다 비율, 자세, 빛, 밝기가 다릅니다.

    Args:
        labels: 글자의 번호 `(장수,)`, 0(A)에서 23(Y)까지. 차례는 `LETTERS`입니다.
        seed: 난수의 씨앗. 같으면 같은 사진이 나옵니다.

    Returns:
        `(장수, 28, 28)` uint8, 0(검정)에서 255(흰색)까지.
    """
    rng, batch = np.random.default_rng(seed), 64  # 캐시에 드는 만큼씩 그리는 것이 가장 빠릅니다.
    parts = [labels[start : start + batch] for start in range(0, len(labels), batch)]
    return np.concatenate([_shade(*_pose(part, rng), rng) for part in parts])


def _turn(angles: np.ndarray) -> np.ndarray:
    """(숙이기, 틀기, 기울이기)의 라디안 `(n, 3)`을 회전 행렬 `(n, 3, 3)`으로."""
    (a, b, c), (d, e, f) = np.cos(angles.T), np.sin(angles.T)
    return np.stack(
        [
            c * b,
            c * e * d - f * a,
            c * e * a + f * d,
            f * b,
            f * e * d + c * a,
            f * e * a - c * d,
            -e,
            b * d,
            b * a,
        ],
        axis=-1,
    ).reshape(-1, 3, 3)


def _pose(labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """캡슐의 두 끝 `(n, 20, 3)` 둘과 반지름 `(n, 20)`. 단위는 픽셀이고 가운데가 0입니다."""
    n = len(labels)
    shapes = [SHAPES[LETTERS[label]] for label in labels]
    angles = np.radians([shape[0] for shape in shapes])  # (n, 손가락 4, 관절 3과 벌림)
    angles += np.radians(rng.normal(0, [7, 7, 5, 2.5], angles.shape))
    lengths = LENGTHS * rng.normal(1, 0.06, (n, 1, 1)) * rng.normal(1, 0.03, (n, 4, 1))
    knuckles = KNUCKLES * np.stack([rng.normal(1, 0.07, n), np.ones(n), np.ones(n)], axis=1)[:, np.newaxis]

    bend, spread = np.cumsum(angles[..., :3], axis=2), angles[..., 3:]
    steps = np.stack([np.sin(spread) * np.cos(bend), np.cos(spread) * np.cos(bend), np.sin(bend)], axis=-1)
    joints = knuckles[:, :, np.newaxis] + np.cumsum(steps * lengths[..., np.newaxis], axis=2)
    thumb = np.array([shape[1] for shape in shapes]) + rng.normal(0, 0.025, (n, 3, 3))
    wrist = np.broadcast_to([0.0, -0.55, 0.0], (n, 1, 3))

    fingers = np.concatenate([knuckles[:, :, np.newaxis], joints[:, :, :2]], axis=2).reshape(n, 12, 3)
    heels = knuckles * [0.55, 0.0, 0.0] + [0.0, -0.46, 0.0]
    start = [heels, fingers, wrist + np.array([0.22, 0.12, 0.05]), thumb[:, :2], wrist]
    end = [knuckles, joints.reshape(n, 12, 3), thumb, wrist + np.array([0.0, -1.6, 0.0])]
    radii = RADII * rng.normal(1, 0.08, (n, 1))

    tilt = np.radians([shape[2] for shape in shapes]) + np.radians(rng.normal(0, [9, 11, 7], (n, 3)))
    rotation = _turn(tilt)[:, np.newaxis]
    a, b = ((np.concatenate(p, axis=1)[:, :, np.newaxis] * rotation).sum(axis=-1) for p in (start, end))

    # 손만 꽉 차게 자른 사진처럼, 팔을 뺀 손의 크기와 자리를 맞춥니다.
    ends, size = np.concatenate([a[:, :HAND], b[:, :HAND]], axis=1)[..., :2], radii[:, :HAND].max(axis=1)
    low, high = ends.min(axis=1) - size[:, np.newaxis], ends.max(axis=1) + size[:, np.newaxis]
    scale = rng.uniform(21, 28, n) / (high - low).max(axis=1)
    middle = np.concatenate([(low + high) / 2, np.zeros((n, 1))], axis=1)[:, np.newaxis]
    shift = np.concatenate([rng.normal(0, 1.2, (n, 2)), np.zeros((n, 1))], axis=1)[:, np.newaxis]
    a, b = ((p - middle) * scale[:, np.newaxis, np.newaxis] + shift for p in (a, b))
    return a, b, radii * scale[:, np.newaxis]


def _shade(a: np.ndarray, b: np.ndarray, radii: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """캡슐을 보는 사람 쪽부터의 깊이를 견주어 그립니다.

    사인과 코사인의 마지막 자리는 컴퓨터마다 다를 수 있습니다. 그래서 자리를 먼저 반올림하고, 여기서는 어디서나 똑같이
    계산되는 사칙 연산과 제곱근만 씁니다.
    """
    n = len(a)
    a, b, radii = (np.round(values, 3).astype(np.float32) for values in (a, b, radii))

    def column(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (n, 1)).astype(np.float32)

    y, x = (
        values.reshape(1, -1)
        for values in np.mgrid[LETTER_SIDE - 1 : -1 : -1, 0:LETTER_SIDE].astype(np.float32) - 13.5
    )
    light = np.stack([column(-0.7, 0.7), column(-0.1, 0.8), np.ones((n, 1), np.float32)])
    light /= np.sqrt((light * light).sum(axis=0))
    skin, sleeve, ambient = column(0.5, 1.0), column(0.1, 1.0), column(0.25, 0.5)
    picture = column(0.35, 0.95) + column(-0.012, 0.012) * x + column(-0.012, 0.012) * y  # 바탕
    depth = np.full((n, LETTER_SIDE**2), -1e3, np.float32)

    for part in range(a.shape[1]):
        start, (step_x, step_y, step_z) = a[:, part], (b[:, part] - a[:, part]).T[..., np.newaxis]
        r = radii[:, part, np.newaxis]
        off_x, off_y = x - start[:, :1], y - start[:, 1:2]
        along = (off_x * step_x + off_y * step_y) / (step_x * step_x + step_y * step_y + np.float32(1e-3))
        along = np.clip(along, 0, 1)  # 막대의 어디쯤이 이 픽셀에 가장 가까운지
        off_x -= along * step_x
        off_y -= along * step_y
        far = off_x * off_x + off_y * off_y
        height = np.sqrt(np.maximum(r * r - far, 0))  # 막대의 겉면이 얼마나 솟았는지
        z = start[:, 2:] + along * step_z + height
        cover = np.clip(r - np.sqrt(far) + np.float32(0.5), 0, 1) * (z > depth)  # 가장자리는 반쯤만 덮습니다.
        facing = np.maximum((off_x * light[0] + off_y * light[1] + height * light[2]) / r, 0)
        tone = (skin if part < HAND else sleeve) * (ambient + (1 - ambient) * facing)
        tone *= np.float32(0.65) + np.float32(0.35) * height / r  # 손가락 사이의 골은 어둡습니다.
        picture += cover * (tone - picture)
        np.maximum(depth, np.where(cover > 0.5, z, depth), out=depth)

    picture += rng.normal(0, 0.02, picture.shape).astype(np.float32)
    return np.clip(np.round(picture * 255), 0, 255).astype(np.uint8).reshape(n, LETTER_SIDE, LETTER_SIDE)


def load_drawn() -> Data:
    """그려 낸 손. 사진은 `(장수, 28, 28)` uint8, 정답은 `(장수,)` uint8이고 글자의 수는 모두 같습니다."""

    def part(each: int, seed: int) -> Part:
        labels = np.random.default_rng(seed).permutation(
            np.repeat(np.arange(len(LETTERS), dtype=np.uint8), each)
        )
        return draw_signs(labels, seed), labels

    return part(TRAIN, seed=1), part(TEST, seed=2)


def read_signs(paths: Mapping[str, Path]) -> Data:
    """Kaggle의 표 두 개를 읽습니다."""
    return read_letters(paths["sign_mnist_train.csv"]), read_letters(paths["sign_mnist_test.csv"])


def _file(name: str, size: int, sha256: str) -> RemoteFile:
    address = "https://www.kaggle.com/api/v1/datasets/download/datamunge/sign-language-mnist/"
    return RemoteFile(name, (address + name,), size, sha256)


SIGNS = DataSet(
    name="signs",
    title="Sign Language MNIST(미국 수어 지문자)",
    source="tecperson(Kaggle)",
    licence="CC0 1.0",
    citation='tecperson, "Sign Language MNIST: Drop-In Replacement for MNIST for Hand Gesture Recognition Tasks", '
    "Kaggle, 2017.",
    homepage="https://www.kaggle.com/datasets/datamunge/sign-language-mnist",
    files=(
        _file(
            "sign_mnist_train.csv",
            83_281_065,
            "4c2897f19fab2b0ae2a7e4fa82e969043315d9f3a1a9cc0948b576bf1189a7e5",
        ),
        _file(
            "sign_mnist_test.csv",
            21_777_485,
            "0e9d67bae23e67f40728e0b63bf15ad4bd5175947b8a9fac5dd9f17ce133c47b",
        ),
    ),
    read=read_signs,
    embedded=Embedded(
        title="그려 낸 손(미국 수어 지문자)",
        note="이 강의를 위해 프로그램이 그린 그림입니다. 진짜 손의 사진이 아닙니다.",
        source="이 강의",
        licence="MIT",
        content_hash="5ed66b62c72e7220745a17e0114d57791c5309d71e23fbafd974b6c8ee953f40",
        load=load_drawn,
    ),
    class_names=tuple(LETTERS),
    brought=(("sign_mnist_train.csv*", "sign_mnist_test.csv*"),),
)
