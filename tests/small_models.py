"""Tiny sentence-transformers models with random weights, saved as real ones are."""

from pathlib import Path
from typing import Any

import torch
import transformers
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Dense,
    Normalize,
    Pooling,
    Transformer,
)
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers.trainers import BpeTrainer, WordPieceTrainer
from transformers import PreTrainedTokenizerFast

NEWS = [
    "A ferry ran aground in the harbour of Tarn on Friday, the coast guard said.",
    "The central bank raised its interest rate to four percent, its governor said.",
    "Kim Jong Un received five explosive drones as a gift, and a fur hat.",
]
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.5,
}
LENGTH = 48
"""Tokens that the models read at once."""


def save_model(
    folder: Path,
    kind: str = "Bert",
    *,
    pooling: str = "mean",
    prompts: dict[str, str] | None = None,
    dense: int | None = None,
    safe: bool = True,
    **config: Any,
) -> Path:
    """A Bert, MPNet or Roberta model in `folder`, which gives `dense` numbers or 32."""
    modules: list[torch.nn.Module] = [
        _encoder(folder / "raw", kind, f"{kind}Model", config),
        Pooling(32, pooling),
    ]
    modules += [Dense(32, dense)] if dense else [Normalize()]
    model = SentenceTransformer(modules=modules, device="cpu", prompts=prompts)
    model.save(str(folder / "model"), safe_serialization=safe)
    return folder / "model"


def save_reranker(folder: Path, *, names: tuple[str, ...] = ("LABEL_0",)) -> Path:
    """A Bert cross-encoder in `folder` that gives a number for each of the `names`."""
    kind = "BertForSequenceClassification"
    _encoder(folder / "raw", "Bert", kind, {"id2label": dict(enumerate(names))})
    model = CrossEncoder(str(folder / "raw"), device="cpu", local_files_only=True)
    model.save(str(folder / "reranker"))
    return folder / "reranker"


def _encoder(folder: Path, kind: str, architecture: str, config: dict[str, Any]) -> Transformer:
    tokenizer = _byte_pairs() if kind == "Roberta" else _word_pieces()
    sizes = {**SIZES, "vocab_size": len(tokenizer), "max_position_embeddings": LENGTH + 2, **config}
    torch.manual_seed(7)
    chosen = getattr(transformers, f"{kind}Config")(
        pad_token_id=tokenizer.pad_token_id, bos_token_id=0, eos_token_id=2, **sizes
    )
    getattr(transformers, architecture)(chosen).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    encoder: Transformer = Transformer(str(folder), max_seq_length=LENGTH)
    return encoder


def _word_pieces() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = WordPieceTrainer(vocab_size=300, special_tokens=["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.train_from_iterator(NEWS, trainer)
    return _finished(tokenizer)


def _byte_pairs() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(NEWS, trainer)
    return _finished(tokenizer)


def _finished(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<s>",
        cls_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        sep_token="</s>",
        unk_token="<unk>",
    )
