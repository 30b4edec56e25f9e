"""속도 비교: 시계, 곡선, 표, 두 쪽을 커널에서 실행하는 일, 속도 비교 쪽."""

import json
import math
import re
from statistics import median

import keras
import numpy as np
import pytest
from toy import code, missing_names

from course import cache
from course.benchmark import command, plan, table
from course.benchmark.measure import StepLimit, Watch, averaged_weights
from course.bootstrap import ROOT, Stop
from course.notebooks import chapters, code_cells, has_tag
from course.provenance import RECORDS, read_record
from website.blocks import speed


class Time:
    """손으로 돌리는 시계."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_watch_counts_training_only():
    time = Time()
    watch = Watch(now=time)

    def quality() -> float:
        time.now += 50  # 품질을 재는 시간
        return 0.5

    watch.quality = quality
    time.now += 7  # 준비하는 시간
    with watch.running():
        time.now += 3
        watch.step()
        watch.check()
        time.now += 2
        watch.step()
    time.now += 11
    watch.check()
    assert watch.curve == [(3.0, 0.5, 1), (5.0, 0.5, 2)]
    assert watch.seconds == 5.0


def test_watch_stops_at_the_step_limit_without_measuring_quality():
    watch = Watch(step_limit=2)
    watch.step()
    watch.check()
    with pytest.raises(StepLimit):
        watch.step()
    assert watch.curve == []


@pytest.mark.parametrize(("checks", "steps"), [(1, [4, 8]), (2, [2, 4, 6, 8]), (4, [1, 2, 3, 4, 5, 6, 7, 8])])
def test_callback_measures_inside_an_epoch(checks, steps):
    watch = Watch(checks_per_epoch=checks)
    watch.quality = lambda: 0.0
    callback = watch.callback()
    callback.set_params({"steps": 4})
    for epoch in range(2):
        for batch in range(4):
            callback.on_train_batch_end(batch)
        callback.on_epoch_end(epoch)
    assert [point[2] for point in watch.curve] == steps


def test_moving_average_is_measured_in_the_middle_of_an_epoch():
    """한 칸짜리 모델에서 가중치는 1, 평균은 3일 때: 재는 동안만 3이고 그 앞뒤에는 1입니다."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.Adam(use_ema=True), loss="mse")
    model.optimizer.build(model.trainable_variables)
    model.set_weights([np.ones((1, 1))])
    model.optimizer._model_variables_moving_average[0].assign(3 * np.ones((1, 1)))

    def weight() -> float:
        return float(model.get_weights()[0][0, 0])

    watch = Watch(checks_per_epoch=2)
    watch.quality = weight
    callback = watch.callback()
    callback.set_model(model)
    callback.set_params({"steps": 4})
    for batch in range(4):
        callback.on_train_batch_end(batch)
    assert [value for _, value, _ in watch.curve] == [3.0] and weight() == 1.0
    with averaged_weights(None):  # 평균이 없으면 아무 일도 하지 않습니다.
        assert weight() == 1.0


def run(side, curve, seed=1, complete=True, steps=None):
    curve = [[float(s), q, int(s)] for s, q in curve]
    seconds = curve[-1][0] if curve else steps * 2.0
    return {
        "side": side,
        "seed": seed,
        "complete": complete,
        "seconds": seconds,
        "steps": steps or int(seconds),
        "first_step": 2.0 if not complete else 1.0,
        "curve": curve,
    }


ABOUT = {
    "measure": "정확도",
    "lower_is_better": False,
    "tolerance": 0.01,
    "recipe": "흔한 것",
    "variant_labels": {},
}


def test_threshold_is_the_recipes_median_less_the_tolerance():
    runs = [
        run("recipe", [(10, 0.80), (20, 0.89), (30, 0.90)], 1),
        run("recipe", [(10, 0.80), (20, 0.85), (30, 0.88)], 2),
        run("recipe", [(10, 0.80), (20, 0.90), (30, 0.92)], 3),
        run("chapter", [(2, 0.88), (4, 0.91)], 1),
        run("chapter", [(2, 0.90), (4, 0.93)], 2),
        run("chapter", [(2, 0.70), (4, 0.92)], 3),
    ]
    row = table.summarize(ABOUT, runs)
    assert row["threshold"] == pytest.approx(0.89)
    # 둘째 실행은 0.89에 닿지 못했습니다. 중앙값은 남은 것으로도 정해집니다.
    assert (row["recipe_seconds"], row["chapter_seconds"], row["ratio"]) == (20.0, 4.0, 5.0)
    assert row["chapter_quality"] == {"median": 0.92, "low": 0.91, "high": 0.93}
    assert row["recipe_timed_in_part"] is False


def test_lower_is_better_turns_the_comparison_around():
    runs = [run("recipe", [(10, 30.0), (20, 10.0)]), run("chapter", [(1, 15.0), (2, 9.0)])]
    row = table.summarize(ABOUT | {"lower_is_better": True, "tolerance": 5.0}, runs)
    assert (row["threshold"], row["recipe_seconds"], row["chapter_seconds"]) == (15.0, 20.0, 1.0)


def test_chapter_that_never_gets_there_has_no_ratio():
    row = ABOUT | table.summarize(ABOUT, [run("recipe", [(10, 0.9)]), run("chapter", [(1, 0.5)])])
    assert row["chapter_seconds"] is None and row["ratio"] is None
    assert "닿지 못함" in table.markdown({"a/b": ABOUT | row})


def test_runs_that_timed_only_some_steps_scale_the_complete_one():
    runs = [
        run("recipe", [(50, 0.8), (100, 0.9)], 1),  # 한 스텝에 1초, 100스텝에서 닿음
        run("recipe", [], 2, complete=False, steps=10),  # 한 스텝에 2초
        run("recipe", [], 3, complete=False, steps=10),
        run("chapter", [(10, 0.9)]),
    ]
    row = table.summarize(ABOUT, runs)
    assert row["recipe_seconds"] == 200.0 and row["recipe_timed_in_part"] is True
    assert "일부만 잼" in table.markdown({"a/b": ABOUT | row})


def test_variant_timed_over_some_steps_needs_as_many_steps_as_the_recipe():
    runs = [
        run("recipe", [(50, 0.8), (100, 0.9)]),
        run("padded", [], complete=False, steps=11),
        run("chapter", [(10, 0.9)]),
    ]
    row = table.summarize(ABOUT, runs)
    assert row["variants"]["padded"] == {
        "label": "padded",
        "seconds": 200.0,
        "estimated": True,
        "quality": None,
    }


def test_first_step_is_counted_once():
    assert table.estimate({"seconds": 25.0, "first_step": 5.0, "steps": 11}, 101) == 5 + 100 * 2


def test_geometric_mean():
    assert table.geometric_mean([2.0, 8.0]) == pytest.approx(4.0)


TOY = [
    code(
        "import keras\nimport numpy as np\nimport dlko\n\ndlko.setup()\n"
        '(x, y), (x_test, y_test) = dlko.load_data("digits")',
        "load",
    ),
    code("raise ValueError", "skipped"),
    code(
        "def train_epoch(x):\n    model.fit(x, x[:, :1], epochs=1, verbose=0)\n\n\n"
        "def first(seeds):\n    calls.append(seeds)\n    return seeds\n\n\n"
        "model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(1)])\n"
        'model.compile("sgd", "mse")\nx = x[:64].reshape(-1, 784) / 255\ncalls = []\n'
        "model.fit(x, x[:, :1], epochs=9, verbose=0)",
        "needed",
    ),
    code(
        "keras.utils.set_random_seed(7)\nassert np.random.get_state()[1][0] == 1007\n"
        "model.fit(x, x[:, :1], epochs=3, verbose=0)",
        "fit",
        command.TAG,
    ),
    code("for _ in range(2):\n    train_epoch(x)", "loop", command.TAG),
    code(
        "answers = first([0]), first([1])\nassert answers == ([1], [1]) and calls == [[1]]",
        "first",
        command.TAG,
    ),
    code("raise ValueError", "after"),
]
TOY_RECIPE = """
from course.benchmark.plan import Plan, fashion_title

def recipe(data, watch, epochs=2):
    import keras

    x = data[0][0][:64].reshape(-1, 784) / 255
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    watch.quality = lambda: 1.0
    model.fit(x, x[:, :1], epochs=epochs, callbacks=[watch.callback()], verbose=0)

def short(data, watch):
    recipe(data, watch, epochs=50)

VARIANTS = {"short": ("오래", short)}

PLAN = Plan(
    recipe="흔한 것",
    measure="정확도",
    quality=lambda v: 2.0,
    tolerance=0.1,
    dataset="fashion",
    data_cells=("load",),
    data=lambda v: ((v["x"], v["y"]), (v["x_test"], v["y_test"])),
    title=fashion_title,
    cells=("needed",),
    profile="quick",
    epoch_function="train_epoch",
    only_call="first",
    change_call=lambda arguments, seed: ([seed],),
    partial_steps=3,
    partial_variants=("short",),
)
"""


@pytest.fixture
def toy(chapter, room, monkeypatch, tmp_path):
    monkeypatch.setenv("DLKO_DATA", "embedded")
    monkeypatch.setattr(command, "BUILD", tmp_path / "build")
    monkeypatch.setattr(command, "TABLE", tmp_path / "build" / "bench.md")
    room("recipe.py", TOY_RECIPE)
    made = chapter(*TOY)
    monkeypatch.setattr(plan, "chapters", lambda: [made])
    return made


def test_both_sides_run_in_kernels_and_leave_the_book_alone(toy, tmp_path, capsys):
    kept = cache.artifacts(toy) / "report.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("책의 실행")
    command.bench("part/toy", "--runs", "1")
    record = read_record("bench", "part/toy")
    (data,) = record["data"]
    assert data["name"] == "fashion"  # 노트북은 digits를 부르지만 정해 둔 데이터를 줍니다.
    assert data["sha256"] == "0065ed5f9f2d2f512ebf7a3d6bebdcb96656db1de81926291197401d8592a015"
    assert (record["profile"], record["commit"], record["ratio"] is None) == ("quick", "abc", False)
    runs = {run["side"]: run for run in record["runs"]}
    # 에포크마다 한 번(fit 셋, 훈련 함수 둘과 그 안의 fit 둘)과 끝에 한 번. 재지 않는 칸의 fit은 세지 않습니다.
    assert [point[1] for point in runs["chapter"]["curve"]] == [2.0] * 8
    assert runs["chapter"]["steps"] == 5 * 2
    assert [point[2] for point in runs["recipe"]["curve"]] == [2, 4, 4]
    assert (runs["short"]["complete"], runs["short"]["steps"], runs["short"]["curve"]) == (False, 3, [])
    times = [point[0] for point in runs["chapter"]["curve"]]
    assert times == sorted(times) and 0 < times[0] < runs["chapter"]["seconds"] + 0.01
    command.bench("part/toy", "--runs", "1")
    assert capsys.readouterr().out.count("이미 잰 것을 씁니다") == 3
    assert read_record("bench", "part/toy") == record
    assert [path.name for path in cache.ARTIFACTS.rglob("*") if path.is_file()] == ["report.json"]
    assert kept.read_text() == "책의 실행" and not cache.CACHE.exists()


@pytest.mark.parametrize("change", ["", "data", "processor", "code", "versions"])
def test_only_what_was_measured_alike_is_used_again(toy, monkeypatch, change):
    """다른 데이터, 다른 컴퓨터, 다른 코드, 다른 버전으로 잰 것이 남아 있으면 다시 잽니다."""
    monkeypatch.setattr(command, "processor", lambda: "이 칩")
    monkeypatch.setattr("course.provenance.processor", lambda: "이 칩")
    now = {"data": [{"sha256": "1"}], "profile": "quick", "device": "CPU", "versions": {"Python": "3.11"}}

    class Kernel:
        def __enter__(self):
            return None, {}, now

        def __exit__(self, *_):
            pass

    measured = []

    def run_once(chapter, side, seed, steps):
        measured.append(side)
        return run(side, [(10, 0.9)], seed), now

    monkeypatch.setattr(command, "_kernel", lambda *_: Kernel())
    monkeypatch.setattr(command, "run_once", run_once)
    old = run("recipe", [(9, 0.9)]) | {
        "code": "x" if change == "code" else command.fingerprints(toy)["recipe"]
    }
    changes = {"data": [{"sha256": "2"}], "versions": {"Python": "3.12"}}
    command.save(toy, [old], now | ({change: changes[change]} if change in changes else {}))
    if change == "processor":
        monkeypatch.setattr(command, "processor", lambda: "다른 칩")
    command.measure(toy, ["recipe", "chapter"], 1, False, 0.0)
    assert measured == (["recipe", "chapter"] if change else ["chapter"])
    assert read_record("bench", "part/toy")["counts"] == {"recipe": 1, "chapter": 1}


def test_changing_a_variant_keeps_what_was_measured_of_the_recipe(room):
    text = """
def helper(): return 0
def recipe(data, watch, faster=0): helper()
def faster(data, watch): recipe(data, 1)
"""

    def codes(number, changed):
        room("recipe.py", changed, f"part/code{number}")
        made = plan.load(f"part/code{number}")
        return plan.fingerprint(made.recipe), plan.fingerprint(made.faster)

    before = codes(1, text)
    after = codes(2, text.replace("(data, 1)", "(data, 2)") + "# 설명\n")
    assert after[0] == before[0] and after[1] != before[1]
    deep = codes(3, text.replace("return 0", "return 1"))
    assert deep[0] != before[0] and deep[1] != before[1]


def test_changing_the_ruler_forgets_what_was_measured(toy, tmp_path, monkeypatch):
    before = command.fingerprints(toy)
    (tmp_path / "inside.py").write_text("다른 잣대", encoding="utf-8")
    monkeypatch.setattr(command, "__file__", str(tmp_path / "command.py"))
    after = command.fingerprints(toy)
    assert all(after[side] != before[side] for side in ("recipe", "chapter"))


def test_unknown_chapter_is_one_sentence():
    with pytest.raises(Stop, match="속도를 재는 장이 아닙니다"):
        command.bench("part/none")


def test_every_timed_chapter_has_a_plan():
    tagged = {c.name for c in chapters() if any(has_tag(cell, command.TAG) for cell in c.read().cells)}
    assert tagged == {c.name for c in plan.planned()}, (
        "bench-train 태그를 단 장마다 chapters/<부>/<장>/recipe.py에 견줄 방법을 적습니다."
    )


@pytest.mark.parametrize("chapter", plan.planned(), ids=lambda c: c.name)
def test_plan_fits_its_notebook(chapter):
    recipe, cells = plan.load(chapter.name), {c.id: c for c in code_cells(chapter.read())}
    assert recipe.__doc__ and all(label for label, _ in recipe.VARIANTS.values())
    used = [*recipe.PLAN.data_cells, *recipe.PLAN.cells]
    assert set(used) <= set(cells), "없어진 칸이 PLAN에 있습니다."
    assert not [name for name in used if has_tag(cells[name], command.TAG)], "재는 칸은 적지 않습니다."
    run = [cells[name] for name in recipe.PLAN.data_cells] + command.chapter_cells(chapter, cells)
    assert not missing_names(run, list(cells.values())), "이 이름을 만드는 칸도 PLAN의 cells에 적으세요."
    source = "\n".join(cell.source for cell in cells.values())
    for wanted in filter(None, (recipe.PLAN.only_call, recipe.PLAN.epoch_function)):
        assert f"def {wanted}(" in source or f"{wanted} = " in source


def full_row(**changes):
    runs = [
        run("recipe", [(10, 0.8), (40, 0.9)]),
        run("chapter", [(2, 0.8), (4, 0.92)]),
        run("batch", [(20, 0.9)]),
    ]
    about = ABOUT | {
        "variant_labels": {"batch": "배치를 <크게>"},
        "data": [{"title": "데이터", "sha256": "ab" * 32}],
        "profile": "quick",
        "device": "CPU (코어 2개)",
        "processor": "어느 칩",
        "versions": {"Python": "3.11"},
        "date": "2026-01-02",
        "commit": "abc123",
        "command": "python -m course bench a/b",
        "runs": runs,
    }
    return about | changes | table.summarize(about | changes, runs)


def test_page_shows_the_record_with_its_source():
    entries = [('<a href="a.html">제목</a>', full_row())]
    page = speed.speed_html(entries) + speed.sources_html(entries)
    for text in ("기록해 둔 값", "10.0배", '<a href="a.html">제목</a>', "0.89 이상", "abc123", "2026-01-02",
                 "CPU (코어 2개), 어느 칩", "quick 프로필", "python -m course bench a/b", "abababab"):  # fmt: skip
        assert text in page
    steps = speed.steps_html("어느 장", full_row())
    assert 'aria-label="어느 장: 무엇이' in steps  # 표마다 이름이 달라야 화면 읽기 프로그램이 구별합니다.
    assert "배치를 &lt;크게&gt;" in steps and "2.0배" in steps and "흔한 방법 그대로" in steps
    assert speed.speed_html([]) == speed.EMPTY
    assert speed.steps_html("", {}) == speed.EMPTY_CHAPTER


def test_page_tells_of_runs_that_missed_the_threshold():
    runs = [run("recipe", [(40, quality)], seed) for seed, quality in enumerate((0.9, 0.9, 0.7), 1)]
    runs.append(run("chapter", [(4, 0.92)]))
    row = ABOUT | table.summarize(ABOUT, runs) | {"runs": runs}
    assert speed.missed_text(row, "recipe") == " <small>3번 가운데 1번은 닿지 못함</small>"
    assert speed.missed_text(row, "chapter") == ""


def test_page_writes_no_result_itself():
    """속도 비교 쪽의 글에는 초와 배수를 적지 않습니다. 모두 기록에서 옵니다."""
    page = (ROOT / "book" / "speed.md").read_text(encoding="utf-8")
    text = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    assert not re.findall(r"\d+(?:\.\d+)?\s*(?:초|배(?!치))", text)


def steps_to_threshold(row, side):
    """기준에 닿은 스텝의 중앙값. 닿지 못한 실행은 가장 느린 것으로 칩니다."""
    hits = [
        table.reached(run["curve"], row["threshold"], row["lower_is_better"])
        for run in row["runs"]
        if run["side"] == side
    ]
    return median(hit[1] if hit else math.inf for hit in hits)


def test_page_says_what_the_record_shows():
    """속도 비교 쪽의 글이 기록을 두고 하는 말들. 다시 재어 달라지면 글도 고쳐야 합니다."""
    paths = sorted((RECORDS / "bench").rglob("*.json"))
    record = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    digits, lenet, reviews, clothes = (record[name] for name in ("digits", "lenet", "sentiment", "fashion"))
    assert digits["variants"]["batch"]["seconds"] > 0.9 * digits["recipe_seconds"]
    short = digits["variants"]["schedule"]
    assert short["seconds"] < digits["recipe_seconds"]
    assert digits["recipe_quality"]["median"] <= short["quality"]["median"]
    assert digits["chapter_quality"]["median"] > short["quality"]["median"]
    assert 0.8 < digits["chapter_seconds"] / short["seconds"] < 1.25  # '그 줄과 비슷하고'
    assert min(record.values(), key=lambda row: row["ratio"]) is digits
    flowers, cached = record["hub_flowers"], record["hub_flowers"]["variants"]["cached"]
    assert 0.8 < flowers["chapter_seconds"] / cached["seconds"] < 1.25  # '거의 같은 시간에'
    missed = [
        table.reached(run["curve"], flowers["threshold"], False) is None
        for run in flowers["runs"]
        if run["side"] == "cached"
    ]
    assert sum(missed) == 1 and len(missed) == 3  # '세 번 가운데 한 번은 닿지 못했습니다'
    assert flowers["chapter_quality"]["low"] > cached["quality"]["high"]
    assert steps_to_threshold(digits, "chapter") < 0.6 * steps_to_threshold(digits, "recipe")
    each = {run["side"]: run["seconds"] / run["steps"] for run in digits["runs"]}
    assert each["chapter"] > each["recipe"]  # '한 스텝은 흔한 방법보다 오래 걸리지만'
    changed = lenet["variants"]
    for variant in ("average", "center"):
        assert steps_to_threshold(lenet, variant) < steps_to_threshold(lenet, "recipe")
        assert lenet["recipe_quality"]["median"] < changed[variant]["quality"]["median"]
    assert min(changed, key=lambda variant: changed[variant]["seconds"]) == "schedule"
    assert 0.8 < lenet["chapter_seconds"] / changed["schedule"]["seconds"] < 1.25  # '비슷하고'
    best_changed = max(entry["quality"]["median"] for entry in changed.values())
    assert lenet["chapter_quality"]["median"] > best_changed
    assert reviews["recipe_quality"]["median"] < reviews["recipe_best_quality"]
    assert clothes["variants"]["schedule"]["seconds"] is None
    assert clothes["variants"]["wide"]["seconds"] < clothes["recipe_seconds"]
    patients, first = record["keras_models"], record["first_gan"]
    behind = patients["recipe_quality"]["median"] - patients["chapter_quality"]["median"]
    assert round(171 * behind, 3) == 2  # '중앙값의 차이는 두 사람입니다'
    mine, usual = (run["steps"] for run in sorted(patients["runs"], key=lambda run: run["side"])[::3][:2])
    assert 0.4 < mine / usual < 0.6  # '절반쯤의 스텝만'
    assert patients["variants"]["unvalidated"]["seconds"] < 0.7 * patients["recipe_seconds"]  # '큰 몫'
    ends = sorted(run["curve"][-1][1] for run in first["runs"] if run["side"] == "recipe")
    assert ends[0] < first["chapter_quality"]["low"] and ends[1] > 1.4 * first["chapter_quality"]["high"]
    for name, row in record.items():  # 그 밖에는 마지막 품질이 흔한 방법보다 못하지 않습니다.
        ours, usual = row["chapter_quality"]["median"], row["recipe_quality"]["median"]
        if name == "keras_models":
            continue
        assert ours < usual if row["lower_is_better"] else ours > usual
