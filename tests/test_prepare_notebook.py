import json
from pathlib import Path

import nbclient
import nbformat
import pytest
from dataset_rows import log_line, write_log

from magenta_qa.finetune.dataset import load_facts

NOTEBOOK = Path(__file__).parent.parent / "finetune" / "prepare.ipynb"

pytestmark = pytest.mark.slow


# Jupyter's client warns of what asyncio deprecates and of files that connections leave behind.
@pytest.mark.filterwarnings("default")
def test_notebook_leads_from_a_log_to_records(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = tmp_path / ".magenta"
    lines = [log_line(home, number) for number in range(30)] + [log_line(home, 30, summary_source="model")]
    write_log(home, lines)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    facts = load_facts("data/interactions")
    assert sum(facts["rows"].values()) == 30
    for split, rows in facts["rows"].items():
        records = json.loads(Path(f"dataset/{split}.json").read_text())
        assert len(records) == rows
        assert all(Path(record["image"]).exists() for record in records)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3
    assert Path("stats.html").exists()
