"""A BERT model's folder -> its encoder on OpenVINO: token ids -> one vector a token.

The graph is put together from the weights as they are, so that neither torch nor a converted copy
is needed (DECISIONS.md has what that gains).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino
from openvino import Node
from openvino import opset13 as ops
from safetensors.numpy import load_file

Vectors = npt.NDArray[np.float32]

_MASKED = -1e4
"""What is added to the attention to a padding token: its share is then 0 in bfloat16 too."""


def read_encoder(folder: Path) -> openvino.Model:
    """The graph `ids`, `mask` int32 [texts, tokens] -> float32 [texts, tokens, dimension].

    Raises OSError, ValueError, KeyError or SafetensorError where its files are damaged.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = load_file(folder / "model.safetensors")
    return _Graph(config, weights).model()


class _Graph:
    """BERT's encoder (Devlin et al., NAACL 2019), by the names that its weights have."""

    def __init__(self, config: dict[str, Any], weights: dict[str, Vectors]) -> None:
        self._weights = {name.removeprefix("bert."): array for name, array in weights.items()}
        self._heads = int(config["num_attention_heads"])
        self._head_size = int(config["hidden_size"]) // self._heads
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config["layer_norm_eps"])

    def model(self) -> openvino.Model:
        ids = ops.parameter([-1, -1], np.int32, name="ids")
        mask = ops.parameter([-1, -1], np.int32, name="mask")
        hidden = self._embed(ids)
        absent = ops.subtract(np.float32(1), ops.convert(mask, "f32"))
        bias = ops.unsqueeze(ops.multiply(absent, np.float32(_MASKED)), [1, 2])
        for number in range(self._layers):
            layer = f"encoder.layer.{number}"
            attended = self._attend(hidden, bias, f"{layer}.attention.self")
            attended = self._linear(attended, f"{layer}.attention.output.dense")
            hidden = self._normalize(
                ops.add(hidden, attended), f"{layer}.attention.output.LayerNorm"
            )
            wide = ops.gelu(self._linear(hidden, f"{layer}.intermediate.dense"), "erf")
            narrow = self._linear(wide, f"{layer}.output.dense")
            hidden = self._normalize(ops.add(hidden, narrow), f"{layer}.output.LayerNorm")
        return openvino.Model([hidden], [ids, mask], "bert")

    def _embed(self, ids: Node) -> Node:
        words = ops.gather(self._constant("embeddings.word_embeddings.weight"), ids, 0)
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        places = self._weights["embeddings.position_embeddings.weight"] + kind
        length = ops.gather(ops.shape_of(ids), [1], 0)
        prefix = ops.slice(ops.constant(places), [0], length, [1], [0])
        return self._normalize(ops.add(words, prefix), "embeddings.LayerNorm")

    def _attend(self, hidden: Node, bias: Node, name: str) -> Node:
        query, key, value = (
            ops.transpose(
                ops.reshape(
                    self._linear(hidden, f"{name}.{part}"),
                    [0, 0, self._heads, self._head_size],
                    special_zero=True,
                ),
                [0, 2, 1, 3],
            )
            for part in ("query", "key", "value")
        )
        attended = ops.scaled_dot_product_attention(query, key, value, bias)
        joined = ops.transpose(attended, [0, 2, 1, 3])
        return ops.reshape(joined, [0, 0, self._heads * self._head_size], special_zero=True)

    def _linear(self, hidden: Node, name: str) -> Node:
        product = ops.matmul(
            hidden, self._constant(f"{name}.weight"), transpose_a=False, transpose_b=True
        )
        return ops.add(product, self._constant(f"{name}.bias"))

    def _normalize(self, hidden: Node, name: str) -> Node:
        level = ops.mvn(
            hidden, [-1], normalize_variance=True, eps=self._epsilon, eps_mode="inside_sqrt"
        )
        scaled = ops.multiply(level, self._constant(f"{name}.weight"))
        return ops.add(scaled, self._constant(f"{name}.bias"))

    def _constant(self, name: str) -> Node:
        return ops.constant(self._weights[name])
