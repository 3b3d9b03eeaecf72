"""A GGUF file -> the engine's own form of it, kept in a folder beside it.

The engine reads Q4_K weights, `scale * q - minimum` for each group of 32, as `scale * (q - zero)`
with `zero` rounded to a whole number. What the rounding loses is put back here: each matrix gains
a small second one that multiplies the sums of its input's groups. Against llama.cpp's own logits
that takes the mean KL divergence from 0.028 to 0.002 (DECISIONS.md).
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino
import openvino_genai
from gguf import GGMLQuantizationType, GGUFReader
from openvino import opset13

from service.errors import ModelUnavailable, last_line

ENGINE = f"openvino-{version('openvino-genai')}"
"""What the converted form is for."""

GROUP = 32
"""Weights of a Q4_K block that share a scale and a minimum."""

_BLOCK_BYTES = 144
_SCALE_TOLERANCE = 2e-3
"""Relative: the engine keeps scales as float16."""

Floats = npt.NDArray[np.float32]
Groups = dict[tuple[int, ...], list[tuple[Floats, Floats]]]
"""Scale and minimum [rows, columns / 32] of each tensor, by that shape."""


def convert(weights: Path, folder: Path, *, report: Callable[[str], None]) -> Path:
    """The folder under `folder` with the engine's form of `weights`, made at need, in one rename.

    Raises ModelUnavailable when the engine cannot read the file or the disk is full.
    """
    target = folder / f"{weights.stem}-{_identity(weights)}-{ENGINE}"
    if target.is_dir():
        return target
    report("converting the language model for its engine (about 30 s, once)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".converting-", dir=folder))
    except OSError as error:
        raise unreadable(weights, error) from error
    try:
        groups = _read_groups(weights)
        linked = aside / weights.name
        linked.symlink_to(weights.resolve())
        openvino_genai.LLMPipeline(str(linked), "CPU", enable_save_ov_model=True)
        linked.unlink()
        _restore_minimums(groups, aside)
        aside.chmod(0o755)
        aside.rename(target)
    except (OSError, RuntimeError, ValueError) as error:
        if not target.is_dir():  # unless another process was the first to rename
            raise unreadable(weights, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def find_converted(name: str, folder: Path) -> Path | None:
    """What `convert` made of a file NAME.gguf, which need not be there any more; None if nothing.

    For a file that never changes: whose it is says the name alone.
    """
    return next(iter(sorted(folder.glob(f"{name}-*-{ENGINE}"))), None)


def unreadable(path: Path, error: Exception) -> ModelUnavailable:
    """The failure for a model that the engine does not take."""
    return ModelUnavailable(
        f"The language model {path} cannot be read ({last_line(error)}); name a GGUF file of "
        "a Llama or Qwen model, with three times its size free on the disk, or run `make setup` "
        "again."
    )


def _restore_minimums(groups: Groups, folder: Path) -> None:
    """Rewrite the model in `folder` with what the rounding of its zero points lost."""
    model = openvino.Core().read_model(str(folder / "openvino_model.xml"))
    sums: dict[tuple[str, int], Any] = {}
    corrected = sum(
        _correct(node, groups, sums) for node in list(model.get_ops()) if _is_zero_point(node)
    )
    expected = sum(len(tensors) for tensors in groups.values())
    if corrected != expected:
        raise RuntimeError(f"{corrected} of {expected} matrices could be carried over exactly")
    openvino.save_model(model, str(folder / "corrected.xml"), compress_to_fp16=False)
    del model
    (folder / "corrected.bin").replace(folder / "openvino_model.bin")
    (folder / "corrected.xml").replace(folder / "openvino_model.xml")


def _read_groups(weights: Path) -> Groups:
    """Scale and minimum [rows, columns / 32] of every Q4_K tensor, by that shape.

    A block of 256 weights packs eight 6-bit scales and eight 6-bit minimums into twelve bytes; the
    layout is ggml's.
    """
    found: Groups = {}
    for tensor in GGUFReader(str(weights)).tensors:
        if tensor.tensor_type != GGMLQuantizationType.Q4_K:
            continue
        blocks = np.asarray(tensor.data).reshape(-1, _BLOCK_BYTES)
        packed = blocks[:, 4:16]
        low, high, mixed = packed[:, 0:4], packed[:, 4:8], packed[:, 8:12]
        scales = np.hstack([low & 63, (mixed & 15) | (low >> 6 << 4)])
        minimums = np.hstack([high & 63, (mixed >> 4) | (high >> 6 << 4)])
        halves = blocks[:, 0:4].copy().view(np.float16).astype(np.float32)
        rows = int(tensor.shape[1])
        scale: Floats = (halves[:, 0:1] * scales).astype(np.float32).reshape(rows, -1)
        minimum: Floats = (halves[:, 1:2] * minimums).astype(np.float32).reshape(rows, -1)
        found.setdefault(scale.shape, []).append((scale, minimum))
    return found


def _is_zero_point(node: Any) -> bool:
    """Whether `node` takes 4-bit zero points from 4-bit weights."""
    if node.get_type_name() != "Subtract":
        return False
    converted = node.input_value(1).get_node()
    if converted.get_type_name() != "Convert":
        return False
    constant = converted.input_value(0).get_node()
    return bool(
        constant.get_type_name() == "Constant"
        and constant.get_output_element_type(0) == openvino.Type.u4
    )


def _correct(
    subtract: Any,
    groups: Groups,
    sums: dict[tuple[str, int], Any],
) -> bool:
    """Put back what one matrix lost, if it is of the kind that loses; says whether it was.

    `sums` keeps the sums of the input's groups that several matrices share.
    """
    multiply = _reader(subtract)
    scale: Floats = multiply.input_value(1).get_node().get_data().astype(np.float32)[..., 0]
    exact = [pair for pair in groups.get(scale.shape, []) if _same_scale(pair[0], scale)]
    if not exact:
        return False
    minimum = exact[0][1]
    user = multiply
    while user.get_type_name() not in {"MatMul", "Gather"}:
        user = _reader(user)
    if user.get_type_name() == "Gather":
        zero = np.divide(minimum, scale, out=np.zeros_like(scale), where=scale > 0)
        constant = opset13.constant(zero.astype(np.float16)[..., None])
        subtract.input(1).replace_source_output(constant.output(0))
        return True
    lost = scale * _whole_zeros(subtract, scale.shape) - minimum
    _add_product(user, lost.astype(np.float16), sums)
    return True


def _add_product(
    product: Any, lost: npt.NDArray[np.float16], sums: dict[tuple[str, int], Any]
) -> None:
    """Add group sums of the input times `lost` [rows, groups] to a matrix product's result."""
    source = product.input_value(0)
    key = (source.get_node().get_friendly_name(), source.get_index())
    readers = list(product.output(0).get_target_inputs())
    if key not in sums:
        shape = np.array([0, 0, lost.shape[1], GROUP], np.int64)
        grouped = opset13.reshape(source, opset13.constant(shape), special_zero=True)
        last = opset13.constant(np.array([3], np.int64))
        sums[key] = opset13.reduce_sum(grouped, last, keep_dims=False)
    correction = opset13.convert(opset13.constant(lost), "f32")
    whole = opset13.add(
        product.output(0),
        opset13.matmul(sums[key], correction, transpose_a=False, transpose_b=True),
    )
    for reader in readers:
        reader.replace_source_output(whole.output(0))


def _whole_zeros(subtract: Any, shape: tuple[int, ...]) -> Floats:
    """The whole zero points that the engine has kept, two in a byte."""
    constant = subtract.input_value(1).get_node().input_value(0).get_node()
    raw = np.frombuffer(constant.data.tobytes(), np.uint8)
    if raw.size * 2 == np.prod(shape):
        raw = np.stack([raw & 15, raw >> 4], axis=-1)
    return raw.reshape(shape).astype(np.float32)


def _same_scale(exact: Floats, kept: Floats) -> bool:
    return np.allclose(exact, kept, rtol=_SCALE_TOLERANCE, atol=1e-7)


def _reader(node: Any) -> Any:
    return next(iter(node.output(0).get_target_inputs())).get_node()


def _identity(weights: Path) -> str:
    """Eight hex digits that change when the file does: of its size, time and first megabyte."""
    status = weights.stat()
    with weights.open("rb") as file:
        start = file.read(1 << 20)
    seen = f"{status.st_size} {int(status.st_mtime)}".encode()  # images and archives keep no more
    return hashlib.sha256(seen + start).hexdigest()[:8]
