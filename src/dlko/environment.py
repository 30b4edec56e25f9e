"""노트북의 첫 칸이 하는 준비: 글꼴, 난수, 장치, 프로필."""

import os
import platform
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import matplotlib
from cycler import cycler
from matplotlib import font_manager

from dlko.checks import record

FONT_FAMILY = "DLKO Sans"
FONT_FILE = Path(__file__).parent / "fonts" / "DLKOSans-Regular.ttf"

# 색각 이상이 있어도 구별되는 여덟 색 (Okabe & Ito, 2008, "Color Universal Design").
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B", "#000000"]

PROFILES = ("quick", "full")

T = TypeVar("T")


def setup(seed: int = 42) -> None:
    """그림 글꼴과 난수를 준비하고, 무엇으로 실행하는지 세 줄로 알립니다.

    같은 장치와 같은 버전에서 다시 실행하면 같은 결과가 나오도록 파이썬, NumPy, TensorFlow의 난수를 고정하고,
    TensorFlow에는 결정적 연산을 쓰라고 합니다. GPU가 있으면 메모리를 필요한 만큼만 잡게 합니다.

    Args:
        seed: 난수의 씨앗 값.

    Raises:
        ValueError: 환경 변수 DLKO_PROFILE이 quick, full이 아닐 때.
    """
    use_korean_figures()
    import keras

    _use_plain_keras()
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        _prepare_tensorflow()
    versions = software_versions()
    print(f"장치: {device()}")
    print(f"프로필: {profile()} ({'짧게 실행' if profile() == 'quick' else '끝까지 실행'})")
    print("버전: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    record("run", {"profile": profile(), "device": device(), "versions": versions})


def use_korean_figures() -> None:
    """Matplotlib이 dlko에 든 한글 글꼴과 구별하기 쉬운 색을 쓰게 합니다. 시스템 글꼴은 필요 없습니다.

    Raises:
        RuntimeError: 글꼴 파일이 없거나 상했을 때.
    """
    try:
        font = font_manager.get_font(FONT_FILE)
        if font.family_name != FONT_FAMILY:  # 잘린 파일은 열리지만 이름을 잃습니다.
            raise RuntimeError(font.family_name)
        font_manager.fontManager.addfont(str(FONT_FILE))
    except (OSError, RuntimeError):
        raise RuntimeError(
            f"그림의 한글 글꼴이 없거나 상했습니다: {FONT_FILE}\n"
            "`git checkout -- src/dlko/fonts`로 되살리거나 책을 다시 받으세요."
        ) from None
    matplotlib.rcParams.update(
        {
            "font.family": [FONT_FAMILY, "DejaVu Sans"],
            "axes.unicode_minus": True,
            "axes.prop_cycle": cycler(color=COLORS),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "savefig.facecolor": "white",
            "image.cmap": "gray",
        }
    )


def _use_plain_keras() -> None:
    """집의 설정 파일(~/.keras/keras.json)이 바꾸어 둔 Keras를 처음 상태로 되돌리고, 그랬다고 알립니다."""
    import keras

    before = keras.config.image_data_format(), keras.config.floatx()
    if before != ("channels_last", "float32"):
        keras.config.set_image_data_format("channels_last")
        keras.config.set_floatx("float32")
        print(
            f"Keras의 설정 파일(keras.json)에 적힌 {before[0]}, {before[1]} 대신 channels_last, float32를 씁니다."
        )


@cache
def _prepare_tensorflow() -> None:
    """TensorFlow에 한 번만 할 설정. 이미 GPU를 쓰기 시작했으면 메모리 설정은 건너뜁니다."""
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:
            print("GPU를 이미 쓰고 있어 메모리 설정을 바꾸지 못했습니다. 커널을 다시 시작하면 적용됩니다.")
    tf.config.experimental.enable_op_determinism()
    if tuple(map(int, tf.__version__.split(".")[:2])) < (2, 20):
        # TensorFlow 2.19(Colab)는 LeakyReLU가 든 그래프를 다듬다가 실패하고 오류 스트림에 글을 남깁니다.
        # 계산은 맞지만 처음 배우는 사람을 놀라게 하므로 그 다듬기를 끕니다.
        tf.config.optimizer.set_experimental_options({"remapping": False})


@cache
def gpu_names() -> tuple[str, ...]:
    """쓸 수 있는 GPU의 이름들. 없으면 빈 튜플입니다."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        return tuple(tf.config.experimental.get_device_details(g).get("device_name", "GPU") for g in found)
    devices: list[Any] = keras.distribution.list_devices("gpu")
    return tuple(str(name) for name in devices)


def device() -> str:
    """실행 장치를 한 줄로 씁니다. 예: `CPU (코어 2개)`, `GPU (Tesla T4)`. 코어는 이 프로세스가 쓸 수 있는 것만 셉니다."""
    if gpu_names():
        return f"GPU ({', '.join(gpu_names())})"
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU (코어 {usable}개)"


def profile() -> str:
    """실행 길이를 정하는 프로필. GPU가 있으면 `full`, 없으면 `quick`입니다.

    환경 변수 DLKO_PROFILE로 바꿀 수 있습니다.

    Raises:
        ValueError: DLKO_PROFILE이 quick, full이 아닐 때.
    """
    chosen = os.environ.get("DLKO_PROFILE", "").strip().lower()
    if not chosen:
        return "full" if gpu_names() else "quick"
    if chosen not in PROFILES:
        raise ValueError(f"DLKO_PROFILE은 quick이나 full이어야 합니다. 지금 값: {chosen!r}")
    return chosen


def pick(*, quick: T, full: T) -> T:
    """프로필에 맞는 값을 고릅니다. 예: `epochs = dlko.pick(quick=3, full=12)`."""
    return full if profile() == "full" else quick


def software_versions() -> dict[str, str]:
    """실행 보고서에 남길 버전들."""
    import keras

    versions = {"Python": platform.python_version(), "Keras": keras.__version__}
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        versions["TensorFlow"] = tf.__version__
    return versions
