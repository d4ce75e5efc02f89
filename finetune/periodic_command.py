"""`magenta finetune --since last`: the periodic job as a command, for cron or a schedule of CI.

    magenta finetune --since last --log .magenta --data data/shop --registry adapters --golden data/golden

cron, every Sunday at two (flock is not needed: a second one is refused):

    0 2 * * 0  cd /srv/qa && .venv/bin/magenta finetune --since last --log /srv/qa/logs --data s3://team/data/shop \\
               --registry s3://team/adapters --golden s3://team/data/golden >> finetune.log 2>&1

A CI schedule (GitHub Actions; a runner with a GPU, logs collected by the test jobs in a bucket):

    on: {schedule: [{cron: "0 2 * * 0"}], workflow_dispatch: {}}
    jobs:
      finetune:
        runs-on: [self-hosted, gpu]
        timeout-minutes: 720
        steps:
          - run: pip install "magenta-qa[finetune]"
          - run: magenta finetune --since last --log s3://team/logs/ci --data s3://team/data/shop
                 --registry s3://team/adapters --golden s3://team/data/golden --runs /scratch/runs

It ends with 0 also when too few labels are new or the adapter is not promoted: both are results, and what it prints
says which. An error, such as a training that broke off, ends with another code, and starting it again goes on there.
"""

from pathlib import Path

import click

from magenta_qa.finetune.adapter_commands import print_judgement
from magenta_qa.finetune.clock import now_utc
from magenta_qa.finetune.dataset_commands import default_workers
from magenta_qa.finetune.periodic import Job, run_job
from magenta_qa.finetune.periodic_steps import RealSteps
from magenta_qa.finetune.progress import progress_bar


def run_periodically(
    since: str,
    logs: tuple[str, ...],
    data: str,
    registry: str,
    model: str,
    golden: str,
    without_golden: bool,
    runs: Path,
    min_new: int,
    flags: str,
) -> int:
    """Do the job with the options of `magenta finetune`; returns the exit code."""
    job = Job(
        sources=logs,
        data=data,
        registry=registry,
        model=model,
        golden=golden,
        without_golden=without_golden,
        runs=runs,
        since=since,
        min_new=min_new,
        flags=flags,
        workers=default_workers(),
    )
    with progress_bar() as progress:
        outcome = run_job(job, now_utc(), click.echo, RealSteps(), progress=progress)
    if outcome.judgement is not None:
        print_judgement(outcome.name, outcome.judgement)
    return 0
