"""선형 오토인코더로 점들을 평면에 옮기기."""

import numpy as np

from course.benchmark.plan import Plan


def recipe(points, watch):
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(3)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    watch.quality = lambda: angle_to_pca(points, model.layers[1].kernel.numpy())
    model.fit(points, points, epochs=200, batch_size=32, callbacks=[watch.callback()], verbose=0)


def graph(points, watch):
    """같은 모델과 같은 학습률로 800스텝. 점 100개를 모두 한 배치로 넣고, 100스텝씩 계산 그래프 하나로 엮습니다."""
    import keras
    import tensorflow as tf
    from keras import layers

    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(3)])
    optimizer = keras.optimizers.SGD(learning_rate=0.1)
    optimizer.build(model.trainable_variables)
    data = tf.constant(points)

    @tf.function
    def train(steps):
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((data - model(data)) ** 2)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)

    watch.quality = lambda: angle_to_pca(points, model.layers[1].kernel.numpy())
    for _ in range(8):
        train(tf.constant(100))
        watch.check()


VARIANTS = {"graph": ("배치를 나누지 않고, 계산 그래프로 엮기", graph)}


def angle_to_pca(points, decoder):
    """오토인코더가 되돌린 점들이 놓이는 평면과 PCA 평면의 각도(도)."""
    _, _, directions = np.linalg.svd(points.astype("float64"), full_matrices=False)
    normal = np.cross(*decoder.astype("float64"))
    cosine = abs(normal @ directions[2]) / np.linalg.norm(normal)
    return float(np.degrees(np.arccos(min(1.0, cosine))))


PLAN = Plan(
    recipe="완전 연결층 2와 3, SGD 0.1, 배치 32, 200에포크",
    measure="PCA 평면과의 각도(도)",
    quality=lambda v: angle_to_pca(v["points"], v["linear"].layers[1].kernel.numpy()),
    tolerance=0.5,
    lower_is_better=True,
    data_cells=("setup", "points"),
    data=lambda v: v["points"],
    title=lambda points, _: f"3차원 점 {len(points)}개",
    cells=("svd", "pca-project", "ae-model", "angle", "train-step", "twenty-seeds"),
    only_call="angles_from_many_starts",
    change_call=lambda arguments, seed: (*arguments[:2], [seed]),
    every_epochs=5,
)
