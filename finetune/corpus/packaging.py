"""Leaves the corpus out of wheels; an editable install has it, since it is built from a checkout."""

from setuptools.command.build_py import build_py

LEFT_OUT = "magenta_qa.finetune.corpus"


class BuildWithoutCorpus(build_py):  # type: ignore[misc, unused-ignore]
    """setuptools' own, without the corpus."""

    def run(self) -> None:
        """Copy the packages that belong into a wheel."""
        if not self.editable_mode:
            self.packages = [name for name in self.packages or [] if not name.startswith(LEFT_OUT)]  # type: ignore[has-type]
            # What is no package is taken for data of the package that it lies in.
            self.data_files = [
                (package, source, target, [name for name in names if not name.startswith("corpus")])
                for package, source, target, names in self.data_files  # type: ignore[has-type]
            ]
        super().run()
