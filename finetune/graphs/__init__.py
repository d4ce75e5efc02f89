"""ONNX graphs of a MiniCPM-V checkpoint, written node by node: what `magenta_qa.model.embedded` runs.

    graph = build_vision(weights, config, "int8")      # patches of pictures → features
    graph = build_text(weights, config, "int8", 512)   # ids, features and cache → logits and cache

Written rather than traced: attention is one fused node that keeps its cache in place, weights become int8 on the way,
and nothing depends on how transformers happens to compute masks. Tests hold both to transformers' logits.
"""
