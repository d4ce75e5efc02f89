"""MiniCPM-V 2_6 and MiniCPM-Llama3-V 2_5 on transformers' own parts: SigLIP (as Idefics2 has it), Qwen2 or Llama.

A published checkpoint loads by the names of its weights (`llm.`, `vpm.`, `resampler.`) and is saved with them, with a
config.json that says what the published one said; none of the code that is published beside the weights is executed.
Equal to that code on random weights: tests/test_minicpmv_resampled.py.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import (
    GenerationMixin,
    LlamaConfig,
    LlamaForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)
from transformers import initialization as init
from transformers.models.idefics2.configuration_idefics2 import Idefics2VisionConfig
from transformers.models.idefics2.modeling_idefics2 import Idefics2VisionTransformer

from magenta_qa.model.minicpmv.resampler import CrossAttention, Resampler
from magenta_qa.model.minicpmv.visual import VisualModel, nearest_places

_VISION = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "image_size", "patch_size")
_TEXT = (
    *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
    *("num_key_value_heads", "hidden_act", "max_position_embeddings", "initializer_range", "rms_norm_eps"),
    *("tie_word_embeddings", "attention_dropout", "attention_bias", "rope_theta", "rope_scaling", "rope_parameters"),
    *("use_sliding_window", "sliding_window", "max_window_layers", "bos_token_id", "eos_token_id"),
)


class MiniCPMVConfig(PretrainedConfig):
    """The published config.json, kept so that it is saved as it came, without transformers' own notes.

    Args:
        published: Its entries. The text part's stand at the top level, the vision part's under `vision_config`.
    """

    model_type = "minicpmv"

    def __init__(self, **published: Any) -> None:  # noqa: ANN401 - whatever a JSON file holds
        attention = published.pop("attn_implementation", None)
        super().__init__(architectures=["MiniCPMV"], attn_implementation=attention)
        self.published = {name: value for name, value in published.items() if not name.startswith("_")}
        self.version = str(published.get("version", ""))
        self.query_num = published.get("query_num", 64)
        text_class = LlamaConfig if self.version == "2.5" else Qwen2Config
        self.text_config = text_class(**{name: published[name] for name in _TEXT if published.get(name) is not None})
        vision = published.get("vision_config") or {}
        self.vision_config = Idefics2VisionConfig(**{name: vision[name] for name in _VISION if name in vision})
        if published.get("drop_vision_last_layer", False):
            self.vision_config.num_hidden_layers -= 1
        for name in ("vocab_size", "hidden_size", "num_hidden_layers", "initializer_range", "tie_word_embeddings"):
            setattr(self, name, getattr(self.text_config, name))

    def to_dict(self) -> dict[str, Any]:
        """The published entries, with the weights' type as it is now."""
        dtype = self.dtype if isinstance(self.dtype, str) else str(self.dtype or "").removeprefix("torch.")
        named = {"torch_dtype": dtype} if dtype else {}
        return {**self.published, "model_type": self.model_type, "architectures": ["MiniCPMV"], **named}

    def to_diff_dict(self) -> dict[str, Any]:
        """All of them: nothing is a default that other readers would know."""
        return self.to_dict()


class MiniCPMV(VisualModel, PreTrainedModel, GenerationMixin):
    """Vision part, resampler and text part under their published names."""

    config_class = MiniCPMVConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _no_split_modules = ("Idefics2EncoderLayer", "Qwen2DecoderLayer", "LlamaDecoderLayer", "Resampler")

    def __init__(self, config: MiniCPMVConfig) -> None:
        super().__init__(config)
        config.text_config._attn_implementation = config._attn_implementation
        config.vision_config._attn_implementation = "sdpa"
        text_class = LlamaForCausalLM if config.version == "2.5" else Qwen2ForCausalLM
        self.llm = text_class(config.text_config)
        self.vpm = Idefics2VisionTransformer(config.vision_config)
        self.resampler = Resampler(config.query_num, config.text_config.hidden_size, config.vision_config.hidden_size)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """The text part's token embeddings."""
        return self.llm.get_input_embeddings()

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace them."""
        self.llm.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        """From hidden states to logits."""
        return self.llm.get_output_embeddings()

    def set_output_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace it."""
        self.llm.set_output_embeddings(new_embeddings)

    def vision_parts(self) -> Sequence[nn.Module]:
        """SigLIP and the resampler."""
        return self.vpm, self.resampler

    def text_part(self) -> nn.Module:
        """Qwen2 or Llama without its head."""
        return self.llm.model

    def encode_slices(
        self, pixels: torch.Tensor, downsample_mode: str | None = None, padded_patches: int = 0
    ) -> torch.Tensor:
        """Features (n × queries, D)."""
        hidden = self.vpm.embeddings.patch_embedding(pixels)
        rows, columns = hidden.shape[-2:]
        hidden = hidden.flatten(2).transpose(1, 2)
        side = self.vpm.embeddings.num_patches_per_side
        if self.config.version == "2.5":
            hidden = self._filled_up(hidden, padded_patches)
            places = nearest_places(1, hidden.shape[1], side, published=True)
        else:
            places = nearest_places(rows, columns, side, published=True)
        hidden = hidden + self.vpm.embeddings.position_embedding(places.to(hidden.device, non_blocking=True))
        for layer in self.vpm.encoder.layers:
            hidden = layer(hidden, None)
        hidden = self.vpm.post_layernorm(hidden)[:, : rows * columns]
        return self.resampler(hidden, rows, columns).flatten(0, 1)

    def _filled_up(self, hidden: torch.Tensor, patches: int) -> torch.Tensor:
        """2_5's published code numbers patches in one row and lets slices see what fills them up to the largest.

        The model was trained so; a patch that fills up is an all-zero one.
        """
        missing = patches - hidden.shape[1]
        if missing <= 0:
            return hidden
        size = self.config.vision_config.patch_size
        blank = self.vpm.embeddings.patch_embedding(hidden.new_zeros(1, 3, size, size)).flatten(2).transpose(1, 2)
        return torch.cat([hidden, blank.expand(len(hidden), missing, -1)], dim=1)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, Resampler):
            init.normal_(module.query, std=0.02)
            init.normal_(module.proj, std=module.proj.shape[0] ** -0.5)
        elif isinstance(module, CrossAttention):
            init.normal_(module.in_proj_weight, std=0.02)
            init.zeros_(module.in_proj_bias)
