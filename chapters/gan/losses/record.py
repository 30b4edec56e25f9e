"""여러 조합을 장의 함수로 훈련하며 잰 시간과 품질. 공식 Fashion-MNIST가 필요합니다.

시간은 한 코어의 CPU 시간으로 잽니다. 함께 쓰는 컴퓨터에서 다른 일이 끼어든 시간을 빼고 견주기 위해서입니다.
"""

import base64
import time
from types import SimpleNamespace

from course.kernel import rounded

ENVIRONMENT = {"DLKO_DATA": "official", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
CELLS = (
    "setup", "load", "diversity", "evaluate", "ruler-test", "noise-floor", "losses", "loss-table", "build",
    "build-discriminator", "generate", "step", "train", "settings", "rule",
)  # fmt: skip

BASE = {
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
CHANGES: list[dict] = [
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
PIECES = {str(change or "기준"): BASE | change for change in CHANGES}


def measure(v, piece):
    """조합 하나를 노트북의 `train`으로 훈련합니다."""
    v["time"] = SimpleNamespace(perf_counter=time.process_time)
    options = dict(PIECES[piece])
    losses = v["LOSSES"][options.pop("loss")]
    start = time.process_time()
    _, checks = v["train"](losses, **options)
    total = time.process_time() - start
    for check in checks:
        pictures = (check["samples"] * 255).round().astype("uint8")
        check["samples"] = base64.b64encode(pictures.tobytes()).decode("ascii")
    return rounded({**PIECES[piece], "total_seconds": total, "checks": checks})


def summarize(v, pieces):
    """사진은 가정용과 기업용으로 뽑힌 것만 남깁니다."""
    results = list(pieces.values())
    home, business = v["choose"]([{**row, **check} for row in results for check in row["checks"]])
    samples = {"가정용": home["samples"], "기업용": business["samples"]}
    for row in results:
        for check in row["checks"]:
            del check["samples"]
    return {
        "data": {"title": "Fashion-MNIST", "train": len(v["images"]), "judged": v["n_judge"]},
        "device": "CPU (코어 1개)",
        "clock": "한 코어의 CPU 시간",
        "noise_floor": rounded(v["noise_floor"]),
        "results": results,
        "samples": samples,
    }
