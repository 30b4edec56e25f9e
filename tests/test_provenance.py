"""데이터의 내용을 가리키는 해시."""

import hashlib

import numpy as np

from dlko.provenance import content_hash


def test_bytes_of_all_arrays_in_order() -> None:
    images, labels = np.arange(12, dtype=np.uint8).reshape(3, 2, 2), np.array([1, 2, 3], np.int64)
    expected = hashlib.sha256(images.tobytes() + labels.astype("<i8").tobytes()).hexdigest()
    assert content_hash(images, labels) == expected != content_hash(labels, images)


def test_layout_in_memory_does_not_matter() -> None:
    numbers = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
    for same in (np.asfortranarray(numbers), numbers.astype(">i4"), np.repeat(numbers, 2, axis=0)[::2]):
        assert content_hash(same) == content_hash(numbers)
    assert content_hash(numbers.astype("float16")[::2]) == content_hash(numbers[:1].astype("float16"))
    assert content_hash(numbers, np.zeros((0, 3))) == content_hash(numbers)


def test_texts_are_joined_as_utf8() -> None:
    texts = ["좋다", "별로"]
    expected = hashlib.sha256("좋다\n별로".encode()).hexdigest()
    assert content_hash(np.array(texts, object)) == content_hash(np.array(texts)) == expected
