"""Exported Paddle programs from anywhere: damaged ones, and such as do more than compute."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from textlines.errors import InputError
from train.models.graph_files import parameters_of, read_pir, read_program

Write = Callable[[str, str | bytes], Path]


def program(*operations: Any) -> str:
    return json.dumps({"program": {"regions": [{"blocks": [{"ops": list(operations)}]}]}})


def operation(name: str, **more: Any) -> dict[str, Any]:
    return {"#": name, "I": [], "O": [{"%": 1}], "A": [], **more}


@pytest.mark.parametrize("name", ["1.save_combine", "1.py_func", "1.load", "1.while", "1.print_"])
def test_a_program_that_does_more_than_compute_is_refused(write_file: Write, name: str) -> None:
    path = write_file("inference.json", program(operation("1.relu"), operation(name)))
    with pytest.raises(InputError, match=r"holds an operation \(\w+\) that does more than compute"):
        read_pir(path, path.with_name("none"))


def test_a_program_with_a_block_in_a_block_is_refused(write_file: Write) -> None:
    path = write_file("inference.json", program(operation("1.x", regions=[{"blocks": []}])))
    with pytest.raises(InputError, match="does more than compute"):
        read_pir(path, path.with_name("none"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 200_000, "is nested deeper than 64"),
        ('{"program": [1, 2]}', "is no exported Paddle program"),
        (program(3), "is no exported Paddle program"),
        (program({"#": "p", "O": {"%": 1}, "A": []}), "is no exported Paddle program"),
        (program(operation("1.relu", I=[{}])), "is no exported Paddle program"),
        (program(operation("1.relu", A=[{"N": "epsilon", "AT": 3}])), "is no exported Paddle"),
        (program(operation("1.relu", A=[{"N": "epsilon", "AT": {"D": "x"}}])), "is no exported"),
        ('{"a": "\\ud800"}', "half of a surrogate pair"),
    ],
)
def test_a_damaged_program_is_refused_in_words(
    write_file: Write, content: str, message: str
) -> None:
    path = write_file("inference.json", content)
    with pytest.raises(InputError, match=rf"inference\.json: .*{message}") as caught:
        read_pir(path, path.with_name("none"))
    assert len(str(caught.value)) < 500


def test_a_program_of_paddle_2_that_saves_is_refused(write_file: Write) -> None:
    pb = pytest.importorskip("paddle.base.proto.framework_pb2")
    description = pb.ProgramDesc()
    block = description.blocks.add(idx=0, parent_idx=-1)
    block.ops.add(type="save_combine")
    path = write_file("inference.pdmodel", description.SerializeToString())
    with pytest.raises(InputError, match=r"\(save_combine\) that does more than compute"):
        read_program(path, path.with_name("none"))
    with pytest.raises(InputError, match="is no exported Paddle program"):
        read_program(write_file("inference.pdmodel", b"garbage\xff"), path.with_name("none"))


def test_the_parameters_of_a_program_of_paddle_2_are_sized(write_file: Write) -> None:
    pb = pytest.importorskip("paddle.base.proto.framework_pb2")
    description = pb.ProgramDesc()
    block = description.blocks.add(idx=0, parent_idx=-1)
    for name, shape, is_kept in (("conv.w_0", (4, 3, 2, 2), True), ("x", (1, 3), False)):
        variable = block.vars.add(name=name, persistable=is_kept)
        variable.type.type = 7
        field = variable.type.DESCRIPTOR.fields_by_number[3].name
        tensor = getattr(variable.type, field).tensor
        tensor.data_type = 5
        tensor.dims.extend(shape)
    path = write_file("inference.pdmodel", description.SerializeToString())
    assert parameters_of(path) == {"conv.w_0": (4, 3, 2, 2)}
