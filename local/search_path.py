"""Puts folders on the search path of the virtual environment that runs this file: a `.pth` in its site-packages.

`python local/search_path.py FOLDER…`. The lines are relative to site-packages, so that a copy of the project uses its
own folders, also where the environment is reached through a link.
"""

import os
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

NAME = "paylatch.pth"


def write(folders: Iterable[str], site_packages: Path) -> None:
    """Replace the `.pth` in `site_packages` by one that names the folders."""
    lines = [f"{os.path.relpath(folder, site_packages)}\n" for folder in folders]
    (site_packages / NAME).write_text("".join(lines))


if __name__ == "__main__":
    write(sys.argv[1:], Path(sysconfig.get_path("purelib")))
