"""커널 안에서 한쪽을 한 번 잽니다. 노트북의 변수들 곁에서 돌므로 시간에는 커널과 주고받는 시간이 들지 않습니다."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from IPython import get_ipython

import dlko
from course.benchmark.measure import StepLimit, Watch, warm_up
from course.benchmark.plan import load
from course.kernel import move_start, run_cell, without_stalls
from dlko.environment import software_versions
from dlko.provenance import content_hash


class Side:
    """흔한 방법(`recipe`), 이 책의 장(`chapter`), 또는 `VARIANTS`에 든 변형 가운데 하나.

    노트북의 칸을 하나도 실행하기 전에 만듭니다. 불러올 데이터와 난수의 씨앗을 정해 두기 때문입니다.
    """

    def __init__(self, chapter: str, side: str, seed: int, steps: int | None = None) -> None:
        self.recipe = load(chapter)
        self.plan = self.recipe.PLAN
        self.side, self.seed = side, seed
        self.watch = Watch(self.plan.every_epochs, self.plan.checks_per_epoch, steps)
        self.data: Any = None
        self._wrapped: list[Callable] = []
        without_stalls()
        warm_up()
        if self.plan.dataset:
            load_data, data_source = dlko.load_data, dlko.data_source

            def planned_data(data: Any, *, side: int = 0) -> Any:
                return load_data(self.plan.dataset)

            dlko.load_data = planned_data
            dlko.data_source = lambda data: data_source(self.plan.dataset)
        if side == "chapter":
            move_start(seed)
            keras.Model.fit = self._watched(keras.Model.fit)
            self.watch.quality = lambda: self.plan.quality(self.variables)
        else:  # 흔한 튜토리얼은 결정적 연산을 켜지 않습니다. 준비 칸이 켜면 느려질 수 있습니다.
            tf.config.experimental.enable_op_determinism = lambda: None

    @property
    def variables(self) -> dict[str, Any]:
        return get_ipython().user_ns

    def take_data(self) -> dict[str, Any]:
        """데이터의 칸들이 만든 데이터를 잡아 두고, 무엇으로 어디서 재는지 돌려줍니다."""
        name = self.plan.dataset
        source = dlko.data_source(name) if name else ""
        if source == "embedded" and self.plan.embedded_profile:
            os.environ["DLKO_PROFILE"] = self.plan.embedded_profile
        self.data = self.plan.data(self.variables)
        title = self.plan.title(self.data, source)
        digest = content_hash(*_arrays(self.data))
        return {
            "data": [{"name": name, "source": source, "title": title, "sha256": digest}],
            "profile": dlko.profile(),
            "device": dlko.device(),
            "versions": software_versions(),
        }

    def train_recipe(self) -> None:
        """흔한 방법, 또는 그것을 한 군데씩 고친 것을 훈련합니다."""
        function = self.recipe.recipe if self.side == "recipe" else self.recipe.VARIANTS[self.side][1]
        keras.utils.set_random_seed(self.seed)
        with contextlib.suppress(StepLimit), self.watch.running():
            function(self.data, self.watch)

    def run_timed(self, source: str) -> None:
        """노트북의 `bench-train` 칸 하나를 실행하며 시간을 잽니다."""
        for name, wrap in (
            (self.plan.only_call, self._first_call),
            (self.plan.epoch_function, self._each_epoch),
        ):
            function = self.variables.get(name)
            if function is not None and function not in self._wrapped:
                self.variables[name] = wrap(function)
                self._wrapped.append(self.variables[name])
        with self.watch.running():
            run_cell(source)

    def result(self) -> dict[str, Any]:
        """마지막 품질까지 재고, 이번에 잰 것을 돌려줍니다."""
        self.watch.check()
        return {
            "side": self.side,
            "seed": self.seed,
            "complete": self.watch.step_limit is None,
            "seconds": round(self.watch.seconds, 3),
            "cpu_seconds": round(self.watch.cpu_seconds, 3),
            "steps": self.watch.steps,
            "first_step": round(self.watch.first_step, 3),
            "curve": [[seconds, round(value, 6), steps] for seconds, value, steps in self.watch.curve],
        }

    def _watched(self, fit: Callable) -> Callable:
        """재는 칸에서 부른 `fit`에 지켜보는 콜백을 넣습니다."""

        def call(model: Any, *arguments: Any, **options: Any) -> Any:
            if self.watch.is_running:
                options["callbacks"] = [*(options.get("callbacks") or []), self.watch.callback()]
            return fit(model, *arguments, **options)

        return call

    def _first_call(self, function: Callable) -> Callable:
        """첫 호출을 마치면 시계를 멈춥니다. 그다음 호출은 훈련하지 않고 같은 답을 돌려줍니다."""
        answers: list[Any] = []

        def call(*arguments: Any) -> Any:
            if not answers:
                answers.append(function(*self.plan.change_call(arguments, self.seed)))
                self.watch.stop()
            return answers[0]

        return call

    def _each_epoch(self, function: Callable) -> Callable:
        """한 에포크를 훈련하는 함수가 끝날 때마다 품질을 잽니다."""

        def call(*arguments: Any, **options: Any) -> Any:
            returned = function(*arguments, **options)
            if self.watch.is_running:
                self.watch.check()
            return returned

        return call


def _arrays(data: Any) -> Iterator[Any]:
    """겹겹의 튜플에 든 배열을 차례로 꺼냅니다."""
    if isinstance(data, tuple):
        for part in data:
            yield from _arrays(part)
    else:
        yield data
