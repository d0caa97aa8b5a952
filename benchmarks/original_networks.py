"""Whether our networks are the originals: names, sizes, and what they read with the same weights.

    python benchmarks/original_networks.py [--paddleocr TREE] [--only PP-OCRv5_server_rec]

Against the networks that paddlex ships, and those that a checkout of PaddleOCR builds from its own
configurations of training (wheels of it hold no networks). Weights are drawn and the
normalisations settled, as no published weights are needed; they go through a `.pdparams` file and
our reader of checkpoints, with PaddleOCR's names and the branch that only training needs. Ends
with 1 if a tensor is missing or left over, or a probability is off by more than 1e-5. paddlex
orders and fuses operations otherwise, so that rounding stands between the two: there both are
computed in float64, and may differ by 1e-4 in float32, as elsewhere.
"""

import argparse
import importlib
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from train.networks.building import build, loaded
from train.networks.spec import FAMILIES, FamilyName, FormName
from train.weights.checkpoint import read_checkpoint, write_checkpoint, written
from train.weights.readers import Reader, exact_reader, network_reader

LIMIT, LIMIT_FLOAT32 = 1e-5, 1e-4
"""Of the difference of two probabilities; in float32, where both can be had in float64."""

_LAST_LAYERS = ("head.fc.weight", "head.ctc_head.fc.weight", "head.ctc_head.fc2.weight")

CLASSES = 97
WIDTHS = (320, 652)
"""Of lines in pixels: the usual one, and one that 8 does not divide."""

CONFIGS: Mapping[str, tuple[str, ...]] = {
    "PP-OCRv3_mobile_rec": ("PP-OCRv3/PP-OCRv3_mobile_rec.yml", "PP-OCRv3/ch_PP-OCRv3_rec.yml"),
    "PP-OCRv3_mobile_rec distilled": (
        "PP-OCRv3/PP-OCRv3_mobile_rec_distillation.yml",
        "PP-OCRv3/ch_PP-OCRv3_rec_distillation.yml",
    ),
    "PP-OCRv4_mobile_rec": ("PP-OCRv4/PP-OCRv4_mobile_rec.yml", "PP-OCRv4/ch_PP-OCRv4_rec.yml"),
    "PP-OCRv4_server_rec": (
        "PP-OCRv4/PP-OCRv4_server_rec.yml",
        "PP-OCRv4/ch_PP-OCRv4_rec_hgnet.yml",
    ),
    "PP-OCRv5_mobile_rec": ("PP-OCRv5/PP-OCRv5_mobile_rec.yml",),
    "PP-OCRv5_server_rec": ("PP-OCRv5/PP-OCRv5_server_rec.yml",),
    "PP-OCRv6_tiny_rec": ("PP-OCRv6/PP-OCRv6_tiny_rec.yml",),
    "PP-OCRv6_small_rec": ("PP-OCRv6/PP-OCRv6_small_rec.yml",),
    "PP-OCRv6_medium_rec": ("PP-OCRv6/PP-OCRv6_medium_rec.yml",),
}
"""Configurations of training under `configs/rec`, by what they make; names differ by release."""


@dataclass(frozen=True, slots=True)
class Original:
    """Another's network with drawn weights.

    Attributes:
        name: of the published model.
        source: whose network it is.
        tensors: all that it has, by PaddleOCR's names.
        read: from N x 3 x 48 x W lines to N x T x classes probabilities.
        exact: the same in float64; None where float32 tells enough.
    """

    name: str
    source: str
    tensors: Mapping[str, np.ndarray]
    read: Reader
    exact: Reader | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a comparison.

    Attributes:
        counts: tensors by what our reader of checkpoints did with them.
        largest: difference of a probability in float32, over all widths.
        exact: in float64, where the original has that.
        surest: mean of the best class's probability: near 1/97 nothing would be compared.
    """

    counts: Mapping[str, int]
    largest: float
    surest: float
    exact: float | None = None

    @property
    def is_same(self) -> bool:
        """Whether both are one network."""
        if self.exact is None:
            return self.largest <= LIMIT
        return self.exact <= LIMIT and self.largest <= LIMIT_FLOAT32


def compare(original: Original, folder: Path) -> Compared:
    """Read the original's weights into our network and the same lines by both.

    Args:
        folder: for the checkpoint.

    Raises:
        InputError: a tensor is missing or left over.
    """
    path = folder / "weights.pdparams"
    write_checkpoint(path, original.tensors)
    matched = read_checkpoint(path)
    network = loaded(matched.spec, matched.tensors)
    ours = network_reader(network)
    largest, surest = 0.0, []
    for width in WIDTHS:
        batch = lines(width)
        mine, theirs = ours(batch), original.read(batch)
        if mine.shape != theirs.shape:
            raise SystemExit(f"{original.name}: {mine.shape} by ours, {theirs.shape} by theirs")
        largest = max(largest, float(np.abs(mine.astype(np.float64) - theirs).max()))
        surest.append(float(theirs.max(-1).mean()))
    exact = None
    if original.exact:
        batch = lines(WIDTHS[0])
        exact = float(np.abs(exact_reader(network)(batch) - original.exact(batch)).max())
    return Compared(matched.counts, largest, float(np.mean(surest)), exact)


def lines(width: int, count: int = 1) -> np.ndarray:
    """Draw lines: strokes of some pixels, -1..1, float32."""
    rng = np.random.default_rng(width)
    coarse = rng.uniform(-1, 1, (count, 3, 12, -(-width // 4)))
    return np.kron(coarse, np.ones((4, 4)))[..., :width].astype(np.float32)


def settle(network: Any, seed: int = 3) -> None:
    """Draw what starts at 0 or 1, and give every normalisation the statistics of some lines.

    Without it branches and depth would blow numbers up, and shifts and scales would be left out
    of the comparison.
    """
    import paddle

    rng = np.random.default_rng(seed)
    for name, value in network.state_dict().items():
        if value.ndim == 1 and not name.endswith(("_mean", "_variance")):
            near = 0.0 if name.endswith("bias") else 1.0
            value.set_value((near + rng.uniform(-0.3, 0.3, value.shape)).astype(np.float32))
        elif name.endswith(_LAST_LAYERS):
            # Sure of a class in most steps, as a trained one is.
            value.set_value(rng.normal(0, 0.6, value.shape).astype(np.float32))
    norms = [layer for layer in network.sublayers() if hasattr(layer, "_variance")]
    for layer in norms:
        layer.training, layer._momentum = True, 0.0
    with paddle.no_grad():
        network(paddle.to_tensor(lines(320, 2)))
    for layer in norms:
        layer.training = False


def of_paddleocr(tree: Path, only: Sequence[str] = ()) -> Iterator[Original]:
    """Build the networks of a checkout.

    Raises:
        SystemExit: it is none, or its code needs a package that is not installed.
    """
    if not (tree / "ppocr" / "modeling").is_dir():
        raise SystemExit(f"{tree} holds no ppocr/modeling: name a checkout of PaddleOCR")
    sys.path.insert(0, str(tree.resolve()))
    try:
        build_model = importlib.import_module("ppocr.modeling.architectures").build_model
    except ModuleNotFoundError as error:
        raise SystemExit(f"the checkout's code needs {error.name}: pip install it") from error
    for name, places in CONFIGS.items():
        if only and name.split()[0] not in only:
            continue
        there = (tree / "configs/rec" / place for place in places)
        path = next((one for one in there if one.is_file()), None)
        if path is None:
            print(f"{name}: the checkout has no {' or '.join(places)}")
            continue
        yield _of_configuration(name, path, build_model)


def _of_configuration(name: str, path: Path, build_model: Callable[..., Any]) -> Original:
    import paddle
    import yaml

    architecture = yaml.safe_load(path.read_text(encoding="utf-8"))["Architecture"]
    parts = architecture.get("Models", {"": architecture})
    for part in parts.values():
        # As tools/train.py fills it in: the second head's classes have marks of their own.
        part["Head"]["out_channels_list"] = {
            "CTCLabelDecode": CLASSES,
            "SARLabelDecode": CLASSES + 2,
            "NRTRLabelDecode": CLASSES + 3,
        }
    paddle.seed(1)
    network = build_model(architecture)
    network.eval()
    settle(network)

    def read(batch: np.ndarray) -> np.ndarray:
        with paddle.no_grad():
            found = network(paddle.to_tensor(batch))
        while isinstance(found, dict):
            # Of a distillation by model; of a model that returns all features by what they are.
            found = found[next(key for key in ("Student", "ctc", "head_out") if key in found)]
        return np.asarray(found.numpy(), np.float32)

    tensors = {key: value.numpy() for key, value in network.state_dict().items()}
    return Original(name, f"PaddleOCR, {path.name}", tensors, read)


PADDLEX: Mapping[str, tuple[FamilyName, FormName]] = {
    "PP-OCRv5_mobile_rec": ("svtr_lcnet_v4", "branches"),
    "PP-OCRv5_server_rec": ("svtr_hgnet_v5", "fused"),
    "PP-OCRv6_tiny_rec": ("svtr_lcnet_v6_tiny", "branches"),
    "PP-OCRv6_small_rec": ("svtr_lcnet_v6_small", "branches"),
    "PP-OCRv6_medium_rec": ("svtr_lcnet_v6_medium", "branches"),
}
"""The published models whose networks paddlex ships, with ours."""


def of_paddlex(only: Sequence[str] = (), *, as_shipped: bool = False) -> Iterator[Original]:
    """Build the networks that paddlex ships, by its own tables of names and sizes.

    Raises:
        ImportError: paddlex is not installed, or a release without networks is.
    """
    for name in PADDLEX:
        if not only or name in only:
            yield paddlex_network(name, as_shipped=as_shipped)


def paddlex_network(name: str, *, as_shipped: bool = False) -> Original:
    """Build one of paddlex's networks with the weights of a drawn one of ours.

    Args:
        as_shipped: with its own epsilons of layer normalisations, which are not the published ones.

    Raises:
        ImportError: paddlex is not installed, or a release without networks is.
        SystemExit: by its table, our names and sizes are not those of its network.
    """
    import paddle

    family, form = PADDLEX[name]
    # One class there is both small and medium, which differ in numbers.
    module = name.lower().replace("-", "_").replace("v6_medium", "v6_small")
    table = module.upper().replace("PP_OCR", "PPOCR")
    tables = importlib.import_module("paddlex.modules.base.utils.pdparams2safetensors")
    rooms = "paddlex.inference.models.text_recognition.modeling"
    configs = importlib.import_module(f"{rooms}._config_{module}")
    networks = importlib.import_module(f"{rooms}.{module}")
    config = _class(configs, "Config")(
        **{**tables.MODEL_CONFIGS[name], "head_out_channels": CLASSES}
    )
    paddle.seed(1)
    ours = build(replace(FAMILIES[family], classes=CLASSES, form=form))
    settle(ours)
    own = {key: value.numpy() for key, value in ours.state_dict().items()}
    tensors = {multi_head(key): array for key, array in written(own).items()}
    exact = {key: array.astype(np.float64) for key, array in tensors.items()}
    # Its networks of PP-OCRv6 have fused kernels alone, and its own way to fuse them.
    given = tables.rename_bn_keys(exact)
    if "PP-OCRv6" in name:
        given = tables.fuse_v6_rec_state_dict(given)
    renamed = {
        key.replace("running_mean", "_mean").replace("running_var", "_variance"): array
        for key, array in tables.apply_key_mapping(
            given, getattr(tables, f"{table}_MAPPING")
        ).items()
    }

    def filled(dtype: str) -> Any:
        other = _class(networks, "Rec")(config)
        other.eval()
        other.to(dtype=dtype)
        wanted = {key: tuple(value.shape) for key, value in other.state_dict().items()}
        off = {key: array.shape for key, array in renamed.items()}.items() ^ wanted.items()
        if off:
            raise SystemExit(f"{name}: not paddlex's names and sizes: {sorted(off)[:6]}")
        other.set_state_dict(
            {key: paddle.to_tensor(array.astype(dtype)) for key, array in renamed.items()}
        )
        if not as_shipped:
            # It has 1e-6 in all of them. PaddleOCR's networks, and the published graphs, have
            # 1e-5 in the blocks and 1e-6 behind them.
            for key, layer in other.named_sublayers():
                if key.endswith(("layer_norm1", "layer_norm2")):
                    layer._epsilon = 1e-5
        return other

    def reading(dtype: str) -> Reader:
        other = filled(dtype)

        def read(batch: np.ndarray) -> np.ndarray:
            with paddle.no_grad():
                return np.asarray(other([batch.astype(dtype)])[0])

        return read

    return Original(name, "paddlex", tensors, reading("float32"), reading("float64"))


def _class(module: Any, ending: str) -> Any:
    """Find the class of a module of paddlex's that a model is built of."""
    found = [
        value
        for key, value in vars(module).items()
        if key.startswith("PPOCR") and key.endswith(ending) and value.__module__ == module.__name__
    ]
    (one,) = found
    return one


def multi_head(name: str) -> str:
    """Return a tensor's name in a network that trains with a second head.

    >>> multi_head("neck.encoder.norm.bias"), multi_head("head.fc.bias")
    ('head.ctc_encoder.encoder.norm.bias', 'head.ctc_head.fc.bias')
    """
    if name.startswith("neck."):
        return name.replace("neck.", "head.ctc_encoder.", 1)
    return name.replace("head.", "head.ctc_head.", 1) if name.startswith("head.") else name


def main() -> int:
    """Compare all and say whether they are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paddleocr", type=Path, help="a checkout of PaddleOCR")
    parser.add_argument("--only", action="append", default=[], help="a published name")
    parser.add_argument(
        "--as-shipped", action="store_true", help="leave paddlex's epsilons, which are its own"
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    others = 0
    originals = [of_paddlex(options.only, as_shipped=options.as_shipped)]
    if options.paddleocr:
        originals.append(of_paddleocr(options.paddleocr, options.only))
    for group in originals:
        for original in group:
            with tempfile.TemporaryDirectory() as folder:
                found = compare(original, Path(folder))
            counts = ", ".join(f"{count} {reason}" for reason, count in found.counts.items())
            exact = "" if found.exact is None else f", {found.exact:.1e} in float64"
            print(
                f"{original.name} ({original.source}): {counts}; {found.largest:.1e} at most"
                f"{exact}, the best class {found.surest:.2f} on average",
                flush=True,
            )
            others += not found.is_same
    print(f"{others} are other networks than ours" if others else "all are our networks")
    return int(others > 0)


if __name__ == "__main__":
    sys.exit(main())
