"""Explores one of the applications: `python -m apps.explored flask-admin --budget 5m`, from the folder `tests`.

Other options are those of `magenta explore`, such as --first FILE (an absolute path) and --allow KINDS.

Nobody knows what is wrong with them: what is reported is judged by hand, in build/explore/NAME/report.html.
"""

import argparse
import shutil
import subprocess
import sys

from apps import proof
from apps.application import ROOT, free_port, prepare, serving


def main() -> int:
    """Start the application with its seeded data and explore it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=proof.NAMES)
    parser.add_argument("--budget", default="5m")
    parser.add_argument("--path", default="/", help="where to begin")
    given, options = parser.parse_known_args()
    application = proof.application(given.name)
    home = prepare(application)
    out = ROOT.parent / "explore" / given.name
    data, port = out / "data", free_port()
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(home / "seeded", data)
    command = application.command(home, data, port)
    with serving(command, port, application.ready, out / "server.log", application.environment(data)) as url:
        explore = [sys.executable, "-m", "magenta_qa.agent.cli", "explore", url + given.path]
        return subprocess.run([*explore, "--budget", given.budget, "--out", str(out), *options]).returncode


if __name__ == "__main__":
    sys.exit(main())
