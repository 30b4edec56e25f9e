"""DCGAN 장의 칸들을 그대로 실행해 여러 조합을 훈련하고, 시간과 품질을 기록으로 남깁니다.

    python scripts/record_gan_losses.py --work 폴더                 # 남은 조합을 모두 훈련하고 기록합니다
    python scripts/record_gan_losses.py --work 폴더 --minutes 2.5   # 2분 30초가 지나면 다음 조합을 시작하지 않습니다
    python scripts/record_gan_losses.py --work 폴더 --minutes 0     # 지금까지 끝난 조합만으로 기록합니다

조합 하나를 마칠 때마다 폴더에 파일로 남기므로, 멈추었다가 같은 명령으로 이어 갈 수 있습니다. 마칠 때마다 끝난 조합을
모아 src/dlko/records/gan/losses.json을 씁니다. 공식 Fashion-MNIST가 필요합니다.

시간은 한 코어의 CPU 시간으로 잽니다. 함께 쓰는 컴퓨터에서 다른 일이 끼어든 시간을 빼고 견주기 위해서입니다.
"""

import argparse
import base64
import datetime
import json
import os
import platform
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from records import Variables, provenance, read_cells, rounded, run_cell, write_record

LAST_CELL = "settings"  # 이 칸까지 실행하면 훈련에 쓰는 함수와 설정이 모두 있습니다.
RULE_CELLS = ("rule",)

BASE: dict[str, Any] = {
    "loss": "비포화",
    "width": 32,
    "d_width": 16,
    "batch_norm": True,
    "dropout": 0.3,
    "latent": 32,
    "seed": 0,
    "batch": 64,
    "steps": 1600,
}
OTHERS = ("최소제곱", "힌지")
# 앞에 있는 것부터 훈련합니다. 너비는 생성자 width, 판별자 d_width입니다.
CHANGES: list[dict[str, Any]] = [
    {},
    *({"loss": loss} for loss in ("최소최대", *OTHERS)),
    {"seed": 1},
    {"width": 16, "d_width": 8},
    {"batch_norm": False},
    {"dropout": 0.0},
    {"latent": 8},
    {"width": 64, "d_width": 32},
    {"seed": 2},
    {"latent": 128},
    {"dropout": 0.0, "steps": 4800},
    {"width": 256, "d_width": 64, "steps": 400},  # 흔한 예제의 너비(생성자 7·7·256, 판별자 64와 128)
    *({"loss": loss, "width": 16, "d_width": 8} for loss in OTHERS),
    *({"loss": loss, "batch_norm": False} for loss in OTHERS),
    *({"loss": loss, "width": 64, "d_width": 32} for loss in OTHERS),
]
GRID = [{**BASE, **change} for change in CHANGES]


def name_of(combination: dict[str, Any]) -> str:
    """조합의 파일 이름. 예: `비포화-w32-d16-bn1-z64-s0-b64-n1600`."""
    c = combination
    return (
        f"{c['loss']}-w{c['width']}-d{c['d_width']}-bn{int(c['batch_norm'])}-do{c['dropout']}"
        f"-z{c['latent']}-s{c['seed']}-b{c['batch']}-n{c['steps']}"
    )


def run_cells(last: str, extra: tuple[str, ...] = ()) -> Variables:
    """노트북의 코드 칸을 `last`까지 차례로 실행하고, 그 뒤의 `extra` 칸도 실행한 뒤 변수들을 돌려줍니다."""
    cells = read_cells("gan/losses")
    ids = list(cells)
    variables: Variables = {"__name__": "__main__"}
    for name in [*ids[: ids.index(last) + 1], *extra]:
        run_cell(name, cells[name], variables)
    return variables


def pack(pictures: Any) -> str:
    """0과 1 사이의 사진들을 0–255의 바이트로 바꾸어 글자로 적습니다."""
    return base64.b64encode((pictures * 255).round().astype("uint8").tobytes()).decode("ascii")


def run_one(variables: dict[str, Any], combination: dict[str, Any]) -> dict[str, Any]:
    """조합 하나를 노트북의 `train`으로 훈련합니다."""
    options = {key: value for key, value in combination.items() if key != "loss"}
    start = time.process_time()
    _, checks = variables["train"](variables["LOSSES"][combination["loss"]], **options)
    for check in checks:
        check["samples"] = pack(check["samples"])
    return {**combination, "total_seconds": time.process_time() - start, "checks": checks}


def write(variables: dict[str, Any], results: list[dict[str, Any]], date: str) -> None:
    """결과를 모아 기록을 씁니다. 사진은 가정용과 기업용으로 뽑힌 것만 남깁니다."""
    import dlko
    from dlko.data import CATALOGUE

    candidates = [{**row, **check} for row in results for check in row["checks"]]
    home, business = variables["choose"](candidates)
    samples = {"가정용": home["samples"], "기업용": business["samples"]}
    for row in results:
        for check in row["checks"]:
            del check["samples"]
    record = {
        "chapter": "gan/losses",
        "data": {
            "title": CATALOGUE["fashion"].title,
            "train": len(variables["images"]),
            "judged": variables["n_judge"],
            "sha256": CATALOGUE["fashion"].content_hash,
        },
        "noise_floor": variables["noise_floor"],
        "profile": dlko.profile(),
        **provenance("python scripts/record_gan_losses.py --work 폴더"),
        "device": f"CPU (코어 1개), {platform.machine()}",
        "clock": "한 코어의 CPU 시간",
        "date": date,
        "results": results,
        "samples": samples,
    }
    write_record("gan/losses", rounded(record))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="조합마다의 결과를 모아 두는 폴더")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="이 시간이 지나면 멈춥니다")
    arguments = parser.parse_args()
    os.environ["DLKO_PROFILE"] = "full"
    os.environ["DLKO_DATA"] = "official"
    os.environ["MPLBACKEND"] = "agg"
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    arguments.work.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    variables = run_cells(LAST_CELL, RULE_CELLS)
    variables["time"] = SimpleNamespace(perf_counter=time.process_time)
    paths = [arguments.work / f"{name_of(combination)}.json" for combination in GRID]
    for combination, path in zip(GRID, paths, strict=True):
        if path.exists():
            continue
        if time.perf_counter() - start > 60 * arguments.minutes:
            print("남은 조합이 있습니다. 같은 명령으로 이어 가세요.")
            break
        result = run_one(variables, combination)
        path.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
        last = result["checks"][-1]
        print(f"{path.stem}: {last['seconds']:.1f}초, 거리 {last['distance']:.2f}", flush=True)
    done = [path for path in paths if path.exists()]
    newest = max(path.stat().st_mtime for path in done)
    results = [json.loads(path.read_text(encoding="utf-8")) for path in done]
    write(variables, results, datetime.date.fromtimestamp(newest).isoformat())


if __name__ == "__main__":
    main()
