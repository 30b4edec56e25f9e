"""한쪽을 한 번 잽니다. 결과를 JSON 파일에 씁니다.

    python -m benchmarks.one 장 쪽 씨앗 결과파일 [--steps 스텝]

쪽은 `recipe`(흔한 방법), `chapter`(이 책의 장), 또는 recipes의 `VARIANTS`에 든 이름입니다.
"""

import argparse
import contextlib
import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapter")
    parser.add_argument("side")
    parser.add_argument("seed", type=int)
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int)
    given = parser.parse_args()
    os.environ.update(MPLBACKEND="agg", DLKO_PROFILE="full")
    os.environ.pop("DLKO_OUT", None)

    import dlko
    from benchmarks.chapters import PLANS
    from benchmarks.measure import StepLimit, Watch, warm_up
    from dlko.environment import software_versions

    plan = PLANS[given.chapter]
    data = plan.data()
    small = data.source == "embedded" and plan.embedded_profile
    os.environ["DLKO_PROFILE"] = plan.embedded_profile if small else plan.profile
    watch = Watch(plan.every_epochs, plan.checks_per_epoch, given.steps)
    warm_up()
    run = run_chapter if given.side == "chapter" else run_recipe
    try:
        run(given.chapter, given.side, data, given.seed, watch)
    except StepLimit:
        print(f"{watch.steps}스텝만 쟀습니다.")
    result = {
        "side": given.side,
        "seed": given.seed,
        "complete": given.steps is None,
        "seconds": round(watch.seconds, 3),
        "cpu_seconds": round(watch.cpu_seconds, 3),
        "steps": watch.steps,
        "first_step": round(watch.first_step, 3),
        "curve": [[seconds, round(value, 6), steps] for seconds, value, steps in watch.curve],
        "data": {"title": data.title, "sha256": data.sha256},
        "profile": dlko.profile(),
        "device": dlko.device(),
        "versions": software_versions(),
    }
    given.output.write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")


def run_recipe(chapter: str, side: str, data: Any, seed: int, watch: Any) -> None:
    """흔한 방법, 또는 그것을 한 군데씩 고친 것을 훈련합니다."""
    import keras

    module = importlib.import_module("benchmarks.recipes." + chapter.replace("/", "_"))
    function = module.recipe if side == "recipe" else module.VARIANTS[side][1]
    keras.utils.set_random_seed(seed)
    with watch.running():
        function(data.arrays, watch)
    watch.check()


def run_chapter(chapter: str, side: str, data: Any, seed: int, watch: Any) -> None:
    """노트북의 칸들을 실행하고, `bench-train` 칸의 시간을 잽니다."""
    from benchmarks import notebook
    from benchmarks.chapters import PLANS

    cells = notebook.read_cells(notebook.NOTEBOOKS / f"{chapter}.ipynb")
    ChapterRun(chapter, PLANS[chapter], data, seed, watch).run(cells)


class ChapterRun:
    """노트북의 칸을 실행하는 동안 `fit`, 난수의 씨앗, 데이터를 주는 함수를 바꿔치기합니다."""

    def __init__(self, name: str, plan: Any, data: Any, seed: int, watch: Any) -> None:
        self.name, self.plan, self.data, self.seed, self.watch = name, plan, data, seed, watch
        self.variables: dict[str, Any] = {}
        self.model: Any = None  # 재는 칸에서 마지막으로 훈련한 모델
        self.in_timed_cell = False
        self.wrapped: list[Callable] = []
        watch.quality = lambda: plan.quality(self.variables, self.model)

    def run(self, cells: list[Any]) -> None:
        import keras

        import dlko
        from benchmarks.notebook import replaced, run_cells

        loaded = self.data.arrays if self.data.loaded is None else self.data.loaded
        set_seed = keras.utils.set_random_seed
        with (
            replaced(keras.Model, fit=self.watched(keras.Model.fit)),
            replaced(keras.utils, set_random_seed=lambda value: set_seed(value + 1000 * self.seed)),
            replaced(
                dlko,
                load_data=lambda *name: loaded,
                data_source=lambda name: self.data.source,
            ),
        ):
            run_cells(cells, self.plan.skip, self.plan.given, self.timed, self.before_timed)
        if self.plan.final_model:
            self.model = self.variables[self.plan.final_model]
        self.watch.check()

    def before_timed(self, variables: dict[str, Any]) -> None:
        """잴 칸 앞에서: 데이터가 같은지 보고, 약속한 함수를 감쌉니다."""
        self.variables = variables
        if self.plan.same_data and not self.plan.same_data(variables, self.data.arrays):
            sys.exit(f"{self.name}: 노트북이 다른 데이터로 훈련하려고 합니다.")
        for name, wrap in (
            (self.plan.only_call, self.first_call),
            (self.plan.epoch_function, self.each_epoch),
        ):
            function = variables.get(name)
            if function is not None and function not in self.wrapped:
                variables[name] = wrap(function)
                self.wrapped.append(variables[name])

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        self.in_timed_cell = True
        try:
            with self.watch.running():
                yield
        finally:
            self.in_timed_cell = False

    def watched(self, fit: Callable) -> Callable:
        """재는 칸에서 부른 `fit`에 지켜보는 콜백을 넣습니다."""

        def call(model: Any, *arguments: Any, **options: Any) -> Any:
            if self.in_timed_cell:
                self.model = model
                options["callbacks"] = [*(options.get("callbacks") or []), self.watch.callback()]
            return fit(model, *arguments, **options)

        return call

    def first_call(self, function: Callable) -> Callable:
        """첫 호출만 재고 칸을 끝냅니다. 함수는 모델, 또는 모델로 시작하는 묶음을 돌려줍니다."""
        from benchmarks.notebook import Finished

        def call(*arguments: Any) -> None:
            if self.plan.change_call:
                arguments = self.plan.change_call(arguments, self.seed)
            returned = function(*arguments)
            self.model = returned[0] if isinstance(returned, tuple) else returned
            raise Finished

        return call

    def each_epoch(self, function: Callable) -> Callable:
        """한 에포크를 훈련하는 함수가 끝날 때마다 품질을 잽니다."""

        def call(*arguments: Any, **options: Any) -> Any:
            returned = function(*arguments, **options)
            if self.in_timed_cell:
                self.watch.check()
            return returned

        return call


if __name__ == "__main__":
    main()
