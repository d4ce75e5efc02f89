"""MiniCPM-V models: pictures and prompts to tensors, the models themselves, batched vision and generation.

    family = family_of(path)                          # families.py: which architecture a checkpoint is
    processor = family.load_processor(path)           # processor.py: picture and prompt → Example → batch
    model = family.load_model(path, dtype, device)    # native.py (4.6, 4.7), siglip.py and friends (2_6, 2_5)

This is the only part of `magenta_qa.model`, besides `model.local`, that imports torch and transformers.
"""
