"""커널 안에서 쓰는 것: 속도 비교와 기록하는 프로그램이 노트북의 칸을 실행하고 결과를 건넵니다."""

import functools
import time
from pathlib import Path
from typing import Any

from IPython import get_ipython

from dlko.data.fetch import data_folder


def run_cell(source: str) -> float:
    """칸의 코드를 노트북의 변수들 곁에서 실행하고 걸린 초를 돌려줍니다. 칸이 실패하면 그 오류를 냅니다."""
    start = time.perf_counter()
    get_ipython().run_cell(source).raise_error()
    return time.perf_counter() - start


def move_start(start: int) -> None:
    """노트북의 칸이 고르는 난수의 씨앗을 옮겨 다른 출발점에서 훈련하게 합니다. 출발점 0은 노트북의 것입니다."""
    import keras

    moved = keras.utils.set_random_seed
    set_seed = getattr(moved, "__wrapped__", moved)
    keras.utils.set_random_seed = functools.wraps(set_seed)(lambda seed: set_seed(seed + 1000 * start))


def brought_file(pattern: str) -> Path:
    """`DLKO_DATA_DIR` 폴더에 가져다 둔 파일 가운데 이름이 `pattern`과 맞는 첫째.

    Raises:
        FileNotFoundError: 폴더를 정하지 않았거나 그런 파일이 없을 때.
    """
    folder = data_folder()
    found = sorted(folder.glob(pattern)) if folder else []
    if not found:
        raise FileNotFoundError(f"환경 변수 DLKO_DATA_DIR이 가리키는 폴더에 {pattern} 파일을 두세요.")
    return found[0]


def rounded(value: Any, digits: int = 4) -> Any:
    """안에 든 실수(NumPy의 것도)를 모두 소수점 아래 `digits`자리로 줄여, 기록을 읽기 쉽게 합니다."""
    if isinstance(value, dict):
        return {key: rounded(inner, digits) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner, digits) for inner in value]
    is_real = hasattr(value, "__float__") and not isinstance(value, int)
    return round(float(value), digits) if is_real else value
