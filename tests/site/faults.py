"""Which call of a program fails next: the memory that tests/faults/fault.c, loaded before it, shares with a test."""
import mmap
import struct

SYSTEM_CALLS, MEMORY = 1, 2


class Control:
    def __init__(self, path):
        with open(path, "wb") as file:
            file.write(bytes(48))
        self.path, self.file = path, open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 48)

    def set(self, kinds, fail_at=0, variant=0):
        self.before = self.get()[0]
        self.map[8:40] = struct.pack("<QQQQ", fail_at, variant, 0, 0)
        self.map[0:8] = struct.pack("<Q", kinds)  # last: it begins with this

    def get(self):
        _, _, _, count, failed, live = struct.unpack("<QQQQQq", self.map[:48])
        return count, failed, live
