"""Verdicts in pytest's JUnit file: `<failure type="stale">`, and `<error type="error">` for infrastructure.

pytest knows only "failed in the test" and "failed in a fixture"; each test case of ours has its verdict as the property
"verdict", from which the elements and the counts of the suite are put right.
"""

import xml.etree.ElementTree as ET
from pathlib import Path


def name_verdicts(path: Path) -> None:
    """Rewrite the file in place; one that is not there is left alone."""
    if not path.is_file():
        return
    tree = ET.parse(path)
    for suite in tree.iter("testsuite"):
        moved = sum(_name_verdict(case) for case in suite.iter("testcase"))
        suite.set("failures", str(int(suite.get("failures", "0")) - moved))
        suite.set("errors", str(int(suite.get("errors", "0")) + moved))
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _name_verdict(case: ET.Element) -> int:
    """Returns how many of its failures became errors."""
    verdict = next((p.get("value", "") for p in case.iter("property") if p.get("name") == "verdict"), "")
    if verdict in ("", "passed"):
        return 0
    failures = case.findall("failure")
    for element in [*failures, *case.findall("error")]:
        element.set("type", verdict if element.tag == "failure" else "error")
    if verdict != "error":
        return 0
    for failure in failures:
        failure.tag = "error"
    return len(failures)
