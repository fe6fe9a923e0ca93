"""The OpenAPI validator: a program of Node with packages from npm, pinned by package-lock.json. They are
installed into a folder of the build when they are first needed."""
import fcntl
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = ("package.json", "package-lock.json", "validate.mjs")


def install(folder):
    """Makes `folder` hold the validator as it is here. Gives the command."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fresh = os.path.join(folder, "node_modules", ".package-lock.json")
        if not os.path.exists(fresh) or os.path.getmtime(fresh) < os.path.getmtime(
                os.path.join(HERE, "package-lock.json")):
            for name in FILES[:2]:
                shutil.copy(os.path.join(HERE, name), folder)
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                           check=True, stdout=subprocess.DEVNULL)
        shutil.copy(os.path.join(HERE, FILES[2]), folder)
    return ["node", os.path.join(folder, FILES[2])]


def validate(folder, documents, answers=None):
    """True if all OpenAPI documents are valid, and the answers of a program fit the only one."""
    command = install(folder) + (["--answers", answers] if answers else []) + list(documents)
    return subprocess.run(command, check=False).returncode == 0
