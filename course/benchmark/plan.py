"""장 하나를 재는 법. TensorFlow 없이 읽을 수 있어, 잴 장을 고르고 늘어놓는 일은 금방 끝납니다."""

import ast
import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from course.notebooks import Chapter, chapters

MAIN_SIDES = ("recipe", "chapter")
Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """장 하나를 재는 법. 칸은 모두 노트북에 적힌 id로 부릅니다.

    Attributes:
        recipe: 흔한 방법을 한 줄로.
        measure: 품질의 이름.
        quality: 노트북의 변수들을 받아, 지금까지 훈련한 모델의 품질을 잽니다.
        tolerance: 흔한 방법의 마지막 품질에서 이만큼 모자란 데까지를 기준으로 삼습니다.
        data_cells: 두 쪽이 함께 실행하는 칸. 준비하고 데이터를 만듭니다.
        data: 그 칸들의 변수에서 흔한 방법에 줄 데이터를 꺼냅니다. 두 쪽의 데이터는 그래서 같습니다.
        title: (데이터, 출처)를 받아 무엇이 몇 개인지 한 줄로 적습니다.
        cells: 장의 쪽에서 더 실행하는, 시간을 재지 않는 칸. `bench-train` 칸은 적지 않아도 모두 실행하고 잽니다.
        dataset: `dlko`가 불러올 데이터의 이름. 노트북이 다른 이름을 불러도 이것을 줍니다. 직접 만들면 비웁니다.
        lower_is_better: 작을수록 좋은 품질인지.
        profile: 노트북을 실행할 프로필.
        embedded_profile: dlko에 든 작은 데이터일 때의 프로필. 비어 있으면 `profile`입니다.
        epoch_function: 한 에포크를 훈련하는 노트북의 함수. 직접 짠 훈련 루프에서 이 함수가 끝날 때마다 품질을 잽니다.
        only_call: 잴 칸에서 이 함수의 첫 호출만 재고, 그다음 호출에는 같은 답을 줍니다.
        change_call: 그 호출의 인수를 (인수들, 씨앗)으로부터 바꿉니다.
        every_epochs: 몇 에포크마다 품질을 잴지. 두 쪽에 똑같이 씁니다.
        checks_per_epoch: 에포크 안에서 몇 번 잴지. 두 쪽에 똑같이 씁니다.
        partial_steps: 흔한 방법이 10분을 넘으면, 한 번만 끝까지 하고 나머지는 이만큼의 스텝만 잽니다.
        partial_variants: 언제나 이만큼의 스텝만 재는 변형.
    """

    recipe: str
    measure: str
    quality: Callable[[Variables], float]
    tolerance: float
    data_cells: tuple[str, ...]
    data: Callable[[Variables], Any]
    title: Callable[[Any, str], str]
    cells: tuple[str, ...]
    dataset: str = ""
    lower_is_better: bool = False
    profile: str = "full"
    embedded_profile: str = ""
    epoch_function: str = ""
    only_call: str = ""
    change_call: Callable[[tuple, int], tuple] | None = None
    every_epochs: int = 1
    checks_per_epoch: int = 1
    partial_steps: int = 30
    partial_variants: tuple[str, ...] = ()


def planned() -> list[Chapter]:
    """속도를 재는 장들. 방에 recipe.py가 있는 장입니다."""
    return [chapter for chapter in chapters() if (chapter.room / "recipe.py").exists()]


def load(chapter_name: str) -> ModuleType:
    """장의 recipe.py. 함수 `recipe(data, watch)`와 `PLAN`, 한 군데씩 고친 것들의 `VARIANTS`가 들어 있습니다."""
    return import_module(f"chapters.{chapter_name.replace('/', '.')}.recipe")


def fingerprint(function: FunctionType) -> str:
    """함수와, 그것이 부르는 같은 파일의 함수들의 지문. 설명이나 다른 변형을 고쳐도 그대로입니다."""
    trees: dict[str, ast.Module] = {}
    todo = [function]
    while todo:
        part = todo.pop()
        if part.__name__ in trees:
            continue
        tree = trees[part.__name__] = ast.parse(inspect.getsource(part))
        own = {*part.__code__.co_varnames, *part.__code__.co_cellvars}  # 인수와 함수 안의 변수
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - own
        found = (function.__globals__.get(name) for name in names)
        todo += [f for f in found if isinstance(f, FunctionType) and f.__module__ == function.__module__]
    text = "\n".join(ast.unparse(trees[name]) for name in sorted(trees))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --- 여러 장이 함께 쓰는 것 ------------------------------------------------------------------------------------------


def accuracy(model: Any, x: np.ndarray, y: np.ndarray) -> float:
    """여러 클래스의 정확도. 모델은 클래스마다 숫자 하나를 냅니다."""
    return float(np.mean(model.predict(x, batch_size=1000, verbose=0).argmax(axis=1) == y))


def pictures_title(name: str, data: Any, _: str) -> str:
    (x_train, _), (x_test, _) = data
    part = "전체" if len(x_train) == 60_000 else "부분집합"
    return f"{name} {part}: 훈련 {len(x_train):,}장, 테스트 {len(x_test):,}장"


fashion_title = partial(pictures_title, "Fashion-MNIST")
digits_title = partial(pictures_title, "MNIST")
