"""Every notebook runs from the first cell to the last, and what is stored in it is no error."""

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # the kernel's own libraries warn of one another
def test_notebook_runs(path, tmp_path):
    import nbformat
    from jupyter_client import AsyncKernelManager
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    # sockets in a folder of our own: two kernels on one machine never meet on a port
    place = {"transport": "ipc", "ip": str(tmp_path / "k")} if os.name == "posix" else {}
    kernel = AsyncKernelManager(kernel_name="python3", **place)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, km=kernel, timeout=600, resources=resources).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any(output.output_type == "display_data" for output in shown)
    assert not [output for output in shown if output.output_type == "error"]
