"""`python -m apps`: see proof.py."""

import argparse
import sys

from apps import proof


def main() -> int:
    """Play the scenarios, print the table; 1 where less than 85 % pass with a true oracle or one passes falsely."""
    parser = argparse.ArgumentParser(description=proof.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=proof.NAMES, default=proof.NAMES, metavar="APPLICATION")
    parser.add_argument("--scenario", nargs="+", default=[])
    options = parser.parse_args()
    outcomes: list[proof.Outcome] = []
    for name in options.only:
        for outcome in proof.prove(proof.application(name), tuple(options.scenario)):
            outcomes.append(outcome)
            proof.keep(outcome)
            print(proof.line(outcome), flush=True)
    print(proof.table(outcomes))
    honest = [o for o in outcomes if o.honest]
    share = sum(o.is_true_pass for o in honest) / max(len(honest), 1)
    return int(share < proof.SHARE or any(o.is_false_pass for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
