"""Trains the reranker (`model.reranker`) on a corpus' steps and candidates: which of them does a step mean?

    python -m magenta_qa.finetune.reranker.start build/corpus/v1 MINILM build/reranker/start.npz           # 1 minute
    python -m magenta_qa.finetune.reranker.pack build/corpus/v1 build/reranker/start.npz build/reranker/pack.npz    # 2
    python -m magenta_qa.finetune.reranker.train build/reranker/pack.npz build/reranker/start.npz build/reranker/1 \\
        --minutes 17 --written 0 --kept 0
    python -m magenta_qa.finetune.reranker.train build/reranker/pack.npz build/reranker/start.npz build/reranker \\
        --begun build/reranker/1/reranker.npz --minutes 6.5 --gently 0.3
    python -m magenta_qa.finetune.reranker.export build/reranker/reranker.npz build/reranker/start.npz \\
        model/reranker/weights --threshold 0.6

Times are of two cores and, for the training, one H100. `finetune/RUNS.md` says what came of it.
"""
