"""심층 오토인코더 장의 칸들을 공식 Fashion-MNIST 전체로 그대로 실행하고, 결과를 기록으로 남깁니다.

    python scripts/record_autoencoder.py

네 부분을 차례로 실행합니다. 하나만 다시 하려면 이름을 적습니다. 예: `python scripts/record_autoencoder.py race`

    chapter  노트북의 칸을 full 프로필로 실행한 결과
    race     흔한 방법(50에포크)과 이 장의 훈련 칸을 번갈아 실행한 시간과 오차 (`--seeds`마다 한 번씩)
    long     이 장의 모델을 30에포크 훈련한 결과
    leave    클래스를 하나씩 빼고 훈련해 그 클래스를 골라내게 한 AUC

결과는 src/dlko/records/autoencoder/fashion.json에 씁니다.
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import time
from collections.abc import Iterable
from typing import Any

from records import Variables, provenance, read_cells, record_path, rounded, run_cell, write_record

PARTS = ("chapter", "race", "long", "leave")
# 이 장의 모델을 훈련하고 재는 데 필요한 칸들.
NEEDED = ("setup", "load", "mse", "build", "run", "make-step", "train-functions", "main-shape", "roc")


def run_cells(names: Iterable[str]) -> Variables:
    """노트북의 코드 칸들을 차례로 실행하고, 남은 변수들을 돌려줍니다."""
    import matplotlib.pyplot as plt

    cells = read_cells("autoencoder/fashion")
    variables: Variables = {"__name__": "__main__"}
    for name in names:
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            run_cell(name, cells[name], variables)
        plt.close("all")
        print(f"[{name}] {time.perf_counter() - start:.1f}초", flush=True)
    return variables


def run_needed() -> Variables:
    return run_cells(NEEDED)


def run_chapter() -> dict[str, Any]:
    names = list(read_cells("autoencoder/fashion"))
    v = run_cells(names[: names.index("recorded")])
    return {
        "comparison": [
            {"method": label, "seconds": seconds, "error": error} for label, seconds, error in v["comparison"]
        ],
        "compare_epochs": v["compare_epochs"],
        "errors": {"오토인코더": v["ae_error"], "PCA": v["pca_error"], "합성곱": v["conv_error"]},
        "denoise": v["denoise_errors"],
        "precision": v["precision"],
        "areas": v["areas"],
    }


def run_recipe(v: Variables, seed: int, epochs: int = 50) -> tuple[float, float]:
    """흔한 방법을 끝까지 훈련하고 (걸린 시간, 테스트 오차)를 돌려줍니다."""
    import keras

    keras.utils.set_random_seed(seed)
    model = v["build_autoencoder"]([128, 64], "relu", code_activation="relu")
    model.compile("adam", loss="binary_crossentropy")
    start = time.perf_counter()
    model.fit(v["x_train"], v["x_train"], batch_size=256, epochs=epochs, verbose=0)
    return time.perf_counter() - start, float(v["test_error"](model))


def run_training_cell(v: Variables, seed: int) -> list[tuple[float, float]]:
    """노트북의 훈련 칸을 실행하며 에포크마다 (훈련한 시간, 테스트 오차)를 적습니다. 오차를 재는 시간은 뺍니다."""
    import keras

    training = read_cells("autoencoder/fashion")["main-train"]
    keras.utils.set_random_seed(seed)
    v["autoencoder"] = v["build_autoencoder"]([512], "silu")
    curve: list[tuple[float, float]] = []
    train_epoch, paused = v["train_epoch"], 0.0

    def watched(*arguments: Any) -> None:
        nonlocal paused
        train_epoch(*arguments)
        now = time.perf_counter()
        curve.append((now - start - paused, float(v["test_error"](v["autoencoder"]))))
        paused += time.perf_counter() - now

    v["train_epoch"] = watched
    start = time.perf_counter()
    run_cell("main-train", training, v)
    v["train_epoch"] = train_epoch
    return curve


def run_race(seeds: list[int]) -> list[dict[str, Any]]:
    """씨앗마다 두 방법을 번갈아 훈련합니다. 홀수 번째와 짝수 번째는 순서를 바꿉니다."""
    v = run_needed()
    runs: list[dict[str, Any]] = []
    for seed in seeds:
        if seed % 2:
            recipe = run_recipe(v, seed)
            curve = run_training_cell(v, seed)
        else:
            curve = run_training_cell(v, seed)
            recipe = run_recipe(v, seed)
        runs.append({"seed": seed, "recipe": recipe, "chapter": curve})
        print(runs[-1], flush=True)
    return runs


def summary(runs: list[dict[str, Any]], long: dict[str, Any] | None) -> dict[str, Any]:
    """번갈아 훈련한 결과의 중앙값과, 흔한 방법의 마지막 오차에 닿을 때까지의 배수."""
    goal = statistics.median(run["recipe"][1] for run in runs)
    reached = [next((s for s, error in run["chapter"] if error <= goal), None) for run in runs]
    recipe_seconds = statistics.median(run["recipe"][0] for run in runs)
    rows = [
        {
            "method": "흔한 방법(렐루, 이진 교차 엔트로피, 128과 64)",
            "epochs": 50,
            "seconds": recipe_seconds,
            "error": goal,
        },
        {
            "method": "이 장의 방법(SiLU, 평균 제곱 오차, 512)",
            "epochs": len(runs[0]["chapter"]),
            "seconds": statistics.median(run["chapter"][-1][0] for run in runs),
            "error": statistics.median(run["chapter"][-1][1] for run in runs),
        },
    ]
    if long:
        rows.append({"method": "이 장의 방법을 더 오래", **long})
    times = [seconds for seconds in reached if seconds is not None]
    ratio = recipe_seconds / statistics.median(times) if len(times) == len(runs) else None
    return {"race": rows, "ratio": ratio, "reached_seconds": reached}


def run_long(epochs: int = 30) -> dict[str, Any]:
    import keras

    v = run_needed()
    keras.utils.set_random_seed(0)
    model = v["build_autoencoder"]([512], "silu")
    seconds = v["train"](model, v["x_train"], v["x_train"], epochs)
    return {"epochs": epochs, "seconds": seconds, "error": float(v["test_error"](model))}


def run_leave(classes: list[int]) -> dict[str, Any]:
    """클래스마다: 그 클래스를 빼고 훈련해, 나머지 아홉 클래스의 테스트 사진과 가려 내게 한 AUC."""
    import keras
    import numpy as np

    v = run_needed()
    areas: dict[str, Any] = {}
    x_train, y_train, x_test, y_test = (v[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    for k in classes:
        keras.utils.set_random_seed(2)
        model = v["build_autoencoder"]([512], "silu")
        normal = x_train[y_train != k]
        v["train"](model, normal, normal, 4)
        center = normal.mean(axis=0)
        axes = np.linalg.eigh((normal - center).T @ (normal - center))[1][:, -32:]
        linear = np.clip((x_test - center) @ axes @ axes.T + center, 0, 1)
        strange = y_test == k
        scores = {"오토인코더": v["mse"](x_test, v["run"](model, x_test)), "PCA": v["mse"](x_test, linear)}
        areas[v["names"][k]] = {name: v["auc"](s[~strange], s[strange]) for name, s in scores.items()}
        print(v["names"][k], areas[v["names"][k]], flush=True)
    return areas


def read_record() -> dict[str, Any]:
    path = record_path("autoencoder/fashion")
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"실행할 부분({', '.join(PARTS)}). 없으면 모두")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--classes", type=int, nargs="+", default=list(range(10)))
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"모르는 부분: {', '.join(unknown)}")
    os.environ.update(DLKO_PROFILE="full", DLKO_DATA="auto", MPLBACKEND="agg")
    import dlko
    from dlko.provenance import content_hash

    (x_train, y_train), (x_test, y_test) = dlko.load_data("fashion")
    if dlko.data_source("fashion") != "official":
        raise SystemExit("공식 Fashion-MNIST가 있어야 기록합니다.")
    found: dict[str, Any] = {}
    if "chapter" in parts:
        found["results"] = run_chapter()
    if "race" in parts:
        found["runs"] = run_race(arguments.seeds)
    if "long" in parts:
        found["long"] = run_long()
    if "leave" in parts:
        found["leave_one_out"] = run_leave(arguments.classes)
    # 오래 걸리는 동안 다른 부분이 기록했을 수 있으므로 다시 읽어 합칩니다.
    before = read_record()
    runs = {run["seed"]: run for run in before.get("runs", []) + found.pop("runs", [])}
    leave = before.get("leave_one_out", {}) | found.pop("leave_one_out", {})
    record = before | {
        "chapter": "autoencoder/fashion",
        "data": {
            "title": "Fashion-MNIST 공식 데이터",
            "train": len(x_train),
            "test": len(x_test),
            "sha256": content_hash(x_train, y_train, x_test, y_test),
        },
        "profile": dlko.profile(),
        **provenance("python scripts/record_autoencoder.py"),
        **found,
        "runs": [runs[seed] for seed in sorted(runs)],
        "leave_one_out": leave,
    }
    if runs:
        record |= summary(record["runs"], record.get("long"))
    write_record("autoencoder/fashion", rounded(record, digits=5))


if __name__ == "__main__":
    main()
