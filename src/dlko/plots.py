"""여러 장에서 함께 쓰는 그림."""

import re
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.animation import Animation, PillowWriter

from dlko.environment import FONT_FILE

HISTORY_NAMES = {"loss": "손실", "accuracy": "정확도", "mae": "평균 절대 오차"}


@cache
def _letters() -> frozenset[int]:
    """그림의 글꼴에 있는 글자들."""
    fallback = font_manager.findfont("DejaVu Sans")
    return frozenset().union(*(font_manager.get_font(str(p)).get_charmap() for p in (FONT_FILE, fallback)))


def drawable(text: str) -> str:
    """그림의 글꼴로 그릴 수 있는 글. 빈 상자와 경고가 나오지 않게, 없는 글자를 알아볼 수 있는 것으로 바꿉니다.

    macOS가 풀어 적은 자모는 모으고, 드문 음절은 자모로 풀고(뷁 → ㅂㅞㄺ), 이모지와 한자는 `[thumbs up sign]`,
    `[U+6F22]`처럼 적습니다. 보이지 않는 글자는 뺍니다.
    """
    return "".join(map(_drawable_letter, unicodedata.normalize("NFC", text)))


def _drawable_letter(letter: str) -> str:
    if letter == "\n" or (ord(letter) in _letters() and letter.isprintable()):
        return letter
    name = unicodedata.name(letter, "")
    if unicodedata.category(letter) in ("Cc", "Cf", "Mn", "Me") or "MODIFIER FITZPATRICK" in name:
        return " " if letter.isspace() else ""
    parts = unicodedata.normalize("NFD", letter)
    if name.startswith("HANGUL") and len(parts) > 1:
        return "".join(map(_drawable_letter, parts))
    if part := re.fullmatch(r"HANGUL (?:CHOSEONG|JUNGSEONG|JONGSEONG) (.+)", name):
        with suppress(KeyError):
            return unicodedata.lookup(f"HANGUL LETTER {part[1]}")
    if not name or name.startswith(("CJK", "HANGUL")):
        return f"[U+{ord(letter):X}]"
    return " " if letter.isspace() else f"[{name.lower()}]"


def show_images(
    images: Any, titles: Sequence[str] | None = None, columns: int = 8, cmap: str = "gray", scale: float = 1.0
) -> None:
    """사진들을 바둑판처럼 늘어놓습니다.

    Args:
        images: 모양 `(N, 높이, 너비)`, `(N, 높이, 너비, 1)` 또는 `(N, 높이, 너비, 3)`. uint8(0–255)이나 실수(0–1).
        titles: 사진마다 붙일 짧은 글 N개.
        columns: 한 줄에 놓을 사진 수.
        cmap: 흑백 사진에 쓸 색.
        scale: 사진 한 장의 크기 배율.

    Raises:
        ValueError: 사진의 모양이 맞지 않거나 `titles`의 수가 사진의 수와 다를 때.
    """
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[-1] != 3):
        raise ValueError(f"사진은 (N, 높이, 너비[, 1 또는 3]) 모양이어야 합니다. 받은 모양: {images.shape}")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"사진은 {len(images)}장인데 제목은 {len(titles)}개입니다.")
    columns = min(columns, max(len(images), 1))
    rows = -(-len(images) // columns)
    lines = max((title.count("\n") + 1 for title in titles), default=0) if titles else 0
    size = (1.1 * scale * columns, (1.1 + 0.22 * lines) * scale * rows)
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for i, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(image, cmap=cmap, interpolation="nearest")
        if titles is not None:
            axis.set_title(drawable(titles[i]), fontsize=9)
    plt.show()


def plot_history(history: Any) -> None:
    """에포크마다 손실과 지표가 어떻게 변했는지 그립니다.

    Args:
        history: `model.fit()`이 돌려준 History, 또는 `{"loss": [...], "val_loss": [...], ...}` 사전.
    """
    logs: Mapping[str, Sequence[float]] = getattr(history, "history", history)
    names = [name for name in logs if not name.startswith("val_") and name != "learning_rate"]
    _, axes = plt.subplots(1, len(names), figsize=(3.8 * len(names), 2.9), squeeze=False)
    for axis, name in zip(axes[0], names, strict=True):
        epochs = np.arange(1, len(logs[name]) + 1)
        axis.plot(epochs, logs[name], "o-", markersize=4, label="훈련")
        if f"val_{name}" in logs:
            axis.plot(epochs, logs[f"val_{name}"], "s--", markersize=4, label="검증")
        axis.set(xlabel="에포크", title=HISTORY_NAMES.get(name, name))
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.grid(alpha=0.3)
        axis.legend()
    plt.show()


def plot_confusion(y_true: Any, y_pred: Any, class_names: Sequence[str]) -> None:
    """혼동 행렬을 그립니다. 줄은 정답, 칸은 예측이고 숫자는 개수입니다.

    Args:
        y_true: 정답 번호, 모양 `(N,)`, 정수.
        y_pred: 예측 번호, 모양 `(N,)`, 정수.
        class_names: 번호 순서의 이름.
    """
    class_names = [drawable(name) for name in class_names]
    count = len(class_names)
    matrix = np.zeros((count, count), dtype=int)
    np.add.at(matrix, (np.asarray(y_true), np.asarray(y_pred)), 1)
    longest = max(map(len, class_names))
    side = 1.6 + 0.42 * count + 0.1 * max(0, longest - 8)  # 긴 이름이 그림을 밀어내지 않게 합니다.
    _, axis = plt.subplots(figsize=(side, side))
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(count, count):
        if matrix[row, column]:
            color = "white" if share[row, column] > 0.5 else "black"
            axis.text(
                column, row, str(matrix[row, column]), ha="center", va="center", color=color, fontsize=8
            )
    turn = 45 if longest > 2 else 0
    axis.set_xticks(range(count), class_names, rotation=turn, ha="right" if turn else "center")
    axis.set_yticks(range(count), class_names)
    axis.set(xlabel="예측", ylabel="정답")
    axis.spines[:].set_visible(False)
    plt.show()


def show_animation(animation: Animation, fps: int = 5) -> None:
    """Matplotlib 애니메이션을 GIF로 보여 줍니다. 책, JupyterLab, Colab에서 모두 움직입니다.

    Args:
        animation: `matplotlib.animation.FuncAnimation` 같은 애니메이션.
        fps: 1초에 보여 줄 장면 수.
    """
    from IPython.display import Image, display

    figure = animation._fig  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "animation.gif"
        # 자리를 한 번 잡고 고정합니다. 장면마다 다시 잡으면 그림이 흔들립니다.
        figure.canvas.draw()
        figure.set_layout_engine("none")
        animation.save(path, writer=PillowWriter(fps=fps))
        data = path.read_bytes()
    plt.close(figure)
    display(Image(data=data, format="gif"))
