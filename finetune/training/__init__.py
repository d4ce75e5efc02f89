"""What `magenta_qa.finetune.train` is made of: flags, what trains, batches, the loop, checkpoints, the plan."""
