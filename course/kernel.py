"""커널 안에서 쓰는 것: 헛되이 기다리지 않게 하고, 기록하는 프로그램이 노트북의 칸을 실행해 결과를 건네게 합니다."""

import contextlib
import functools
import time
from pathlib import Path
from typing import Any

from IPython import get_ipython

from dlko.data.fetch import data_folder


def quicken() -> None:
    """나오는 값은 그대로 두고, 노트북을 실행하는 동안 헛되이 지나가는 시간을 없앱니다.

    값이 그대로이므로 장의 지문에는 들지 않습니다. 값을 바꾸는 것은 여기에 두지 마세요.
    """
    without_stalls()
    weave_graph_once()


def without_stalls() -> None:
    """모든 `tf.data`의 자동 조율을 끕니다. `fit`이 속으로 만드는 것도 마찬가지입니다.

    조율하던 일꾼이 물러나기를 에포크마다 몇 초씩 기다릴 때가 있습니다. 기다릴지는 운이라, 속도 비교에서 그대로 두면
    배수에 운이 섞입니다.
    """
    import tensorflow as tf

    start = tf.data.Dataset.__iter__
    options = tf.data.Options()
    options.autotune.enabled = False
    tf.data.Dataset.__iter__ = lambda dataset: start(dataset.with_options(options))


def weave_graph_once() -> None:
    """`fit`이 지표와 옵티마이저의 변수를 훈련하기 전에 만들게 합니다.

    TensorFlow는 계산 그래프를 엮는 도중에 변수가 만들어지면 처음부터 다시 엮습니다. 짧은 훈련에서는 엮는 시간이 배우는
    시간보다 길기도 합니다. Keras는 JAX와 PyTorch에서는 늘 미리 만들고, TensorFlow에서는 분산 전략을 쓸 때만 미리 만듭니다.
    """
    import keras
    import tensorflow as tf

    fit = keras.Model.fit

    @functools.wraps(fit)
    def fit_built(model: Any, x: Any = None, y: Any = None, *rest: Any, **named: Any) -> Any:
        if model.built and model.compiled and model.distribute_strategy is tf.distribute.get_strategy():
            batch = x.element_spec if isinstance(x, tf.data.Dataset) else (x, y, named.get("sample_weight"))
            # 배치를 미리 볼 수 없거나(PyDataset) 입력이 잘못되었으면 그냥 넘어갑니다. 잘못은 fit이 알립니다.
            with contextlib.suppress(Exception):
                model._symbolic_build(data_batch=batch)
            with contextlib.suppress(Exception):
                if not model.optimizer.built:
                    model.optimizer.build(model.trainable_variables)
        return fit(model, x, y, *rest, **named)

    keras.Model.fit = fit_built


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
