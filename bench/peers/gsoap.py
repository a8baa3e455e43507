"""1177 by gSOAP: a client that Debian's gsoap makes from the national WSDLs, with `gsoap_1177.cpp` around it.

`apt-get install gsoap libgsoap-dev g++`. The client is strict: an answer that is not as the schemas say is an error.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = ("wsdl2h", "soapcpp2", "g++")
HEADER = Path("/usr/include/stdsoap2.h")
"""Debian has it in a package apart, libgsoap-dev."""


class NotThere(Exception):
    """What it is built with is not on this machine."""


@dataclass(frozen=True)
class GSoap:
    """The client, built.

    Args:
        url: where our producer, or what stands before it, is called.
    """

    program: Path
    url: str

    def ask(self, operation: str, unit: str, actor: str, **fields: str) -> list[dict[str, str]]:
        """One call: the timeslots or entries of its answer, by the contract's names.

        Args:
            actor: who asks, 12 figures.
            fields: by the contract's names; several values with a comma between.

        Raises:
            CalledProcessError: a fault, or an answer that gSOAP does not take.
        """
        given = [f"{name}={value}" for name, value in fields.items()]
        call = [str(self.program), self.url, operation, unit, actor, *given]
        said = subprocess.run(call, capture_output=True, text=True, check=True, timeout=30).stdout
        entries = said.split("--\n")[:-1]
        return [dict(line.split("\t", 1) for line in entry.splitlines()) for entry in entries]


def build(wsdls: Path, folder: Path) -> Path:
    """The program, made in a folder of its own; half a minute.

    Args:
        wsdls: crm.scheduling's `interactions`.

    Raises:
        NotThere: gsoap or a compiler.
    """
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    missing += [] if HEADER.exists() else [str(HEADER)]
    if missing:
        raise NotThere(", ".join(missing))
    contracts = sorted(str(each) for each in wsdls.resolve().glob("*/*.wsdl"))
    typemap = str(HERE / "gsoap_typemap.dat")
    _run(folder, "wsdl2h", "-t", typemap, "-_", "-c++11", "-o", "1177.h", *contracts)
    _run(folder, "soapcpp2", "-j", "-C", "-L", "-x", "-w", "1177.h")
    made = [each.name for each in sorted(folder.glob("soap*.cpp"))]
    program = [str(HERE / "gsoap_1177.cpp"), *made]
    _run(folder, "g++", "-std=c++17", "-w", "-I", ".", "-o", "gsoap_1177", *program, "-lgsoap++")
    return folder / "gsoap_1177"


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
