"""The warm process on a machine whose system calls nobody has listed: there can be no jail."""

import os
import platform
import sys

from service.sandbox import warm
from service.sandbox.orders import Orders

if __name__ == "__main__":
    platform.machine = lambda: "riscv64"
    os._exit(warm.main(int(sys.argv[1]), int(sys.argv[2]), Orders.from_text(sys.argv[3])))
