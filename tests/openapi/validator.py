"""The OpenAPI validator: a program of Node with packages from npm, pinned by package-lock.json. They are
installed into a folder of the build when they are first needed."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(HERE + "/../site")
from packages import install_packages  # noqa: E402


def install(folder):
    """Makes `folder` hold the validator as it is here. Gives the command."""
    install_packages(HERE, folder)
    return ["node", shutil.copy(os.path.join(HERE, "validate.mjs"), folder)]


def validate(folder, documents, answers=None):
    """True if all OpenAPI documents are valid, and the answers of a program fit the only one."""
    command = install(folder) + (["--answers", answers] if answers else []) + list(documents)
    return subprocess.run(command, check=False).returncode == 0
