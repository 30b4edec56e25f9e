"""한 스텝의 시간을 계산과 통신으로 나누어 잽니다. record.py가 워커로 띄웁니다: speed.py 스레드의 수 결과의 이름

환경 변수 TF_CONFIG에 주소가 하나뿐이면 혼자, 여럿이면 MultiWorkerMirroredStrategy로 잽니다.
"""

import faulthandler
import json
import os
import sys
import time
from pathlib import Path

faulthandler.dump_traceback_later(120, exit=True)
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

CASES = [(64, 64), (1024, 64), (1024, 1024)]  # (은닉층의 너비, 전체 배치)
REPEATS = 5


def milliseconds(function, steps):
    """`steps`번 부른, 한 번에 드는 밀리초: (벽시계, 이 프로세스의 CPU)."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(steps):
        function()
    spent = time.perf_counter() - wall, time.process_time() - cpu
    return [seconds / steps * 1000 for seconds in spent]


def measure(strategy, width, batch):
    """한 스텝, 기울기만, 올리듀스만 할 때의 밀리초. 번갈아 여러 번 잽니다."""
    mine = batch // strategy.num_replicas_in_sync
    with strategy.scope():
        model = keras.Sequential(
            [
                keras.Input((784,)),
                keras.layers.Dense(width, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9)
        optimizer.build(model.trainable_variables)
    random = np.random.default_rng(strategy.num_replicas_in_sync)
    x = tf.constant(random.random((mine, 784)), "float32")
    y = tf.constant(random.integers(0, 10, mine))

    def gradient():
        with tf.GradientTape() as tape:
            losses = keras.losses.sparse_categorical_crossentropy(y, model(x))
            loss = tf.reduce_sum(losses) / batch
        return tape.gradient(loss, model.trainable_variables)

    def whole():
        optimizer.apply(gradient(), model.trainable_variables)

    zeros = [tf.zeros(v.shape) for v in model.trainable_variables]

    def talk():
        return tf.distribute.get_replica_context().all_reduce("SUM", zeros)

    parts = {"step": whole, "gradient": gradient, "reduce": talk}
    functions = {name: tf.function(lambda part=part: strategy.run(part)) for name, part in parts.items()}
    for function in functions.values():
        function()  # 계산 그래프를 만드는 시간은 세지 않습니다
    rows = []
    for repeat in range(REPEATS):
        row = {"repeat": repeat, "width": width, "batch": batch, "parameters": model.count_params()}
        for name, function in functions.items():
            wall, cpu = milliseconds(function, 20 if batch < 1000 else 3)
            row |= {f"{name}_ms": wall, f"{name}_cpu_ms": cpu}
        rows.append(row)
    return rows


def main():
    threads, name = int(sys.argv[1]), sys.argv[2]
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    config = json.loads(os.environ["TF_CONFIG"])
    if len(config["cluster"]["worker"]) > 1:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    else:
        strategy = tf.distribute.get_strategy()
    rows = [row for case in CASES for row in measure(strategy, *case)]
    if config["task"]["index"] == 0:
        Path(f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")


main()
