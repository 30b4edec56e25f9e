"""DCGAN 장의 손실 함수: 노트북의 칸에서 그대로 꺼내 손계산과 견줍니다. 부호와 기울기까지 봅니다."""

import json
import math
from typing import Any

import numpy as np
import pytest

from course.bootstrap import ROOT

NOTEBOOK = ROOT / "notebooks" / "gan" / "losses.ipynb"
RECORD = ROOT / "src" / "dlko" / "records" / "study" / "gan" / "losses.json"
REAL, FAKE = [2.0, 0.5], [-1.0, 0.5]
LN2 = math.log(2)


@pytest.fixture(scope="module")
def chapter() -> dict[str, Any]:
    """손실, 다양성, 고르는 규칙이 든 칸들을 실행하고 남은 변수."""
    import tensorflow as tf

    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]}
    variables: dict[str, Any] = {"tf": tf, "np": np}
    for cell_id in ("diversity", "transpose", "losses", "loss-table", "slopes", "rule", "pareto"):
        exec(compile(cells[cell_id], cell_id, "exec"), variables)
    return variables


def value(loss: Any, *scores: list[float]) -> float:
    import tensorflow as tf

    return float(loss(*(tf.constant(score, tf.float32) for score in scores)))


# 손으로 계산한 값: softplus(-2) = 0.126928, softplus(-0.5) = 0.474077, softplus(-1) = 0.313262,
# softplus(0.5) = 0.974077, softplus(1) = 1.313262
D_LOG = (0.126928 + 0.474077) / 2 + (0.313262 + 0.974077) / 2
EXPECTED = {
    "최소최대": (D_LOG, -(0.313262 + 0.974077) / 2),
    "비포화": (D_LOG, (1.313262 + 0.474077) / 2),
    "최소제곱": (0.5 * (1 + 0.25) / 2 + 0.5 * (1 + 0.25) / 2, 0.5 * (4 + 0.25) / 2),
    "힌지": ((0 + 0.5) / 2 + (0 + 1.5) / 2, -(-1 + 0.5) / 2),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_loss_values(chapter, name):
    d_loss, g_loss = chapter["LOSSES"][name]
    assert value(d_loss, REAL, FAKE) == pytest.approx(EXPECTED[name][0], abs=1e-5)
    assert value(g_loss, FAKE) == pytest.approx(EXPECTED[name][1], abs=1e-5)


def test_log_losses_at_zero_are_known_constants(chapter):
    """점수가 0이면 확률은 1/2이므로 V = -2 ln 2입니다 (Goodfellow 외, 2014)."""
    d_loss, g_minimax = chapter["LOSSES"]["최소최대"]
    assert value(d_loss, [0.0], [0.0]) == pytest.approx(2 * LN2, abs=1e-6)
    assert value(g_minimax, [0.0]) == pytest.approx(-LN2, abs=1e-6)
    assert value(chapter["LOSSES"]["비포화"][1], [0.0]) == pytest.approx(LN2, abs=1e-6)


# (손실, 점수, 생성자 손실의 미분)
SLOPES = [
    ("최소최대", 0.0, -0.5),
    ("최소최대", -10.0, -4.5398e-05),  # 들킨 생성자는 배우지 못합니다
    ("비포화", 0.0, -0.5),
    ("비포화", -10.0, -0.9999546),
    ("비포화", 10.0, -4.5398e-05),
    ("최소제곱", -2.0, -3.0),
    ("최소제곱", 1.0, 0.0),
    ("최소제곱", 3.0, 2.0),
    ("힌지", -10.0, -1.0),
    ("힌지", 10.0, -1.0),
]


@pytest.mark.parametrize(("name", "score", "slope"), SLOPES)
def test_generator_slopes(chapter, name, score, slope):
    (found,) = chapter["slopes"](chapter["LOSSES"][name][1], [score])
    assert found[0] == pytest.approx(slope, abs=1e-6)


# (손실, 진짜의 점수, 만든 것의 점수, 두 미분)
D_SLOPES = [
    ("최소최대", 0.0, 0.0, -0.5, 0.5),
    ("비포화", 2.0, -1.0, -0.1192029, 0.2689414),
    ("최소제곱", 0.0, 0.5, -1.0, 0.5),
    ("최소제곱", 2.0, -1.0, 1.0, -1.0),  # 목표를 넘으면 되돌립니다
    ("힌지", 0.5, 0.5, -1.0, 1.0),
    ("힌지", 2.0, -2.0, 0.0, 0.0),  # 넉넉히 가렸으면 더 배우지 않습니다
]


@pytest.mark.parametrize(("name", "real", "fake", "real_slope", "fake_slope"), D_SLOPES)
def test_discriminator_slopes(chapter, name, real, fake, real_slope, fake_slope):
    found_real, found_fake = chapter["slopes"](chapter["LOSSES"][name][0], [real], [fake])
    assert found_real[0] == pytest.approx(real_slope, abs=1e-6)
    assert found_fake[0] == pytest.approx(fake_slope, abs=1e-6)


@pytest.mark.parametrize("name", EXPECTED)
def test_losses_stay_finite_for_extreme_scores(chapter, name):
    d_loss, g_loss = chapter["LOSSES"][name]
    for score in (-500.0, 500.0):
        assert math.isfinite(value(d_loss, [score], [-score]))
        assert math.isfinite(value(g_loss, [score]))


@pytest.mark.parametrize("name", EXPECTED)
def test_losses_average_over_the_batch(chapter, name):
    """같은 점수를 되풀이해도 손실은 그대로입니다."""
    d_loss, g_loss = chapter["LOSSES"][name]
    assert value(d_loss, REAL * 3, FAKE * 3) == pytest.approx(value(d_loss, REAL, FAKE), abs=1e-5)
    assert value(g_loss, FAKE * 3) == pytest.approx(value(g_loss, FAKE), abs=1e-5)


def test_effective_classes(chapter):
    effective = chapter["effective_classes"]
    assert effective(np.full(10, 0.1)) == pytest.approx(10)
    assert effective(np.array([1.0, 0.0])) == pytest.approx(1)
    assert effective(np.array([0.9, 0.1])) == pytest.approx(
        math.exp(-0.9 * math.log(0.9) - 0.1 * math.log(0.1))
    )


def test_transpose_convolution_adds_overlaps(chapter):
    out = chapter["transpose_convolution"](np.array([1.0, 2.0]), np.array([1.0, 1.0, 5.0]), stride=2)
    assert out.tolist() == [1, 1, 5 + 2, 2, 10]


def candidate(name: str, seconds: float, distance: float, classes: float = 9.0) -> dict[str, Any]:
    return {"name": name, "seconds": seconds, "distance": distance, "classes": classes}


def test_rule_picks_cheapest_that_is_good_enough(chapter):
    rows = [
        candidate("가", 1, 30),
        candidate("나", 5, 15),  # 정확히 1.5배: 넉넉합니다
        candidate("다", 9, 10),
        candidate("라", 0.1, 9, 7.9),  # 종류가 모자랍니다
    ]
    home, business = chapter["choose"](rows)
    assert (home["name"], business["name"]) == ("나", "다")


def test_pareto_front_keeps_only_undominated(chapter):
    rows = [candidate("가", 1, 5), candidate("나", 2, 5), candidate("다", 1, 6), candidate("라", 3, 1)]
    assert [c["name"] for c in chapter["pareto_front"](rows)] == ["가", "라"]


def test_record_is_complete(chapter):
    """기록의 모든 조합에 시간과 품질이 있고, 사진은 규칙이 고른 두 후보의 것입니다."""
    record = json.loads(RECORD.read_text("utf-8"))
    assert {"train", "judged"} <= set(record["data"][0])
    assert {row["loss"] for row in record["results"]} == set(chapter["LOSSES"])
    for row in record["results"]:
        seconds = [check["seconds"] for check in row["checks"]]
        assert seconds == sorted(seconds)
        assert row["total_seconds"] >= seconds[-1] > 0
        assert all(check["distance"] > record["noise_floor"] / 2 for check in row["checks"])
    assert set(record["samples"]) == {"가정용", "기업용"}


def test_record_holds_what_the_text_says(chapter):
    """글이 기록을 두고 하는 말을 그 장의 규칙으로 확인합니다. 다시 기록해 달라지면 글도 고쳐야 합니다."""
    from scipy import stats

    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]}
    record = json.loads(RECORD.read_text("utf-8"))
    variables: dict[str, Any] = {"record": record, "np": np, "stats": stats}
    exec(compile(cells["parts"], "parts", "exec"), variables)
    rows, changes = variables["rows"], variables["changes"]
    # parts-says: 예측 구간을 벗어난 줄은 하나뿐이고, 무너진 것입니다.
    outside = [row for row in rows if not variables["low"] <= row["distance"] <= variables["high"]]
    assert len(outside) == 1 and outside[0]["classes"] < 4 and changes(outside[0])
    # parts-says: 거의 모든 조합이 더 훈련하면 나아졌고, 드롭아웃을 끈 조합은 4,800스텝까지 줄곧 나아졌습니다.
    improved = [row["distance"] < row["checks"][0]["distance"] for row in rows]
    assert sum(improved) >= len(rows) - 1
    (long,) = (row for row in rows if changes(row) == {"dropout": 0.0, "steps": 4800})
    distances = [check["distance"] for check in long["checks"]]
    assert distances == sorted(distances, reverse=True)
    # winners-text: 가정용과 기업용은 같은 모델이고, 멈춘 스텝만 다릅니다.
    candidates = [{**row, **check} for row in record["results"] for check in row["checks"]]
    home, business = chapter["choose"](candidates)
    parts = ("loss", "width", "d_width", "batch_norm", "dropout", "latent", "seed", "batch")
    assert [home[part] for part in parts] == [business[part] for part in parts]
    assert (home["step"], business["step"]) == (1600, 4800)
    # dense-says: 끝까지 훈련한 완전 연결은 기업용보다 가깝고, 이 장의 full 실행의 범위 안에 듭니다.
    folder = RECORD.parents[2]
    first = json.loads((folder / "study" / "gan" / "first_gan.json").read_text("utf-8"))["results"]
    full, quick = (
        next(row for row in first if row["name"] == name)
        for name in ("이 장의 방법, full", "이 장의 방법, quick")
    )
    best, worst = (
        row["value"]
        for row in json.loads((folder / "full" / "gan" / "losses.json").read_text("utf-8"))["quality"][:2]
    )
    assert best < full["frechet"] < worst
    assert max(run["frechet"] for run in full["runs"]) < business["distance"]
    # dense-says: 본 사진이 비슷할 때(첫 GAN 900×256장, 기업용 4,800×64장) 거리가 훨씬 작습니다.
    assert business["distance"] < 0.7 * quick["frechet"]
    # parts-says: 첫 GAN의 기록에서 드롭아웃을 빼면 10,000스텝에서는 모두, 900스텝에서는 어떤 출발점이 크게 나쁩니다.
    without = {
        row["profile"]: [run["frechet"] for run in row["runs"]] for row in first if "드롭아웃" in row["name"]
    }
    assert min(without["full"]) > 2 * full["frechet"] and max(without["quick"]) > 1.4 * quick["frechet"]
    # params-says: 너비 256을 짧게 훈련한 결과가 기록에 있습니다.
    assert any(changes(row) == {"width": 256, "steps": 400} for row in rows)
