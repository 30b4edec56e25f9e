"""지어낸 한국어 이야기와 질문: 누가 어디로 갔고 무엇을 집었는지, 그래서 지금 어디에 있는지.

답뿐 아니라 답을 알려 주는 문장(근거 문장)의 번호도 함께 냅니다. 그래서 모델이 옳은 곳을 읽었는지 잴 수 있습니다.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

NAMES = ("민준", "서연", "지훈", "하은", "지우", "수아", "도하", "유나")
PLACES = ("부엌", "거실", "학교", "시장", "공원", "도서관", "교실", "놀이터")
THINGS = ("사과", "공", "책", "우산", "모자", "열쇠")

# 이름마다 하나씩, 훈련할 이야기에서는 한 번도 가지 않는 곳.
NEVER: Mapping[str, str] = dict(zip(NAMES, PLACES, strict=True))

ACTORS = 4  # 이야기 하나에 나오는 사람의 수
LINES = {1: 8, 2: 10}  # 근거 문장의 수 → 이야기의 문장 수
TAKES = 4  # 근거 문장이 둘인 이야기에서 물건을 집는 문장의 수


@dataclass(frozen=True)
class Stories:
    """이야기 N개와 질문, 정답.

    Attributes:
        sentences: 이야기마다 문장의 목록.
        questions: 이야기마다 질문 하나.
        answers: 질문의 답. `PLACES` 가운데 하나.
        facts: 이야기마다 근거 문장의 번호(0부터). 하나이면 `(이동,)`, 둘이면 `(집기, 이동)`.
    """

    sentences: list[list[str]]
    questions: list[str]
    answers: list[str]
    facts: list[tuple[int, ...]]


def add_particle(word: str, particle: str) -> str:
    """낱말의 끝소리에 맞는 조사를 붙입니다.

    Args:
        word: 한글로 끝나는 낱말.
        particle: `"은"`, `"이"`, `"을"`, `"으로"` 가운데 하나. 받침이 없으면 `"는"`, `"가"`, `"를"`, `"로"`가 됩니다.
            `"으로"`는 받침이 ㄹ일 때도 `"로"`입니다.

    Returns:
        조사를 붙인 낱말. 예: `"거실로"`, `"부엌으로"`.
    """
    final = (ord(word[-1]) - ord("가")) % 28  # 0이면 받침이 없고 8이면 ㄹ입니다.
    bare = final == 0 or (particle == "으로" and final == 8)
    return word + ({"은": "는", "이": "가", "을": "를", "으로": "로"}[particle] if bare else particle)


def make_stories(count: int, facts: int, *, seed: int, unseen: bool = False) -> Stories:
    """이야기를 짓습니다. 아무도 자기의 `NEVER`에는 가지 않습니다.

    Args:
        count: 이야기의 수 N.
        facts: 근거 문장의 수. 1이면 사람이, 2이면 물건이 어디에 있는지 묻습니다.
        seed: 난수의 씨앗. 같으면 같은 이야기입니다.
        unseen: True이면 답을 정하는 이동 한 번만 그 사람의 `NEVER`로 바꿉니다. 나머지는 그대로입니다.

    Returns:
        이야기와 정답.
    """
    rng = np.random.default_rng(seed)
    made = [_make_story(rng, facts, unseen) for _ in range(count)]
    return Stories(*(list(part) for part in zip(*made, strict=True)))


def _make_story(
    rng: np.random.Generator, facts: int, unseen: bool
) -> tuple[list[str], str, str, tuple[int, ...]]:
    """이야기 하나: 문장들, 질문, 답, 근거 문장의 번호."""
    lines = LINES[facts]
    actors = [NAMES[i] for i in rng.choice(len(NAMES), ACTORS, replace=False)]
    who = [actors[i] for i in rng.integers(ACTORS, size=lines)]
    takes = set(rng.choice(lines, TAKES, replace=False).tolist()) if facts == 2 else set()
    things = iter(rng.permutation(THINGS).tolist())
    where: dict[str, str] = {}  # 사람마다 마지막으로 간 곳
    moved: dict[str, int] = {}  # 사람마다 마지막으로 간 문장
    taken: dict[str, int] = {}  # 물건마다 집은 문장
    objects: list[str] = []  # 문장마다 간 곳이나 집은 물건
    for i, name in enumerate(who):
        if i in takes:
            thing = next(things)
            taken[thing] = i
            objects.append(thing)
        else:
            choices = [p for p in PLACES if p not in (where.get(name), NEVER[name])]
            where[name] = choices[rng.integers(len(choices))]
            moved[name] = i
            objects.append(where[name])
    if facts == 1:
        asked = list(moved)[rng.integers(len(moved))]
        support: tuple[int, ...] = (moved[asked],)
    else:
        known = [thing for thing, i in taken.items() if who[i] in moved]
        if not known:  # 집은 사람이 아무도 움직이지 않았으면 다시 짓습니다.
            return _make_story(rng, facts, unseen)
        asked = known[rng.integers(len(known))]
        support = (taken[asked], moved[who[taken[asked]]])
    last = support[-1]
    if unseen:
        objects[last] = NEVER[who[last]]
    sentences = [
        f"{add_particle(name, '은')} "
        + (
            f"{add_particle(what, '을')} 집었습니다."
            if i in takes
            else f"{add_particle(what, '으로')} 갔습니다."
        )
        for i, (name, what) in enumerate(zip(who, objects, strict=True))
    ]
    return sentences, f"{add_particle(asked, '은')} 어디에 있습니까?", objects[last], support
