"""What a plain ``pip install`` of the built wheel gives."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import twisted
from twisted.trial.unittest import SynchronousTestCase

from tests.project.sources import ROOT


def _run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; :raises AssertionError: with all of it where the command fails."""
    done = subprocess.run(
        command, cwd=cwd, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Wheel(SynchronousTestCase):
    """The package as others install it, in an environment that knows nothing of this folder."""

    if find_spec("build") is None:
        skip = "needs the package 'build'"

    def build(self, folder: Path) -> Path:
        """A wheel made from a copy of what the package is made of."""
        source = folder / "source"
        source.mkdir()
        for name in ("pyproject.toml", "README.rst", "LICENSE"):
            shutil.copy(ROOT / name, source)
        for name in ("tsnode", "twisted", "tests"):
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "dropin.cache"))
        _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source, cwd=folder)
        (wheel,) = folder.glob("*.whl")
        return wheel

    def install(self, wheel: Path, folder: Path) -> Path:
        """The Python of a new environment with Twisted and the wheel; all else is found where this process has it."""
        environment = folder / "environment"
        venv.create(environment, symlinks=True)
        python = environment / "bin" / "python"
        (packages,) = environment.glob("lib/python3*/site-packages")
        real = Path(twisted.__file__).parent
        ignored = shutil.ignore_patterns("test", "__pycache__", "dropin.cache")
        shutil.copytree(real, packages / "twisted", ignore=ignored)
        (packages / "others.pth").write_text(f"{real.parent}\n", encoding="utf-8")
        _run(
            sys.executable, "-m", "pip", "--python", python,
            "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", wheel,
            cwd=folder,
        )
        return python

    def test_twistd_lists_tsnode_after_a_plain_install(self) -> None:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        wheel = self.build(folder)
        with ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if ".dist-info/" not in name]
        others = [name for name in names if not name.startswith("tsnode/")]
        self.assertEqual(sorted(others), ["twisted/plugins/tsnode_plugin.py", "twisted/plugins/tsnode_stores.py"])
        self.assertIn("tsnode/py.typed", names)
        python = self.install(wheel, folder)
        where = _run(python, "-c", "import tsnode; print(tsnode.__file__)", cwd=folder)
        self.assertIn("environment", where)
        said = _run(python, "-c", "from twisted.scripts.twistd import run; run()", "--help", cwd=folder)
        self.assertRegex(said, r"(?m)^ +tsnode +A caching HTTP proxy node")
        self.assertRegex(_run(python.with_name("tsnode"), "--version", cwd=folder), r"^tsnode \d")

    def test_twistd_lists_tsnode_from_the_checkout(self) -> None:
        """What ``make run`` relies on."""
        said = _run(sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "--help", cwd=ROOT)
        self.assertRegex(said, r"(?m)^ +tsnode +A caching HTTP proxy node")
