"""Packages from npm, pinned by a package-lock.json, in a folder of the build."""
import fcntl
import os
import shutil
import subprocess


def install_packages(source, folder):
    """Those of `source`, which has package.json and its lock file, into `folder` when they are first needed."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fresh = os.path.join(folder, "node_modules", ".package-lock.json")
        if os.path.exists(fresh) and os.path.getmtime(fresh) >= os.path.getmtime(source + "/package-lock.json"):
            return
        for name in "package.json", "package-lock.json":
            shutil.copy(os.path.join(source, name), folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
