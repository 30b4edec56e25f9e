"""첫 GAN 장의 칸들을 공식 Fashion-MNIST로 그대로 실행하고, 결과를 기록으로 남깁니다.

    python scripts/record_first_gan.py

차례로 여섯 번 훈련합니다: full 프로필과 quick 프로필, 거기에서 하나씩 뺀 것 셋, 그리고 같은 크기의 신경망을
흔히 쓰는 방법으로 훈련한 것. 뺀 것은 아래 CHANGES에 적은 글자만 바꾼 것입니다. 시간에는 훈련만 넣고(그래프를
엮는 시간은 넣고, 불러오기와 평가는 빼고) 품질은 모두 같은 함수로 잽니다. 코어 둘인 컴퓨터에서 몇 분 걸립니다.
결과는 src/dlko/records/gan/first_gan.json에 씁니다. `--only 이름`은 그것만 다시 재어 기록을 고칩니다.
"""

import argparse
import json
import os
import time
from typing import Any

os.environ["DLKO_DATA"] = "official"
os.environ["MPLBACKEND"] = "agg"

from records import Variables, provenance, read_cells, record_path, run_cell, write_record

from benchmarks.datasets import fashion
from benchmarks.measure import Watch
from benchmarks.one import run_recipe
from dlko.data import resolve_all

CELLS: tuple[str, ...] = (
    "setup",
    "loss",
    "compile-gan",
    "tools",
    "clothes",
    "dense-models",
    "images-compile",
    "frechet",
)
CELLS += ("images-train", "images-distance")
TRAINING = ("images-compile", "images-train")

# 이름 → (프로필, 노트북의 글자를 이렇게 바꿉니다)
CHANGES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "이 장의 방법, full": ("full", []),
    "full에서 드롭아웃을 뺌": ("full", [("layers.Dropout(0.3)", "layers.Dropout(0.0)")]),
    "이 장의 방법, quick": ("quick", []),
    "quick에서 드롭아웃을 뺌": ("quick", [("layers.Dropout(0.3)", "layers.Dropout(0.0)")]),
    "quick에서 작은 출발점을 뺌": (
        "quick",
        [(', kernel_initializer="zeros"', ""), (", kernel_initializer=small", "")],
    ),
}
RECIPE = "흔히 쓰는 방법, 20에포크"


def run_chapter(profile: str, changes: list[tuple[str, str]]) -> Variables:
    """노트북의 칸들을 실행하고 남은 변수들을 돌려줍니다. `train_seconds`는 훈련하는 칸들의 시간입니다."""
    os.environ["DLKO_PROFILE"] = profile
    cells = read_cells("gan/first_gan")
    for old, _ in changes:
        if not any(old in cells[name] for name in CELLS):
            raise SystemExit(f"노트북에서 찾지 못했습니다: {old}")
    variables: Variables = {"__name__": "__main__", "train_seconds": 0.0}
    for name in CELLS:
        code = cells[name]
        for old, new in changes:
            code = code.replace(old, new)
        start = time.perf_counter()
        run_cell(name, code, variables)
        if name in TRAINING:
            variables["train_seconds"] += time.perf_counter() - start
    return variables


def train_recipe(seed: int = 0) -> tuple[float, int, float]:
    """흔히 쓰는 방법. `make bench`와 같은 코드로 훈련합니다. (훈련한 초, 스텝, 프레셰 거리)를 돌려줍니다."""
    watch = Watch()
    run_recipe("gan/first_gan", "recipe", fashion(), seed, watch)
    return watch.seconds, watch.steps, watch.curve[-1][1]


def measure(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    profile, changes = CHANGES.get(name, ("quick", []))
    variables = run_chapter(profile, changes)
    if name == RECIPE:
        seconds, steps, distance = train_recipe()
    else:
        seconds, steps = variables["train_seconds"], variables["image_steps"]
        distance = variables["image_distance"]
    row = {
        "name": name,
        "profile": profile if name != RECIPE else "",
        "steps": int(steps),
        "seconds": round(float(seconds), 1),
        "frechet": round(float(distance), 2),
    }
    print(row, flush=True)
    return row, variables


def main() -> None:
    parser = argparse.ArgumentParser(description="첫 GAN 장의 기록")
    names = [*CHANGES, RECIPE]
    parser.add_argument("--only", choices=names, action="append", help="이것만 다시 잽니다.")
    chosen = parser.parse_args().only or names
    measured = {}
    for name in chosen:
        measured[name], variables = measure(name)
    path = record_path("gan/first_gan")
    old = json.loads(path.read_text("utf-8"))["results"] if path.exists() else []
    rows = {row["name"]: row for row in old} | measured
    record = {
        "chapter": "gan/first_gan",
        "data": {
            "title": "Fashion-MNIST 공식 데이터",
            "train": len(variables["real_images"]),
            "compare": int(variables["sample_count"]),
            "sha256": resolve_all()["fashion"].digest,
        },
        "profile": "full",
        **provenance("python scripts/record_first_gan.py"),
        "noise_floor": round(float(variables["image_floor"]), 3),
        "results": [rows[name] for name in names if name in rows],
    }
    write_record("gan/first_gan", record)


if __name__ == "__main__":
    main()
