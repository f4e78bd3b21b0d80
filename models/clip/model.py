"""Building, saving and loading the small CLIP in the open_clip folder layout.

The folder holds `open_clip_config.json`, `open_clip_model.safetensors` and the tokenizer files, so
that `open_clip.create_model_and_transforms("local-dir:FOLDER")` loads it without code of ours. The
text tower can be written as a transformers `CLIPTextModel` for a diffusion pipeline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import open_clip
import torch
from open_clip.model import CLIP
from safetensors import SafetensorError, safe_open
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from vitrine.core.errors import SetupError
from vitrine.models.training import save_weights, write_atomically

CONTEXT = 32
WEIGHTS_FILE = "open_clip_model.safetensors"
START, END = "<|startoftext|>", "<|endoftext|>"
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
PICTURE_MEAN = (0.5, 0.5, 0.5)


def learn_tokenizer(texts: Sequence[str], *, size: int = 4096) -> CLIPTokenizer:
    """A CLIP tokenizer whose merges are learned from `texts`, in CLIP's vocabulary layout.

    Byte-level, lower case, so that every text has tokens. The end token has the highest id, as
    open_clip's pooling expects.
    """
    learner = Tokenizer(BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    learner.normalizer = normalizers.Lowercase()
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, *(letter + "</w>" for letter in letters)]
    known = set(words)
    for left, right in merges:
        if left + right not in known:
            known.add(left + right)
            words.append(left + right)
    vocabulary = {word: number for number, word in enumerate([*words, START, END])}
    return CLIPTokenizer(
        vocab=vocabulary, merges=cast("list[str]", merges), model_max_length=CONTEXT
    )


def clip_config(
    *,
    vocabulary: int,
    dim: int = 128,
    image_size: int = 128,
    layers: Sequence[int] = (1, 2, 2, 1),
    width: int = 24,
    text_width: int = 192,
    text_layers: int = 2,
) -> dict[str, object]:
    """The open_clip configuration: CLIP's modified ResNet and a small causal text transformer."""
    return {
        "model_cfg": {
            "embed_dim": dim,
            "vision_cfg": {
                "image_size": image_size,
                "layers": list(layers),
                "width": width,
                "patch_size": None,
            },
            "text_cfg": {
                "context_length": CONTEXT,
                "vocab_size": vocabulary,
                "width": text_width,
                "heads": text_width // 64,
                "layers": text_layers,
                "hf_tokenizer_name": "local",
            },
        },
        "preprocess_cfg": {"mean": list(PICTURE_MEAN), "std": list(PICTURE_MEAN)},
    }


def build_clip(config: Mapping[str, object]) -> CLIP:
    """A freshly initialised model of that configuration."""
    model_cfg = cast("dict[str, object]", config["model_cfg"])
    return CLIP(
        embed_dim=cast("int", model_cfg["embed_dim"]),
        vision_cfg=cast("dict[str, object]", model_cfg["vision_cfg"]),  # pyright: ignore[reportArgumentType]
        text_cfg=cast("dict[str, object]", model_cfg["text_cfg"]),  # pyright: ignore[reportArgumentType]
    )


def save_clip(
    folder: Path,
    config: Mapping[str, object],
    state: Mapping[str, Tensor],
    tokenizer: CLIPTokenizer,
) -> None:
    """Write the folder that open_clip loads; weights as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "open_clip_config.json", json.dumps(config, indent=2) + "\n")
    tokenizer.save_pretrained(folder)
    save_weights(folder / WEIGHTS_FILE, state, torch.float16)


def read_config(folder: Path) -> dict[str, object]:
    """The configuration in an open_clip folder."""
    return json.loads((folder / "open_clip_config.json").read_text(encoding="utf-8"))


def load_clip(folder: Path) -> tuple[CLIP, CLIPTokenizer]:
    """Model (float32, evaluation mode) and tokenizer from a local folder."""
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    return cast("CLIP", model.float().eval()), tokenizer


def picture_tower_digest(folder: Path) -> str:
    """Sha256 of the names and weights of a folder's picture tower.

    Raises:
        SetupError: the weights are missing or damaged.
    """
    path = folder / WEIGHTS_FILE
    digest = hashlib.sha256()
    try:
        with safe_open(path, framework="np") as file:
            for name in sorted(name for name in file.keys() if name.startswith("visual.")):  # noqa: SIM118
                digest.update(name.encode())
                digest.update(file.get_tensor(name).tobytes())
    except FileNotFoundError:
        raise SetupError(f"weights missing: {str(path)!r}; expected a folder of CLIP") from None
    except SafetensorError as error:
        raise SetupError(f"{str(path)!r} is damaged: {error}") from error
    return digest.hexdigest()


def embedding_dim(clip: CLIP) -> int:
    """Dimension d of the joint embedding space."""
    return int(cast(Tensor, clip.text_projection).shape[1])


def token_ids(tokenizer: CLIPTokenizer, texts: Sequence[str]) -> Tensor:
    """Token ids, (n, CONTEXT) int64, padded with the end token, longer texts cut."""
    batch = tokenizer(
        list(texts),
        padding="max_length",
        truncation=True,
        max_length=CONTEXT,
        return_tensors="pt",
    )
    return cast("Tensor", batch["input_ids"])


def text_model(config: Mapping[str, object], state: Mapping[str, Tensor]) -> CLIPTextModel:
    """The text tower as a transformers model that gives the same states.

    Args:
        config: as `clip_config` makes it.
        state: the whole CLIP's weights by open_clip's names.
    """
    text = cast("dict[str, int]", cast("dict[str, object]", config["model_cfg"])["text_cfg"])
    last = text["vocab_size"] - 1
    model = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=text["vocab_size"],
            hidden_size=text["width"],
            intermediate_size=text["width"] * 4,
            projection_dim=text["width"],
            num_hidden_layers=text["layers"],
            num_attention_heads=text["heads"],
            max_position_embeddings=text["context_length"],
            hidden_act="gelu",
            bos_token_id=last - 1,
            eos_token_id=last,
            pad_token_id=last,
        )
    )
    published: dict[str, Tensor] = {
        "embeddings.token_embedding.weight": state["token_embedding.weight"],
        "embeddings.position_embedding.weight": state["positional_embedding"],
        "final_layer_norm.weight": state["ln_final.weight"],
        "final_layer_norm.bias": state["ln_final.bias"],
    }
    for layer in range(text["layers"]):
        ours, theirs = f"transformer.resblocks.{layer}.", f"encoder.layers.{layer}."
        for kind in ("weight", "bias"):
            parts = state[f"{ours}attn.in_proj_{kind}"].chunk(3)
            for name, part in zip(("q_proj", "k_proj", "v_proj"), parts, strict=True):
                published[f"{theirs}self_attn.{name}.{kind}"] = part
            published[f"{theirs}self_attn.out_proj.{kind}"] = state[f"{ours}attn.out_proj.{kind}"]
            published[f"{theirs}mlp.fc1.{kind}"] = state[f"{ours}mlp.c_fc.{kind}"]
            published[f"{theirs}mlp.fc2.{kind}"] = state[f"{ours}mlp.c_proj.{kind}"]
            published[f"{theirs}layer_norm1.{kind}"] = state[f"{ours}ln_1.{kind}"]
            published[f"{theirs}layer_norm2.{kind}"] = state[f"{ours}ln_2.{kind}"]
    names = set(model.state_dict())
    prefix = "text_model." if any(name.startswith("text_model.") for name in names) else ""
    renamed = {prefix + name: value.float() for name, value in published.items()}
    missing = names - set(renamed) - {prefix + "embeddings.position_ids"}
    if missing or set(renamed) - names:
        raise ValueError(
            f"text tower does not map: {sorted(missing | (set(renamed) - names))[:4]!r}"
        )
    model.load_state_dict(renamed, strict=False)
    return model.eval()
