"""훈련하는 시간만 재는 시계와, 시계를 멈추고 품질을 재는 일."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras


class StepLimit(Exception):
    """정해진 스텝만큼만 재기로 하고 멈추었습니다."""


class Watch:
    """훈련을 지켜보며 (훈련한 초, 품질, 스텝)의 곡선을 적습니다.

    Args:
        every_epochs: 몇 에포크마다 품질을 잴지.
        checks_per_epoch: 한 에포크 안에서 몇 번 품질을 잴지. 에포크가 긴 훈련에 씁니다.
        step_limit: 이만큼의 스텝 뒤에 멈춥니다. 너무 긴 훈련의 한 스텝 시간만 잴 때 씁니다.
        now: 시각을 주는 함수.
    """

    def __init__(
        self,
        every_epochs: int = 1,
        checks_per_epoch: int = 1,
        step_limit: int | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.every_epochs = every_epochs
        self.checks_per_epoch = checks_per_epoch
        self.step_limit = step_limit
        self.quality: Callable[[], float] | None = None
        self.curve: list[tuple[float, float, int]] = []
        self.steps = 0
        self.first_step = 0.0
        self._now = now
        self._elapsed = 0.0
        self._since: float | None = None
        self._cpu_elapsed = 0.0
        self._cpu_since: float | None = None

    @property
    def cpu_seconds(self) -> float:
        """시계가 가는 동안 이 프로세스가 쓴 CPU 시간. 다른 일이 끼어들었는지 알아보는 데 씁니다."""
        return self._cpu_elapsed + (0.0 if self._cpu_since is None else time.process_time() - self._cpu_since)

    def start(self) -> None:
        self._since, self._cpu_since = self._now(), time.process_time()

    def stop(self) -> None:
        self._elapsed, self._since = self.seconds, None
        self._cpu_elapsed, self._cpu_since = self.cpu_seconds, None

    @property
    def is_running(self) -> bool:
        return self._since is not None

    @property
    def seconds(self) -> float:
        """지금까지 훈련한 시간."""
        return self._elapsed + (0.0 if self._since is None else self._now() - self._since)

    @contextmanager
    def running(self) -> Iterator[None]:
        """이 안에서만 시계가 갑니다."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """이 안에서는 시계가 멈춥니다."""
        was_running = self.is_running
        self.stop()
        try:
            yield
        finally:
            if was_running:
                self.start()

    def check(self) -> None:
        """시계를 멈추고 품질을 재어 곡선에 적습니다. 스텝만 재는 훈련에서는 재지 않습니다."""
        if self.step_limit is not None:
            return
        assert self.quality is not None, "watch.quality에 품질을 재는 함수를 먼저 넣습니다."
        with self.paused():
            self.curve.append((round(self._elapsed, 3), float(self.quality()), self.steps))

    def step(self) -> None:
        """가중치를 한 번 고쳤다고 알립니다."""
        self.steps += 1
        if self.steps == 1:
            self.first_step = self.seconds
        if self.step_limit is not None and self.steps >= self.step_limit:
            raise StepLimit

    def callback(self) -> "WatchCallback":
        """Keras의 `fit`에 넣을 콜백."""
        return WatchCallback(self)


class WatchCallback(keras.callbacks.Callback):
    """`fit`이 도는 동안 스텝을 세고, 정해진 때마다 품질을 잽니다."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.watch.step()
        parts, steps = self.watch.checks_per_epoch, (self.params or {}).get("steps")
        if parts > 1 and steps and batch + 1 in {round(steps * k / parts) for k in range(1, parts)}:
            with self.watch.paused(), averaged_weights(self.model):
                self.watch.check()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if (epoch + 1) % self.watch.every_epochs == 0:
            self.watch.check()


@contextmanager
def averaged_weights(model: keras.Model | None) -> Iterator[None]:
    """옵티마이저가 가중치의 이동 평균을 구하고 있으면, 이 안에서만 그 평균을 모델에 끼웁니다.

    에포크가 끝났을 때는 장의 `SwapEMAWeights`가 이미 끼워 둔 다음이므로 쓰지 않습니다.
    """
    if not getattr(getattr(model, "optimizer", None), "use_ema", False):
        yield
        return
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)
    swap.on_test_begin()
    try:
        yield
    finally:
        swap.on_test_end()


def warm_up() -> None:
    """아주 작은 모델을 한 번 훈련합니다. TensorFlow가 처음 쓸 때 불러오는 것들을 재지 않으려고 양쪽에서 똑같이 합니다."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    one = keras.ops.convert_to_numpy(keras.ops.ones((4, 1)))
    model.fit(one, one, epochs=1, verbose=0)
    model.predict(one, verbose=0)
