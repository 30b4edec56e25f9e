"""지어낸 이야기: 조사가 바른지, 답과 근거 문장이 이야기와 맞는지, 가지 않기로 한 곳에 정말 가지 않는지."""

import pytest

from dlko.stories import ACTORS, LINES, NAMES, NEVER, PLACES, THINGS, add_particle, make_stories


@pytest.mark.parametrize(
    ("word", "particle", "right"),
    [
        ("민준", "은", "민준은"),
        ("지우", "은", "지우는"),
        ("민준", "이", "민준이"),
        ("지우", "이", "지우가"),
        ("책", "을", "책을"),
        ("열쇠", "을", "열쇠를"),
        ("부엌", "으로", "부엌으로"),
        ("학교", "으로", "학교로"),
        ("거실", "으로", "거실로"),  # 받침이 ㄹ이면 '로'
        ("거실", "은", "거실은"),
    ],
)
def test_particles_follow_the_final_sound(word, particle, right):
    assert add_particle(word, particle) == right


def read(sentence):
    """문장에서 (사람, 한 일, 간 곳이나 집은 물건). 조사는 앞의 낱말과 맞는지 확인합니다."""
    subject, rest, verb = sentence.split()
    name = next(n for n in NAMES if subject == add_particle(n, "은"))
    if verb == "집었습니다.":
        return name, "집기", next(t for t in THINGS if rest == add_particle(t, "을"))
    assert verb == "갔습니다."
    return name, "이동", next(p for p in PLACES if rest == add_particle(p, "으로"))


def solve(sentences, question):
    """사람이 읽듯 차례로 읽어 얻은 답과 근거 문장."""
    where, holder = {}, {}
    for i, sentence in enumerate(sentences):
        name, act, what = read(sentence)
        if act == "이동":
            where[name] = (what, i)
        else:
            assert what not in holder, "물건은 한 번만 집습니다."
            holder[what] = (name, i)
    for name, (place, i) in where.items():
        if question == f"{add_particle(name, '은')} 어디에 있습니까?":
            return place, (i,)
    for thing, (name, i) in holder.items():
        if question == f"{add_particle(thing, '은')} 어디에 있습니까?":
            return where[name][0], (i, where[name][1])
    raise AssertionError(question)


@pytest.mark.parametrize("facts", [1, 2])
@pytest.mark.parametrize("unseen", [False, True])
def test_answers_follow_from_the_stories(facts, unseen):
    stories = make_stories(300, facts, seed=1, unseen=unseen)
    assert len(stories.questions) == len(stories.answers) == len(stories.facts) == 300
    for sentences, question, answer, support in zip(
        stories.sentences, stories.questions, stories.answers, stories.facts, strict=True
    ):
        assert len(sentences) == LINES[facts]
        assert solve(sentences, question) == (answer, support)
        assert len({read(sentence)[0] for sentence in sentences}) <= ACTORS


@pytest.mark.parametrize("facts", [1, 2])
def test_forbidden_places_appear_only_when_asked_for(facts):
    for unseen in (False, True):
        stories = make_stories(300, facts, seed=2, unseen=unseen)
        for sentences, support in zip(stories.sentences, stories.facts, strict=True):
            broken = [i for i, s in enumerate(sentences) if read(s)[2] == NEVER[read(s)[0]]]
            assert broken == ([support[-1]] if unseen else [])


def test_only_the_deciding_move_differs():
    plain, changed = (make_stories(100, 2, seed=3, unseen=unseen) for unseen in (False, True))
    assert plain.questions == changed.questions and plain.facts == changed.facts
    for before, after, support in zip(plain.sentences, changed.sentences, plain.facts, strict=True):
        assert [i for i in range(len(before)) if before[i] != after[i]] == [support[-1]]


def test_everything_is_used_and_seeds_matter():
    stories = make_stories(500, 2, seed=4)
    assert set(stories.answers) == set(PLACES)
    assert {q.split()[0] for q in stories.questions} == {add_particle(t, "은") for t in THINGS}
    assert make_stories(500, 2, seed=4) == stories != make_stories(500, 2, seed=5)
