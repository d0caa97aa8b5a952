from textlines.profile.measure import measure
from textlines.profile.reading import Reading

RIGHT = [Reading(f"r{n}.jpg", "60.00", "60.00", 0.99) for n in range(100)]


def suspected(*lines: Reading, real: tuple[str, ...] = ()) -> dict[str, str]:
    found = measure([*RIGHT, *lines], None, real=real)
    assert found.profile.suspected == sum(bool(line.suspected) for line in found.misread)
    return {line.path: line.suspected for line in found.misread if line.suspected}


def test_a_sure_and_near_reading_makes_the_label_suspect() -> None:
    line = Reading("a.jpg", "JM0325965", "JM0325955", 0.97)
    assert suspected(line) == {"a.jpg": "sure, and 1 character apart"}


def test_an_unsure_or_a_far_reading_does_not() -> None:
    assert suspected(Reading("a.jpg", "12345", "12346", 0.89)) == {}
    assert suspected(Reading("a.jpg", "12345", "12346", None)) == {}
    assert suspected(Reading("a.jpg", "12345", "98765", 0.99)) == {}


def test_what_the_model_does_all_the_time_is_its_own_fault() -> None:
    lines = [Reading(f"{n}.jpg", "34.80", "3480", 0.99) for n in range(20)]
    assert suspected(*lines) == {}


def test_a_sure_reading_apart_by_a_convention_alone_is_suspect() -> None:
    lines = [Reading(f"{n}.jpg", "a:1", "a：1", 0.95) for n in range(20)]
    assert set(suspected(*lines).values()) == {"sure, and apart by a convention alone"}


def test_a_line_marked_real_is_never_suspect() -> None:
    line = Reading("a.jpg", "JM0325965", "JM0325955", 0.97)
    assert suspected(line, real=("a.jpg",)) == {}
