"""Trains the small model that is to be shipped: tokenizer, blank checkpoint, packed corpus, batches made on the device.

    python -m magenta_qa.finetune.embedded start build/corpus/v1 --out build/embedded/base
    python -m magenta_qa.finetune.embedded pack build/corpus/v1 --base build/embedded/base --out build/embedded/pack
    python -m magenta_qa.finetune.embedded train build/embedded/pack --base build/embedded/base \\
        --work build/embedded/work --out build/embedded/out
    python -m magenta_qa.finetune.embedded examine build/embedded/pack --model build/embedded/out/model

`start` learns the tokenizer and writes the blank model; `train` stops in time and goes on when called again, with
`--further` from a model that can read already, and on several GPUs by
`torchrun --nproc-per-node 4 -m magenta_qa.finetune.embedded train …`.
`finetune/RUNS.md` says what was predicted of each run and what came of it.
"""
