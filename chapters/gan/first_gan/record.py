"""공식 Fashion-MNIST로 훈련한 이 장의 방법과 거기에서 하나씩 뺀 것. 줄마다 출발점을 세 번 바꿉니다. 한 코어에서 십여 분 걸립니다.

시간은 한 코어의 CPU 시간입니다. 훈련만 넣고(그래프를 엮는 시간은 넣고, 불러오기와 평가는 빼고) 품질은 모두 같은 함수로 잽니다.
흔히 쓰는 방법은 `make bench`가 같은 데이터로 세 번 재므로 여기에서 다시 재지 않습니다.
"""

import os
import statistics
import time

from course.kernel import move_start, run_cell

ENVIRONMENT = {"DLKO_DATA": "official", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = ("setup", "loss", "compile-gan", "tools", "clothes", "dense-models", "images-compile", "frechet")
STARTS = 3
# 이름 → (프로필, 장의 생성자와 판별자에서 무엇을 뺄지)
ROWS = {
    "이 장의 방법, full": ("full", None),
    "full에서 드롭아웃을 뺌": ("full", "dropout"),
    "이 장의 방법, quick": ("quick", None),
    "quick에서 드롭아웃을 뺌": ("quick", "dropout"),
    "quick에서 작은 출발점을 뺌": ("quick", "small start"),
}
# 출발점 0은 노트북의 것입니다. 멈추어도 줄마다 고르게 남도록 출발점을 바깥에 둡니다.
PIECES = {f"{name}, 출발점 {start}": (name, start) for start in range(STARTS) for name in ROWS}


def measure(v, piece):
    """노트북의 칸을 그대로 실행합니다. 뺄 것이 있으면, 막 만든 모델에서 뺍니다."""
    name, start = PIECES[piece]
    profile, removed = ROWS[name]
    os.environ["DLKO_PROFILE"] = profile
    made = {key: v[key] for key in ("make_generator", "make_discriminator")}
    v.update({key: (lambda make=make: without(make(), removed)) for key, make in made.items()})
    move_start(start)
    begun = time.process_time()
    for cell in ("images-compile", "images-train"):
        run_cell(v["_cells"][cell])
    seconds = time.process_time() - begun
    move_start(0)
    run_cell(v["_cells"]["images-distance"])
    v.update(made)
    return {
        "start": start,
        "steps": int(v["image_steps"]),
        "seconds": round(seconds, 1),
        "frechet": round(float(v["image_distance"]), 2),
    }


def without(model, removed):
    import keras

    for layer in model.layers:
        if removed == "dropout" and isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
        if removed == "small start" and isinstance(layer, keras.layers.Dense):
            layer.kernel.assign(keras.initializers.GlorotUniform()(layer.kernel.shape))
    return model


def summarize(v, pieces):
    """줄마다 출발점들의 중앙값과, 출발점 하나하나의 값."""
    results = []
    for name, (profile, _) in ROWS.items():
        runs = [pieces[piece] for piece, (row, _) in PIECES.items() if row == name]
        results.append(
            {
                "name": name,
                "profile": profile,
                "steps": runs[0]["steps"],
                **{key: statistics.median(run[key] for run in runs) for key in ("seconds", "frechet")},
                "runs": [{key: run[key] for key in ("start", "seconds", "frechet")} for run in runs],
            }
        )
    return {
        "data": {
            "title": "Fashion-MNIST 공식 데이터",
            "train": len(v["real_images"]),
            "compare": int(v["sample_count"]),
        },
        "device": "CPU (코어 1개)",
        "clock": "한 코어의 CPU 시간",
        "noise_floor": round(float(v["image_floor"]), 3),
        "results": results,
    }
