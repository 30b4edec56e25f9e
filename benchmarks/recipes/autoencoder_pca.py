"""autoencoder/pca: 선형 오토인코더로 점들을 평면에 옮기기."""

import keras
import tensorflow as tf
from keras import layers

from benchmarks.quality import angle_to_pca


def recipe(points, watch):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(3)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mse")
    watch.quality = lambda: angle_to_pca(points, model.layers[1].kernel.numpy())
    model.fit(points, points, epochs=200, batch_size=32, callbacks=[watch.callback()], verbose=0)


def graph(points, watch):
    """같은 모델과 같은 SGD를 같은 800스텝. 100스텝씩 계산 그래프 하나로 엮습니다."""
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


VARIANTS = {"graph": ("같은 SGD를 계산 그래프로 엮기", graph)}
