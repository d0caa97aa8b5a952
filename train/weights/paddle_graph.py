"""An exported Paddle model as a graph: `inference.json` (PIR) or `inference.pdmodel`."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import read_regular, read_text, unreadable
from textlines.parsing import parse_json
from train.weights.graph import Graph, Op
from train.weights.paddle_params import read_params
from train.weights.unpickling import read_pickle

_KINDS = {
    "conv2d": "conv",
    "depthwise_conv2d": "conv",
    "fused_conv2d_add_act": "conv",
    "batch_norm": "batch_norm",
    "batch_norm_": "batch_norm",
    "layer_norm": "layer_norm",
    "matmul": "matmul",
    "matmul_v2": "matmul",
    "add": "add",
    "elementwise_add": "add",
    "multiply": "mul",
    "elementwise_mul": "mul",
    "hardswish": "hardswish",
    "hard_swish": "hardswish",
    "reshape": "reshape",
    "reshape2": "reshape",
}

# PIR has (x, mean, variance, scale, bias), a program names its inputs; ours is ONNX's order.
_PIR_NORM = (0, 3, 4, 1, 2)
_SLOTS: Mapping[str, tuple[str, ...]] = {
    "conv2d": ("Input", "Filter", "Bias"),
    "depthwise_conv2d": ("Input", "Filter", "Bias"),
    "batch_norm": ("X", "Scale", "Bias", "Mean", "Variance"),
    "layer_norm": ("X", "Scale", "Bias"),
}
_FIRST_OUTPUTS = {"batch_norm": "Y", "layer_norm": "Y", "conv2d": "Output"}


_COPY = "Copy it again, whole."

_EFFECTS = re.compile(
    r"^(?:save|load|py_?func|py_?layer|run_program|print|assert|read|write|send|recv|listen|c_|"
    r"distributed|while|if$|conditional_block|cond$|array_|create_)"
)
"""Operations that touch files or other machines, run other code, or may not end."""


def _refuse_effects(program: Path, kinds: Iterable[str]) -> None:
    """Refuse a program that does more than compute: Paddle runs all that it names.

    Raises:
        InputError: it does; names the operation.
    """
    kind = next((kind for kind in kinds if _EFFECTS.match(kind)), None)
    if kind is not None:
        raise InputError(
            str(program),
            f"holds an operation ({kind[:40]}) that does more than compute: no recognizer does, "
            "and it is not run",
            "Get the model from its publisher.",
        )


def read_pir(program: Path, weights: Path) -> Graph:
    """Read `inference.json` and its weights.

    Raises:
        InputError: a file is broken or cut short, or the two do not belong together.
    """
    try:
        text = read_text(program, "the program")
        content = parse_json(text, str(program), "the program", "Copy it again, whole.")
        operations = content["program"]["regions"][0]["blocks"][0]["ops"]
        names, ops = {}, []
        for operation in operations:
            if operation["#"] == "p":
                names[str(operation["O"]["%"])] = str(operation["A"][3])
            else:
                _refuse_effects(program, ["while"] if operation.get("regions") else [])
                _refuse_effects(program, [str(operation["#"]).split(".", 1)[-1]])
                ops.append(_pir_op(operation))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(
            str(program),
            f"is no exported Paddle program ({type(error).__name__}: {str(error)[:200]})",
            "Copy it again, whole.",
        ) from error
    tensors = read_params(weights, list(names.values()))
    return Graph(_renamed(ops, names), tensors)


def parameters_of(program: Path) -> Mapping[str, tuple[int, ...]]:
    """Return the sizes of a program's parameters, by name.

    Raises:
        InputError: the program is broken.
    """
    try:
        if program.suffix == ".json":
            content = parse_json(
                read_text(program, "the program"), str(program), "the program", _COPY
            )
            operations = content["program"]["regions"][0]["blocks"][0]["ops"]
            return {
                str(one["A"][3]): tuple(int(size) for size in one["O"]["TT"]["D"][1])
                for one in operations
                if one["#"] == "p"
            }
        return {
            one.name: tuple(one.type.lod_tensor.tensor.dims)
            for one in _description(program).blocks[0].vars
            if one.persistable and one.name not in ("feed", "fetch")
        }
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(str(program), f"is no exported Paddle program ({error})", _COPY) from error


def _pir_op(operation: Mapping[str, Any]) -> Op:
    kind = operation["#"].split(".", 1)[-1]
    inputs = [str(value["%"]) for value in operation.get("I", ())]
    outputs = [str(value["%"]) for value in operation.get("O", ())]
    attributes = {entry["N"]: entry["AT"].get("D") for entry in operation.get("A", ())}
    if kind in ("batch_norm", "batch_norm_"):
        inputs = [inputs[at] for at in _PIR_NORM]
    return Op(
        _KINDS.get(kind, kind),
        tuple(inputs),
        tuple(outputs),
        epsilon=float(attributes.get("epsilon") or 0.0),
    )


def _renamed(ops: list[Op], names: Mapping[str, str]) -> list[Op]:
    """Call parameters by their names instead of their numbers."""
    return [
        Op(
            op.kind,
            tuple(names.get(value, value) for value in op.inputs),
            op.outputs,
            op.epsilon,
            op.is_transposed,
        )
        for op in ops
    ]


def read_program(program: Path, weights: Path) -> Graph:
    """Read `inference.pdmodel`, its weights and, if it is there, `.pdiparams.info` with names.

    Raises:
        InputError: a file is broken or cut short, or the two do not belong together.
    """
    description = _description(program)
    block = description.blocks[0]
    _refuse_effects(program, ["while"] if len(description.blocks) > 1 else [])
    _refuse_effects(program, (op.type for op in block.ops))
    names = [v.name for v in block.vars if v.persistable and v.name not in ("feed", "fetch")]
    ops = [_program_op(op) for op in block.ops]
    return Graph(ops, read_params(weights, names), _words(weights))


def _description(program: Path) -> Any:
    """Read `inference.pdmodel`, of at least one block."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from paddle.base.proto import framework_pb2

    # The module makes its classes when it is imported: mypy sees none.
    description = framework_pb2.ProgramDesc()  # type: ignore[attr-defined]
    try:
        description.ParseFromString(read_regular(program))
        _ = description.blocks[0]
    except OSError as error:
        raise unreadable(program, error, "the program") from error
    except (DecodeError, IndexError) as error:
        raise InputError(str(program), f"is no exported Paddle program ({error})", _COPY) from error
    return description


def _program_op(op: Any) -> Op:
    slots = {slot.parameter: list(slot.arguments) for slot in op.inputs}
    order = _SLOTS.get(op.type, ("X", "Y") if "Y" in slots else tuple(slots))
    inputs = [name for slot in order for name in slots.get(slot, [])]
    results = {slot.parameter: list(slot.arguments) for slot in op.outputs}
    first = next((slot for slot in ("Y", "Out", "Output") if results.get(slot)), "")
    outputs = results[first] if first else [name for all_ in results.values() for name in all_]
    epsilon = next((attribute.f for attribute in op.attrs if attribute.name == "epsilon"), 0.0)
    return Op(_KINDS.get(op.type, op.type), tuple(inputs), tuple(outputs), epsilon=epsilon)


def _words(weights: Path) -> dict[str, str]:
    """Read what `.pdiparams.info` calls the tensors; {} without that file."""
    info = weights.with_name(weights.name + ".info")
    if not info.is_file():
        return {}
    content = read_pickle(info)
    if not isinstance(content, dict):
        raise InputError(str(info), "is no list of tensor names", "Copy it again, or delete it.")
    return {
        name: about["structured_name"]
        for name, about in content.items()
        if isinstance(about, dict) and isinstance(about.get("structured_name"), str)
    }
