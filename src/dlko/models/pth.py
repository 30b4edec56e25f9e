"""PyTorch가 저장한 가중치 파일(예전 형식의 .pth)을 PyTorch 없이 읽습니다.

.pth는 pickle이라서 그냥 열면 파일에 적힌 코드가 실행될 수 있습니다. 여기서는 가중치에 필요한 이름 몇 개만 알아듣고
나머지는 모두 거절하므로, 파일 안의 어떤 것도 실행되지 않습니다.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dlko.data.spec import DataError

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
DTYPES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8"}


class Storage(NamedTuple):
    """값이 늘어선 한 덩이. 값 자체는 파일의 뒤쪽에 있습니다."""

    key: str
    dtype: str
    size: int


class Tensor(NamedTuple):
    """덩이의 어디를 어떤 모양으로 읽을지."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(storage: Storage, offset: int, shape: Any, strides: Any, *_: Any) -> Tensor:
    return Tensor(storage, offset, tuple(shape), tuple(strides))


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise pickle.UnpicklingError(f"가중치에 필요 없는 이름: {module}.{name}")

    def persistent_load(self, pid: Any) -> Storage:
        kind, dtype, key, _, size, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("모르는 저장 방식")
        return Storage(key, dtype, size)


def read_pth(path: Path) -> dict[str, np.ndarray]:
    """파일에 든 이름과 배열을, 저장된 차례대로 읽습니다.

    Returns:
        배열은 PyTorch의 축 순서 그대로입니다. 합성곱의 가중치는 `(나가는 채널, 들어오는 채널, 높이, 너비)`입니다.

    Raises:
        DataError: 예전 형식의 .pth가 아니거나, 잘렸거나, 가중치가 아닌 것이 들어 있을 때.
    """
    try:
        with path.open("rb") as file:
            magic, version, system, tensors, keys = (_Unpickler(file).load() for _ in range(5))
            if magic != MAGIC or version != VERSION or not system["little_endian"]:
                raise ValueError("예전 형식의 .pth가 아닙니다")
            storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
            values = {key: _read_storage(file, storages[key]) for key in keys}
            if file.read(1):
                raise ValueError("파일이 적힌 것보다 깁니다")
        return {name: _view(values[tensor.storage.key], tensor) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path.name}: 가중치 파일로 읽을 수 없습니다. ({error})") from error


def _read_storage(file: Any, storage: Storage) -> np.ndarray:
    (size,) = np.fromfile(file, "<i8", 1)
    values = np.fromfile(file, storage.dtype, storage.size)
    if not size == storage.size == len(values):
        raise ValueError("파일이 중간에 잘렸습니다")
    return values


def _view(values: np.ndarray, tensor: Tensor) -> np.ndarray:
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    if min((*tensor.strides, tensor.offset, 0)) < 0 or last >= len(values):
        raise ValueError("배열이 덩이 밖을 가리킵니다")
    steps = [stride * values.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(values[tensor.offset :], tensor.shape, steps).copy()
