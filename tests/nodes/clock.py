"""Wall clocks that tests set, one for each process that asked for one."""

import pathlib
import struct
import subprocess

SOURCE = pathlib.Path(__file__).parent / "clock.c"


class Clocks:
    def __init__(self, folder):
        self.folder, self.library = folder, folder / "clock.so"
        self.names = []
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-o",
                        self.library, SOURCE, "-ldl"], check=True)

    def own(self, process):
        """PROCESS has its own clock from its next start on."""
        self.names.append(process.name)
        self.set(0, process.name)
        process.env = {**process.env, "LD_PRELOAD": str(self.library),
                       "CHAOS_CLOCK": str(self._file(process.name))}

    def set(self, seconds, *names):
        """How many seconds the clocks NAMES, or all, are ahead."""
        for name in names or self.names:
            file = self._file(name)
            with open(file, "r+b" if file.exists() else "wb") as f:
                f.write(struct.pack("l", seconds))

    def _file(self, name):
        return self.folder / f"{name}.clock"
