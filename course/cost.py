"""훈련 한 스텝의 시간과 메모리가 일의 크기에 따라 어떻게 늘어나는지 잽니다. 기록하는 프로그램(chapters/)이 씁니다.

최대 메모리가 서로 섞이지 않도록 새 프로세스에서, 작은 것부터 차례로 잽니다. 메모리는 프로세스가 쓴 최대 메모리
(VmHWM)가 가장 작은 일을 마친 뒤보다 얼마나 늘었는지입니다. 그래서 모델을 불러오고 계산 그래프를 만드는 몫은
빠집니다. ru_maxrss는 이 프로세스를 띄운 커널의 것을 물려받으므로 쓰지 않습니다. 리눅스에서만 잴 수 있습니다.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

REPEATS = 7


def step_costs(model: Any, tasks: Iterable[tuple[int, tuple[int, ...]]]) -> list[dict[str, float]]:
    """크기마다 훈련 한 스텝의 시간(초, 가운뎃값)과 늘어난 최대 메모리(MB).

    Args:
        model: 분류하는 `keras.Sequential`. 입력의 크기만 바꾸어 새로 만들어 잽니다.
        tasks: (크기, (배치, *입력의 모양))들. 작은 것부터 적습니다.
    """
    question = json.dumps([model.to_json(), list(tasks)])
    done = subprocess.run(
        [sys.executable, "-m", "course.cost"], input=question, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def peak_megabytes() -> float:
    """이 프로세스가 지금까지 쓴 최대 메모리(MB)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _measure(config: str, tasks: list[tuple[int, list[int]]]) -> Iterable[dict[str, float]]:
    import keras
    import numpy as np

    rng = np.random.default_rng(0)
    layers = keras.models.model_from_json(config).layers
    base = 0.0
    for size, (batch, *shape) in tasks:
        inside = [layer.__class__.from_config(layer.get_config()) for layer in layers]
        model = keras.Sequential([keras.Input(shape), *inside])
        model.compile("adam", "sparse_categorical_crossentropy")
        x = rng.random((batch, *shape), dtype="float32")
        y = rng.integers(0, model.output_shape[-1], batch)
        model.train_on_batch(x, y)  # 첫 스텝은 계산 그래프를 만드느라 느립니다.
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            model.train_on_batch(x, y)
            seconds.append(time.perf_counter() - start)
        peak = peak_megabytes()
        base = base or peak
        yield {
            "size": size,
            "seconds": round(statistics.median(seconds), 5),
            "megabytes": round(peak - base, 1),
            "parameters": model.count_params(),
        }


if __name__ == "__main__":
    print(json.dumps(list(_measure(*json.load(sys.stdin)))))
