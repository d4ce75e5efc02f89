"""What `bench_finetune.py` and `bench_finetune_two.py` have in common."""
