"""노트북을 실행하는 커널이 헛되이 기다리지 않고, 나오는 값은 그대로인지."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from toy import code

from course import cache, execute, kernel


class Watched(keras.Model):
    """훈련 한 스텝의 계산 그래프를 몇 번 엮는지 셉니다."""

    def train_step(self, data):
        self.woven = getattr(self, "woven", 0) + 1
        return super().train_step(data)


class Rows(keras.utils.PyDataset):
    """배치의 모양을 미리 알 수 없는 데이터."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return X[8 * index :][:8], Y[8 * index :][:8]


def watched(metrics: tuple[str, ...] = ("accuracy",)) -> keras.Model:
    keras.utils.clear_session()  # 층의 이름도 같게
    keras.utils.set_random_seed(0)
    inputs = keras.Input((3,))
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(4)(inputs))
    model = Watched(inputs, keras.layers.Dense(2, activation="softmax")(hidden))
    model.compile("adam", "categorical_crossentropy", metrics=list(metrics))
    return model


X, Y = np.random.default_rng(0).random((16, 3), "float32"), np.eye(2)[np.arange(16) % 2]


@pytest.mark.parametrize("as_dataset", [False, True])
def test_fit_weaves_its_graph_once_and_learns_the_same(monkeypatch, as_dataset):
    data = (tf.data.Dataset.from_tensor_slices((X, Y)).batch(8),) if as_dataset else (X, Y)
    plain = watched()
    before = plain.fit(*data, shuffle=False, epochs=2, verbose=0).history
    monkeypatch.setattr(keras.Model, "fit", keras.Model.fit)  # 검사가 끝나면 되돌립니다
    kernel.weave_graph_once()
    once = watched()
    assert once.fit(*data, shuffle=False, epochs=2, verbose=0).history == before
    assert (plain.woven, once.woven) == (2, 1)


def test_an_optimizer_is_built_where_the_batch_cannot_be_seen(monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", keras.Model.fit)
    kernel.weave_graph_once()
    model = watched(metrics=())
    model.fit(Rows(), verbose=0)
    assert model.woven == 1


def test_a_model_of_a_strategy_is_left_alone(monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", keras.Model.fit)
    kernel.weave_graph_once()
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)


def test_the_built_fit_leaves_a_mistake_to_keras(monkeypatch):
    monkeypatch.setattr(keras.Model, "fit", keras.Model.fit)
    with pytest.raises(ValueError) as plain:
        watched().fit(X[:, :2], Y, verbose=0)
    kernel.weave_graph_once()
    with pytest.raises(ValueError) as built:
        watched().fit(X[:, :2], Y, verbose=0)
    assert str(built.value) == str(plain.value)


def test_fit_runs_without_autotuning(monkeypatch):
    """`fit`이 속으로 만드는 tf.data까지 자동 조율을 끕니다."""
    start, tuned = tf.data.Dataset.__iter__, []

    def watched_start(dataset):
        tuned.append(dataset.options().autotune.enabled)
        return start(dataset)

    monkeypatch.setattr(tf.data.Dataset, "__iter__", watched_start)
    kernel.without_stalls()
    watched().fit(X, Y, epochs=2, batch_size=4, verbose=0)
    assert set(tuned) == {False}


def test_a_chapter_runs_quickened_after_its_setup(chapter):
    asks = (
        "import keras, tensorflow as tf\n"
        "assert keras.Model.fit.__code__.co_name == 'fit_built'\n"
        "assert tf.data.Dataset.__iter__.__module__ == 'course.kernel'"
    )
    toy = chapter(code("import dlko", "setup"), code(asks, "asks"))
    execute.execute(toy, cache.artifacts(toy))
