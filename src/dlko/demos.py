"""방금 훈련한 신경망을 책의 쪽에 넘깁니다. 쪽에서는 독자의 브라우저가 그 신경망을 계산합니다."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

# 답할 때 아무 일도 하지 않는 층
TRAINING_ONLY = {
    "InputLayer",
    "Dropout",
    "GaussianNoise",
    "RandomTranslation",
    "RandomRotation",
    "RandomFlip",
}


def hand_over(
    name: str,
    model: Any | None,
    examples: np.ndarray | tuple[np.ndarray, ...],
    also: Callable[[np.ndarray], dict[str, np.ndarray]] | None = None,
    **facts: Any,
) -> None:
    """모델의 가중치와 보기를 사이트에 넘깁니다. 책을 만드는 중이 아니면 아무 일도 하지 않습니다.

    층을 차례로 쌓은 모델은 층의 설정도 넘깁니다. 다른 모델은 가중치를 이름과 함께 넘기고, 장의 `demo.js`가 계산합니다.
    가중치는 8비트 정수로 줄여 넘깁니다. 검사에 쓸 정답도 줄인 가중치로 계산하므로, 쪽의 계산이 Keras의 계산과
    같은지 그대로 견줄 수 있습니다. 모델의 가중치는 바뀌지 않습니다.

    Args:
        name: 넘길 이름. 장의 이름(`"cnn/digits"`)입니다.
        model: Keras 모델. 보기만 넘기려면 None.
        examples: 보기로 쓸 입력. 모양은 (개수, 입력의 모양). 처음 여섯은 쪽에서도 씁니다. 입력이 여럿인 모델이면
            입력마다의 배열이고, 그때는 검사에만 씁니다.
        also: 보기를 받아 정답과 함께 검사할 것을 이름마다 돌려주는 함수. 줄인 가중치로 부릅니다. 예: 클래스 활성화 지도.
        facts: 쪽에 함께 넘길 것. JSON으로 적을 수 있어야 합니다. 예: 토큰의 목록.

    Raises:
        TypeError: 쪽에서 계산할 수 없는 층이 있을 때.
    """
    folder = os.environ.get("DLKO_OUT")
    if not folder:
        return
    spec = dict(facts)
    if isinstance(examples, np.ndarray):
        spec |= {"shape": list(examples.shape[1:]), "examples": packed(examples[:6])}
    if model is not None:
        spec |= weights(model)
        inputs = [one.tolist() for one in examples] if isinstance(examples, tuple) else examples.tolist()
        pairs: dict[str, Any] = {"inputs": inputs}
        with reduced(model):
            given = list(examples) if isinstance(examples, tuple) else examples
            pairs["outputs"] = np.asarray(model.predict(given, verbose=0)).tolist()
            if also and isinstance(examples, np.ndarray):
                pairs |= {key: np.asarray(value).tolist() for key, value in also(examples).items()}
        Path(folder, "demo-examples.json").write_text(json.dumps(pairs), encoding="utf-8")
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    Path(folder, "demo.js").write_text(f"dlko.receive({json.dumps(name)}, {text});\n", encoding="utf-8")


def weights(model: Any) -> dict[str, Any]:
    """가중치. 차례로 쌓은 모델이면 층의 설정과 층마다의 배열, 아니면 이름마다의 배열."""
    if type(model).__name__ == "Sequential":
        layers = [layer for layer in model.layers if type(layer).__name__ not in TRAINING_ONLY]
        numbers = [written(weight) for layer in layers for weight in pair(layer)]
        return {"layers": [describe(layer) for layer in layers], "weights": numbers}
    return {
        "arrays": {
            weight.path: written(weight.numpy())
            for weight in model.weights
            if "seed" not in weight.path  # 드롭아웃의 난수
        }
    }


def written(weight: np.ndarray) -> dict[str, Any]:
    """쪽에 적을 배열. 표나 행렬이면 8비트 정수와 마지막 축의 눈금들, 벡터면 16비트 실수입니다."""
    if weight.ndim < 2:
        return {"shape": list(weight.shape), "data": packed(weight)}
    numbers, scale = to_integers(weight)
    return {"shape": list(weight.shape), "data": base64_text(numbers), "scale": packed(scale)}


def to_integers(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(8비트 정수, 눈금의 간격). 간격은 마지막 축의 칸마다 하나이고, 곱하면 원래 값에 가깝습니다."""
    largest = np.abs(weight).max(axis=tuple(range(weight.ndim - 1)))
    scale = np.maximum(largest / 127, np.finfo("float16").smallest_subnormal).astype("float16")
    return np.clip(np.round(weight / scale), -127, 127).astype("int8"), scale


@contextmanager
def reduced(model: Any) -> Iterator[None]:
    """가중치를 넘길 때처럼 줄여 두고, 끝나면 되돌립니다."""
    kept = model.get_weights()
    model.set_weights([as_written(weight) for weight in kept])
    try:
        yield
    finally:
        model.set_weights(kept)


def as_written(weight: np.ndarray) -> np.ndarray:
    """쪽에 적었다가 읽은 것과 같은 값. 난수의 상태 같은 정수는 그대로 둡니다."""
    if weight.dtype.kind != "f":
        return weight
    if weight.ndim < 2:
        return weight.astype("float16").astype(weight.dtype)
    numbers, scale = to_integers(weight)
    return numbers * scale.astype(weight.dtype)


def pair(layer: Any) -> list[np.ndarray]:
    """층의 가중치와 편향. 편향이 없으면 0입니다."""
    found = [np.asarray(weight) for weight in layer.get_weights()]
    if len(found) == 1:
        found.append(np.zeros(found[0].shape[-1]))
    return found


def packed(numbers: np.ndarray) -> str:
    """배열을 16비트 실수로 이어 base64로 적습니다."""
    return base64_text(np.asarray(numbers, dtype="<f2"))


def base64_text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.tobytes()).decode("ascii")


def describe(layer: Any) -> dict[str, Any]:
    """층의 종류와 설정. 이름은 Keras의 것입니다.

    Raises:
        TypeError: 쪽에서 계산할 수 없는 층일 때.
    """
    kind = type(layer).__name__
    about: dict[str, Any] = {"kind": kind, "name": layer.name}
    if kind in ("Conv2D", "Dense"):
        about["kernel_shape"] = list(layer.kernel.shape)
    if kind == "Conv2D":
        about |= {"strides": list(layer.strides), "padding": layer.padding}
    elif kind == "MaxPooling2D" and layer.padding == "valid":
        about |= {"pool_size": list(layer.pool_size), "strides": list(layer.strides)}
    elif kind == "Rescaling":
        about |= {"scale": np.ravel(layer.scale).tolist(), "offset": np.ravel(layer.offset).tolist()}
    elif kind == "LayerNormalization" and layer.axis == [-1] and len(layer.weights) == 2:
        about |= {"kernel_shape": list(layer.gamma.shape), "epsilon": layer.epsilon}
    elif kind == "Reshape":
        about["shape"] = list(layer.target_shape)
    elif kind not in ("Dense", "Flatten", "Softmax", "Activation"):
        raise TypeError(f"{kind} 층({layer.name})은 책의 쪽에서 계산할 수 없습니다.")
    if hasattr(layer, "activation"):
        about["activation"] = layer.activation.__name__
    return about
