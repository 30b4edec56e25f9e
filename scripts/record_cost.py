"""훈련 한 스텝의 시간과 메모리가 일의 크기에 따라 어떻게 늘어나는지 재어 기록합니다.

    python scripts/record_cost.py

모델마다 새 프로세스에서, 작은 것부터 차례로 잽니다. 결과는 src/dlko/records/cnn/cost.json(사진의 크기와 배치
크기)과 src/dlko/records/rnn/cost.json(시퀀스의 길이)에 씁니다. 다른 일을 하지 않는 컴퓨터에서 실행하세요.

메모리는 프로세스가 쓴 최대 메모리(ru_maxrss)가 가장 작은 일을 마친 뒤보다 얼마나 늘었는지입니다. 그래서 모델을
불러오고 계산 그래프를 만드는 몫은 빠집니다. ru_maxrss를 킬로바이트로 알려 주는 리눅스에서만 잴 수 있습니다.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

from records import provenance, write_record

SIDES = [14, 28, 56, 112, 224]
BATCHES = [8, 32, 128, 512, 2048]
LENGTHS = [10, 30, 100, 300, 1000]
REPEATS = 7
VOCABULARY = 5_000

# (모델, 축)마다 재는 크기들. 재지 않는 쪽은 사진 28×28, 배치 32로 둡니다.
PLANS: dict[str, dict[tuple[str, str], list[int]]] = {
    "cnn/cost": {
        (model, axis): sizes
        for model in ("합성곱 신경망", "완전 연결 신경망")
        for axis, sizes in (("사진 한 변", SIDES), ("배치 크기", BATCHES))
    },
    "rnn/cost": {(model, "시퀀스 길이"): LENGTHS for model in ("LSTM", "완전 연결 신경망")},
}


def build(model: str, axis: str, size: int) -> Any:
    """재려는 모델. CNN은 손글씨 숫자 장의 뼈대, 나머지는 파라미터가 비슷하게 작은 것입니다."""
    import keras
    from keras import layers

    if axis == "시퀀스 길이":
        inside = [layers.LSTM(64)] if model == "LSTM" else [layers.Flatten(), layers.Dense(64, "relu")]
        stack = [keras.Input((size,), dtype="int32"), layers.Embedding(VOCABULARY, 32), *inside]
    else:
        side = size if axis == "사진 한 변" else 28
        convolutions = [
            layers.Conv2D(16, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
        ]
        hidden = convolutions if model == "합성곱 신경망" else []
        stack = [keras.Input((side, side, 1)), *hidden, layers.Flatten(), layers.Dense(64, "relu")]
    network = keras.Sequential([*stack, layers.Dense(10, activation="softmax")])
    network.compile("adam", "sparse_categorical_crossentropy")
    return network


def peak_megabytes() -> float:
    """이 프로세스가 지금까지 쓴 최대 메모리(MB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(model: str, axis: str, sizes: list[int]) -> list[dict[str, float]]:
    """크기마다 훈련 한 스텝의 시간(초, 가운뎃값)과 늘어난 최대 메모리(MB)."""
    import numpy as np

    rng = np.random.default_rng(0)
    rows: list[dict[str, float]] = []
    base = 0.0
    for size in sizes:
        network = build(model, axis, size)
        count = size if axis == "배치 크기" else 32
        shape = (count, *network.input_shape[1:])
        if axis == "시퀀스 길이":
            x = rng.integers(0, VOCABULARY, shape).astype("int32")
        else:
            x = rng.random(shape, dtype="float32")
        y = rng.integers(0, 10, count)
        network.train_on_batch(x, y)  # 첫 스텝은 계산 그래프를 만드느라 느립니다.
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            network.train_on_batch(x, y)
            seconds.append(time.perf_counter() - start)
        base = base or peak_megabytes()
        rows.append(
            {
                "size": size,
                "seconds": round(statistics.median(seconds), 5),
                "megabytes": round(peak_megabytes() - base, 1),
                "parameters": network.count_params(),
            }
        )
    return rows


def run_apart(model: str, axis: str, sizes: list[int]) -> dict[str, Any]:
    """새 프로세스에서 재고 결과를 받습니다. 그래야 최대 메모리가 서로 섞이지 않습니다."""
    task = json.dumps([model, axis, sizes])
    done = subprocess.run(
        [sys.executable, __file__, "--one", task],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{model}, {axis}: " + ", ".join(f"{r['size']}→{1000 * r['seconds']:.0f}ms" for r in answer["rows"])
    )
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", help="(안에서 씁니다) 한 가지만 재고 JSON 한 줄로 적습니다.")
    arguments = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if arguments.one:
        model, axis, sizes = json.loads(arguments.one)
        rows = measure(model, axis, sizes)
        print(json.dumps({"model": model, "axis": axis, "rows": rows}))
        return
    for name, plan in PLANS.items():
        results = [run_apart(model, axis, sizes) for (model, axis), sizes in plan.items()]
        record = {
            "record": name,
            "batch": 32,
            **provenance("python scripts/record_cost.py"),
            "results": results,
        }
        write_record(name, record)


if __name__ == "__main__":
    main()
