"""한국어 딥러닝 강의 노트북이 함께 쓰는 도우미입니다.

노트북에서 되풀이되는 일(한글 글꼴, 난수 고정, 데이터 불러오기, 자주 쓰는 그림, 합격선 검사)만 모았습니다.
모델, 손실 함수, 훈련 과정은 숨기지 않고 노트북에 그대로 둡니다.
"""

import os

# TensorFlow는 불러오는 순간 이 값을 읽습니다. 그래서 dlko를 keras보다 먼저 불러옵니다.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from dlko.quiet import import_tensorflow_in_notebook

if os.environ["KERAS_BACKEND"] == "tensorflow":
    import_tensorflow_in_notebook()

from dlko.checks import check_floor, note_data
from dlko.data import (
    CLASS_NAMES,
    DataError,
    data_source,
    load_data,
    my_photos,
    open_photo,
    read_prices,
    review_kinds,
)
from dlko.data.constitution import load_constitution
from dlko.data.features import about_features, load_features
from dlko.demos import hand_over
from dlko.environment import device, pick, profile, setup
from dlko.judge import frechet_distance, judge_features, judge_probabilities
from dlko.models import can_reach, extractor_path, imagenet_model, imagenet_names
from dlko.plots import drawable, plot_confusion, plot_history, show_animation, show_images
from dlko.records import recorded
from dlko.scenes import Scenes, cut_out, make_scenes
from dlko.stories import Stories, make_stories

__all__ = [
    "CLASS_NAMES",
    "DataError",
    "Scenes",
    "Stories",
    "about_features",
    "can_reach",
    "check_floor",
    "cut_out",
    "data_source",
    "device",
    "drawable",
    "extractor_path",
    "frechet_distance",
    "hand_over",
    "imagenet_model",
    "imagenet_names",
    "judge_features",
    "judge_probabilities",
    "load_constitution",
    "load_data",
    "load_features",
    "make_scenes",
    "make_stories",
    "my_photos",
    "note_data",
    "open_photo",
    "pick",
    "plot_confusion",
    "plot_history",
    "profile",
    "read_prices",
    "recorded",
    "review_kinds",
    "setup",
    "show_animation",
    "show_images",
]
