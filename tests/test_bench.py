"""속도 비교: 시계, 곡선, 표, 노트북의 칸을 실행하는 일, 기록의 표."""

import ast
import json
import math
from dataclasses import replace
from pathlib import Path
from statistics import median

import keras
import numpy as np
import pytest

import dlko
from benchmarks import notebook, one, table
from benchmarks.chapters import PLANS, Plan
from benchmarks.datasets import Shared
from benchmarks.measure import StepLimit, Watch, averaged_weights
from course import bench
from website.blocks import speed

ROOT = Path(__file__).resolve().parent.parent


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
    row = table.summarize("a/b", ABOUT, runs)
    assert row["threshold"] == pytest.approx(0.89)
    # 둘째 실행은 0.89에 닿지 못했습니다. 중앙값은 남은 것으로도 정해집니다.
    assert (row["recipe_seconds"], row["chapter_seconds"], row["ratio"]) == (20.0, 4.0, 5.0)
    assert row["chapter_quality"] == {"median": 0.92, "low": 0.91, "high": 0.93}
    assert row["recipe_timed_in_part"] is False


def test_lower_is_better_turns_the_comparison_around():
    runs = [run("recipe", [(10, 30.0), (20, 10.0)]), run("chapter", [(1, 15.0), (2, 9.0)])]
    row = table.summarize("a/b", ABOUT | {"lower_is_better": True, "tolerance": 5.0}, runs)
    assert (row["threshold"], row["recipe_seconds"], row["chapter_seconds"]) == (15.0, 20.0, 1.0)


def test_chapter_that_never_gets_there_has_no_ratio():
    row = table.summarize("a/b", ABOUT, [run("recipe", [(10, 0.9)]), run("chapter", [(1, 0.5)])])
    assert row["chapter_seconds"] is None and row["ratio"] is None
    assert "닿지 못함" in table.markdown([row])


def test_runs_that_timed_only_some_steps_scale_the_complete_one():
    runs = [
        run("recipe", [(50, 0.8), (100, 0.9)], 1),  # 한 스텝에 1초, 100스텝에서 닿음
        run("recipe", [], 2, complete=False, steps=10),  # 한 스텝에 2초
        run("recipe", [], 3, complete=False, steps=10),
        run("chapter", [(10, 0.9)]),
    ]
    row = table.summarize("a/b", ABOUT, runs)
    assert row["recipe_seconds"] == 200.0 and row["recipe_timed_in_part"] is True
    assert "일부만 잼" in table.markdown([row])


def test_variant_timed_over_some_steps_needs_as_many_steps_as_the_recipe():
    runs = [
        run("recipe", [(50, 0.8), (100, 0.9)]),
        run("padded", [], complete=False, steps=11),
        run("chapter", [(10, 0.9)]),
    ]
    row = table.summarize("a/b", ABOUT, runs)
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


def write_notebook(path: Path, *cells: tuple[str, str, list[str]]) -> Path:
    made = [
        {"cell_type": "code", "id": name, "source": source, "metadata": {"tags": tags}}
        for name, source, tags in cells
    ]
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")
    return path


def test_only_tagged_cells_are_timed_and_the_rest_is_not_executed(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        ("one", "order = ['one']", []),
        ("slow", "import math\norder.append('slow')", []),
        ("train", "order.append('train')", ["cover", notebook.TAG]),
        ("plot", "order.append('plot')", []),
        ("again", "order.append('again')", [notebook.TAG]),
        ("after", "raise ValueError", []),
    )
    cells = notebook.read_cells(path)
    assert [cell.id for cell in cells] == ["one", "slow", "train", "plot", "again"]
    timed = []

    class Timed:
        def __enter__(self):
            timed.append("start")

        def __exit__(self, *error):
            timed.append("stop")

    variables = notebook.run_cells(
        cells, ("slow",), {"given": list}, Timed, lambda names: timed.append(list(names["order"]))
    )
    assert variables["given"] == []
    assert "math" in variables  # 건너뛴 칸에서도 불러오기는 합니다.
    assert variables["order"] == ["one", "train", "plot", "again"]
    assert timed == [["one"], "start", "stop", ["one", "train", "plot"], "start", "stop"]
    assert notebook.fingerprint(cells) != notebook.fingerprint(cells, ("slow",))


TINY = """
(x_train, y_train), (x_test, y_test) = dlko.load_data("digits")
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
model.compile("sgd", "mse")
model.fit(x_train, y_train, epochs=9, verbose=0)


def train_epoch(times):
    model.fit(x_train, y_train, epochs=times, verbose=0)
"""


def tiny_run(tmp_path, training, seed=1, **options):
    """작은 노트북을 재고, 곡선과 마지막 가중치를 돌려줍니다."""
    data = Shared(
        "데이터", "official", "0", ((np.ones((8, 2)), np.ones((8, 1))), (np.ones((4, 2)), np.ones(4)))
    )
    path = write_notebook(
        tmp_path / "a.ipynb",
        ("setup", "import dlko\nimport keras\n" + TINY, []),
        ("train", training, [notebook.TAG]),
        ("after", "raise ValueError", []),
    )
    plan = Plan(
        data=lambda: data,
        measure="",
        quality=lambda variables, model: float(np.ravel(variables["model"].get_weights()[0])[0]),
        tolerance=0.0,
        recipe="",
        **options,
    )
    watch = Watch()
    one.ChapterRun("a", plan, data, seed, watch).run(notebook.read_cells(path))
    return watch.curve


def test_chapter_runs_its_own_cells_with_the_shared_data(tmp_path):
    before = (keras.Model.fit, keras.utils.set_random_seed, dlko.load_data)
    curve = tiny_run(tmp_path, "model.fit(x_train, y_train, epochs=3, verbose=0)\nassert len(x_train) == 8")
    assert (
        len(curve) == 4 and curve[-1][2] == 3
    )  # 에포크마다 한 번과 끝에 한 번. 잴 칸 앞의 fit은 세지 않습니다.
    assert curve[0][0] > 0 and [point[0] for point in curve] == sorted(point[0] for point in curve)
    assert (keras.Model.fit, keras.utils.set_random_seed, dlko.load_data) == before
    other = tiny_run(tmp_path, "model.fit(x_train, y_train, epochs=3, verbose=0)", seed=2)
    assert other[-1][1] != curve[-1][1]  # 씨앗이 다르면 다른 데서 출발합니다.


def test_chapter_with_its_own_loop(tmp_path):
    loop = "for _ in range(2):\n    train_epoch(1)"
    assert len(tiny_run(tmp_path, loop, epoch_function="train_epoch")) == 2 + 2 + 1
    only = tiny_run(
        tmp_path,
        "train_epoch(1)\nraise ValueError",
        only_call="train_epoch",
        change_call=lambda arguments, seed: (arguments[0] + seed,),
    )
    assert only[-1][2] == 2


def test_chapter_with_other_data_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="다른 데이터"):
        tiny_run(tmp_path, "pass", same_data=lambda variables, arrays: False)


def test_notebook_without_the_tag_is_skipped(tmp_path):
    assert notebook.read_cells(write_notebook(tmp_path / "a.ipynb", ("one", "1", []))) == []


@pytest.mark.parametrize("name", PLANS)
def test_plan_fits_its_notebook_and_has_a_recipe(name):
    recipe = ast.parse(bench._recipe_file(name).read_text(encoding="utf-8"))
    functions = {node.name for node in recipe.body if isinstance(node, ast.FunctionDef)}
    assert "recipe" in functions and ast.get_docstring(recipe)
    assert all(label for label in bench._variants(name).values())
    path = notebook.NOTEBOOKS / f"{name}.ipynb"
    if not path.exists():
        pytest.fail(f"{name}: 없는 장입니다. benchmarks/chapters.py와 benchmarks/recipes/에서도 지우세요.")
    cells = notebook.read_cells(path)
    if not cells:
        pytest.skip("아직 bench-train 칸이 없습니다.")
    plan = PLANS[name]
    assert set(plan.skip) <= {cell.id for cell in cells}, "없어진 칸이 skip에 있습니다."
    assert not [cell.id for cell in cells if cell.timed and cell.id in plan.skip]
    code = "\n".join(cell.source for cell in cells)
    for wanted in (plan.only_call, plan.epoch_function):
        assert not wanted or f"def {wanted}(" in code or f"{wanted} = " in code
    assert not plan.final_model or f"{plan.final_model} =" in code


def test_every_tagged_chapter_has_a_plan():
    tagged = {
        path.relative_to(notebook.NOTEBOOKS).with_suffix("").as_posix()
        for path in notebook.NOTEBOOKS.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts and notebook.read_cells(path)
    }
    assert tagged <= set(PLANS), (
        f"bench-train 태그를 단 장입니다. benchmarks/chapters.py와 benchmarks/recipes/에 견줄 방법을 적으세요: "
        f"{sorted(tagged - set(PLANS))}"
    )


def test_records_are_merged_by_chapter(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "RECORD", tmp_path / "bench.json")
    monkeypatch.setattr(bench.full, "commit", lambda: "abc")
    monkeypatch.delenv("DLKO_DATA_DIR", raising=False)
    common = {
        "data": {"title": "데이터", "sha256": "0" * 64},
        "profile": "full",
        "device": "CPU",
        "processor": "어느 회사의 칩",
        "versions": {"Python": "3.11"},
        "code": "x",
    }
    digits, pca = PLANS["cnn/digits"], PLANS["autoencoder/pca"]
    sides = [run("recipe", [(10, 0.9)]) | common, run("chapter", [(2, 0.9)]) | common]
    bench._save("autoencoder/pca", pca, [run("recipe", [(10, 3.0)]) | common])
    bench._save("cnn/digits", digits, sides)
    record = bench._load()
    assert list(record) == ["cnn/digits", "autoencoder/pca"]  # 차례는 PLANS를 따릅니다.
    assert record["cnn/digits"]["ratio"] == 5.0 and "threshold" not in record["autoencoder/pca"]
    for field in ("machine", "versions", "commit", "date", "command", "data"):
        assert record["cnn/digits"][field]
    other = run("chapter", [(1, 0.9)], 2) | common | {"device": "다른 컴퓨터"}
    bench._save("cnn/digits", digits, [*sides, other])
    assert [r["device"] for r in bench._load()["cnn/digits"]["runs"]] == ["다른 컴퓨터"]
    assert record["cnn/digits"]["command"] == "python -m course bench cnn/digits"
    monkeypatch.setenv("DLKO_DATA_DIR", str(tmp_path))  # 폴더의 이름은 기록에 남기지 않습니다.
    bench._save("cnn/digits", digits, sides)
    assert bench._load()["cnn/digits"]["command"] == (
        "DLKO_DATA_DIR=가져온_폴더 python -m course bench cnn/digits"
    )


@pytest.mark.parametrize("change", ["", "data", "processor", "code"])
def test_only_what_was_measured_alike_is_used_again(monkeypatch, tmp_path, change):
    """다른 데이터, 다른 컴퓨터, 다른 코드로 잰 것이 남아 있으면 다시 잽니다."""
    monkeypatch.setattr(bench, "RECORD", tmp_path / "bench.json")
    monkeypatch.setattr(bench.full, "commit", lambda: "abc")
    monkeypatch.setattr(bench, "_processor", lambda: "이 칩")
    monkeypatch.setattr(bench, "_codes", lambda *_: {"recipe": "x", "chapter": "x"})
    made = {
        "data": {"title": "데이터", "sha256": "1"},
        "profile": "full",
        "device": "CPU",
        "versions": {"Python": "3.11"},
    }
    measured = []

    def run_once(name, side, seed, steps):
        measured.append(side)
        return run(side, [(10, 0.9)], seed) | made

    monkeypatch.setattr(bench, "_run_once", run_once)
    plan = replace(PLANS["cnn/digits"], data=lambda: Shared("데이터", "embedded", "1", None))
    old = run("recipe", [(9, 0.9)]) | made | {"processor": "이 칩", "code": "x"}
    changes = {"data": {"data": {"title": "데이터", "sha256": "2"}}, "processor": {"processor": "다른 칩"}}
    bench._save("cnn/digits", plan, [old | changes.get(change, {change: "y"} if change else {})])
    bench._measure("cnn/digits", plan, [], ["recipe", "chapter"], 1, False, 0.0)
    assert measured == (["recipe", "chapter"] if change else ["chapter"])
    assert bench._load()["cnn/digits"]["counts"] == {"recipe": 1, "chapter": 1}


def test_changing_a_variant_keeps_what_was_measured_of_the_recipe(monkeypatch, tmp_path):
    text = """
def helper(): pass
def recipe(data, watch): helper()
def faster(data, watch): recipe(data, 1)
VARIANTS = {"faster": ("빠르게", faster)}
"""
    path = tmp_path / "a_b.py"
    monkeypatch.setattr(bench, "RECIPES", tmp_path)

    def codes(changed):
        path.write_text(changed, encoding="utf-8")
        return bench._recipe_code("a/b", "recipe"), bench._recipe_code("a/b", "faster")

    before = codes(text)
    assert bench._variants("a/b") == {"faster": "빠르게"}
    after = codes(text.replace("(data, 1)", "(data, 2)") + "# 설명\n")
    assert after[0] == before[0] and after[1] != before[1]
    deep = codes(text.replace("helper(): pass", "helper(): return 1"))
    assert deep[0] != before[0] and deep[1] != before[1]


def test_unknown_chapter_is_one_sentence():
    with pytest.raises(bench.Stop, match="속도를 재는 장이 아닙니다"):
        bench.bench("cnn/none")


def full_row(**changes):
    runs = [
        run("recipe", [(10, 0.8), (40, 0.9)]),
        run("chapter", [(2, 0.8), (4, 0.92)]),
        run("batch", [(20, 0.9)]),
    ]
    about = ABOUT | {
        "variant_labels": {"batch": "배치를 <크게>"},
        "data": {"title": "데이터", "sha256": "ab" * 32},
        "profile": "quick",
        "machine": "CPU (코어 2개)",
        "versions": {"Python": "3.11"},
        "date": "2026-01-02",
        "commit": "abc123",
        "command": "python -m course bench a/b",
    }
    return table.summarize("a/b", about | changes, runs)


def test_page_shows_the_record_with_its_source():
    entries = [('<a href="a.html">제목</a>', full_row())]
    page = speed.speed_html(entries) + speed.sources_html(entries)
    for text in ("기록해 둔 값", "10.0배", '<a href="a.html">제목</a>', "0.89 이상", "abc123", "2026-01-02",
                 "CPU (코어 2개)", "quick 프로필", "python -m course bench a/b", "abababab"):  # fmt: skip
        assert text in page
    steps = speed.steps_html("어느 장", full_row())
    assert 'aria-label="어느 장: 무엇이' in steps  # 표마다 이름이 달라야 화면 읽기 프로그램이 구별합니다.
    assert "배치를 &lt;크게&gt;" in steps and "2.0배" in steps and "흔한 방법 그대로" in steps
    assert speed.speed_html([]) == speed.EMPTY
    assert speed.steps_html("", {}) == speed.EMPTY_CHAPTER


def test_page_tells_of_runs_that_missed_the_threshold():
    runs = [run("recipe", [(40, quality)], seed) for seed, quality in enumerate((0.9, 0.9, 0.7), 1)]
    row = table.summarize("a/b", ABOUT, [*runs, run("chapter", [(4, 0.92)])])
    assert speed.missed_text(row, "recipe") == " <small>3번 가운데 1번은 닿지 못함</small>"
    assert speed.missed_text(row, "chapter") == ""


def test_page_writes_no_result_itself():
    """속도 비교 쪽의 글에는 초와 배수를 적지 않습니다. 모두 기록에서 옵니다."""
    import re

    page = ROOT / "book" / "speed.md"
    if page.exists():
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
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
    record = json.loads((ROOT / "book" / "_records" / "bench.json").read_text(encoding="utf-8"))
    digits, lenet, reviews, clothes = (
        record[name] for name in ("cnn/digits", "cnn/lenet", "rnn/sentiment", "autoencoder/fashion")
    )
    assert digits["variants"]["batch"]["seconds"] > 0.9 * digits["recipe_seconds"]
    assert digits["variants"]["schedule"]["seconds"] is None
    each = {run["side"]: run["seconds"] / run["steps"] for run in digits["runs"]}
    assert each["chapter"] > each["recipe"]  # '한 스텝은 흔한 방법보다 오래 걸리지만'
    changed = lenet["variants"]
    # '마지막 정확도가 흔한 방법과 똑같습니다'
    assert changed["autotune"]["quality"] == lenet["recipe_quality"]
    assert changed["autotune"]["seconds"] < lenet["recipe_seconds"]
    for variant in ("average", "center"):
        assert steps_to_threshold(lenet, variant) < steps_to_threshold(lenet, "recipe")
        assert lenet["recipe_quality"]["median"] < changed[variant]["quality"]["median"]
    assert min(changed, key=lambda variant: changed[variant]["seconds"]) == "schedule"
    assert lenet["chapter_seconds"] < changed["schedule"]["seconds"]
    best_changed = max(entry["quality"]["median"] for entry in changed.values())
    assert lenet["chapter_quality"]["median"] > best_changed
    assert reviews["recipe_quality"]["median"] < reviews["recipe_best_quality"]
    assert clothes["variants"]["schedule"]["seconds"] is None
    assert clothes["variants"]["wide"]["seconds"] < clothes["recipe_seconds"]
    for row in record.values():  # 마지막 품질은 어느 장도 흔한 방법보다 못하지 않습니다.
        ours, usual = row["chapter_quality"]["median"], row["recipe_quality"]["median"]
        assert ours < usual if row["lower_is_better"] else ours > usual
