"""전이 학습 장의 칸들을 꽃 사진으로 그대로 실행하고, 결과를 기록으로 남깁니다.

    python scripts/record_transfer.py flowers_128.zip --work 작업폴더

노트북에서 바꾸는 것은 `DATA = …` 한 줄과 견줄 사진 수뿐이고 full 프로필로 실행합니다. 사진을 모두 쓸 때는 다섯 배
오래 훈련하고, AMX가 있는 CPU에서는 곱셈을 bfloat16으로 합니다. 미세 조정의 학습률(TUNE_RATE)은 테스트 사진이 아니라
훈련 사진에서 떼어 낸 것으로 골랐습니다. 한 번의 훈련이 끝날 때마다
`--work` 폴더에 적어 두므로, 멈추었다가 같은 명령으로 이어 갈 수 있습니다(`--minutes`로 한 번에 쓸 시간을 정합니다).
다 끝나면 src/dlko/records/transfer/hub_flowers.json에 씁니다.
"""

import argparse
import hashlib
import json
import os
import time
from pathlib import Path

import numpy as np
from records import Variables, provenance, read_cells, run_cell, write_record

DATA_LINE = 'DATA = "fashion"'
# 그림과 설명을 위한 칸, 시간을 재는 칸은 건너뜁니다. 남은 칸은 한 글자도 바꾸지 않습니다.
CELLS = (
    "setup", "load", "to-input", "pool", "hub-load", "hub-layer", "build", "draw", "features", "train-head",
    "frozen-features", "forget", "train-network", "compile", "finetune", "methods",
)  # fmt: skip
SHOTS = (10, 20, 50)
DRAWS = 3
LONGER = 5  # 사진을 모두 쓸 때는 스텝도 이만큼 늘립니다.


def run_cells(data: str) -> Variables:
    """노트북에서 준비와 함수의 칸들을 실행하고, 남은 변수들을 돌려줍니다."""
    cells = read_cells("transfer/hub_flowers")
    variables: Variables = {"__name__": "__main__"}
    for name in CELLS:
        run_cell(name, cells[name].replace(DATA_LINE, f"DATA = {data!r}"), variables)
    return variables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="클래스마다 폴더를 둔 사진 폴더나 zip 파일")
    parser.add_argument("--title", default="다섯 가지 꽃(TensorFlow flower photos를 128×128로 줄인 것)")
    parser.add_argument("--work", type=Path, required=True, help="이어 하기용 기록을 둘 폴더")
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="이 시간이 지나면 새 훈련을 시작하지 않습니다."
    )
    parser.add_argument("--note", default="", help="함께 적을 말. 예: 시간을 잰 사정")
    arguments = parser.parse_args()
    os.environ["DLKO_PROFILE"] = "full"
    os.environ["MPLBACKEND"] = "agg"
    # AMX가 있는 CPU에서는 곱셈을 bfloat16으로 해서 두 배쯤 빠릅니다. 변수와 덧셈은 float32 그대로입니다.
    os.environ["TF_SET_ONEDNN_FPMATH_MODE"] = "BF16"
    begin = time.perf_counter()
    arguments.work.mkdir(parents=True, exist_ok=True)
    variables = run_cells(arguments.data)

    import dlko

    results, missing = [], 0
    for shots in (*SHOTS, "모두"):
        for seed in range(DRAWS if shots != "모두" else 1):
            rows = variables["draw"](shots if shots != "모두" else 10**9, seed=seed)
            for method in variables["METHODS"]:
                place = arguments.work / f"{shots}-{seed}-{method}.json"
                if not place.exists():
                    if (time.perf_counter() - begin) / 60 > arguments.minutes:
                        missing += 1
                        continue
                    start = time.perf_counter()
                    accuracy = variables["run"](method, rows, seed, LONGER if shots == "모두" else 1)
                    seconds = time.perf_counter() - start
                    row = {"method": method, "shots": shots, "accuracy": round(accuracy, 4)}
                    place.write_text(json.dumps(row | {"seconds": round(seconds, 1)}), encoding="utf-8")
                results.append(json.loads(place.read_text(encoding="utf-8")))
                print(seed, results[-1], flush=True)
    for shots in (*SHOTS, "모두"):
        for method in variables["METHODS"]:
            found = [row["accuracy"] for row in results if row["method"] == method and row["shots"] == shots]
            print(shots, method, np.mean(found).round(3) if found else "-", f"({len(found)}번)")
    if missing:
        print(f"남은 훈련 {missing}번. 같은 명령으로 이어서 하세요.")
        return
    about = provenance(f"python scripts/record_transfer.py {Path(arguments.data).name} --work 작업폴더")
    record = {
        "chapter": "transfer/hub_flowers",
        "data": {
            "title": arguments.title,
            "train": len(variables["x_pool"]),
            "test": len(variables["x_test"]),
            "side": variables["SIDE"],
            "sha256": hashlib.sha256(Path(arguments.data).read_bytes()).hexdigest(),
        },
        "extractor": dlko.model_card("cifar10_extractor")["sha256"],
        "profile": dlko.profile(),
        **about,
        "device": about["device"] + ", 곱셈은 bfloat16",
        "note": arguments.note,
        "steps": {name: variables[name] for name in ("BATCH", "SCRATCH_STEPS", "TUNE_STEPS", "TUNE_RATE")}
        | {"longer": LONGER},
        "results": results,
    }
    write_record("transfer/hub_flowers", record)


if __name__ == "__main__":
    main()
