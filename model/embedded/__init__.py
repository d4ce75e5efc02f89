"""A small MiniCPM-V on the CPU without PyTorch: NumPy, ONNX Runtime and `tokenizers`.

    files = read_files(Path("models/small"))          # files.py: what `magenta finetune export` wrote, checked
    answering = EmbeddedAnswering("embedded:models/small", files)   # answering.py: as `local:` answers
    answering.answer_all([ask, …])                    -> [Completion("Opens the cart.", 0.93), …]

Questions become ids in prompts.py; network.py runs the two graphs; writing.py writes answers token by token.
"""
