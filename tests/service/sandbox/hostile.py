"""TorchScript that does what no model should, and how each must end; built in a process of its own, for torch is there.

`python -m tests.service.sandbox.hostile FOLDER` writes `<name>.pt` for each.
"""

import io
import sys
import warnings
import zipfile
from pathlib import Path

# What each must end as; "facts" where it does no harm, and "facts|…" where torch may refuse it itself
ENDS: dict[str, str] = {
    "good": "facts",
    "traced": "facts",
    "deflated": "facts",
    "loop": "deadline",
    "loop_on_data": "deadline",
    "loop_at_load": "deadline",
    "many_tensors": "memory|deadline",
    "one_huge_tensor": "memory",
    "doubling_string": "memory|deadline",
    "growing_list": "memory|deadline",
    "deep_graph": "facts|memory|deadline|crash",
    "prints": "deadline|facts",
    "raises": "exception",
    "asserts": "exception",
    "wrong_shape": "exception",
    "writes_file": "forbidden",
    "writes_at_load": "forbidden",
    "reads_file": "forbidden",
    "reads_passwd": "forbidden",
    "reads_environment": "forbidden",
    "writes_shared": "forbidden",
    "creates_shared": "forbidden",
    "writes_own_memory": "forbidden",
    "writes_device": "forbidden",
    "reads_outside": "crash|facts|exception",
    "reads_far_outside": "crash|exception",
    "writes_outside": "crash|facts|exception",
    "writes_far_outside": "crash|exception",
    "unsafe_sparse": "crash|facts|exception",
    "strided_outside": "exception",
    "index_outside": "exception",
    "bag_outside": "exception",
    "nested_outside": "exception|crash",
    "thousand_forks": "facts",
    "forks_in_forks": "facts|deadline|exception",
    "fork_loops": "deadline",
    "collective": "exception",
    "sleeps": "deadline|exception",
    "divides_by_zero": "exception|crash|facts",
    "calls_itself": "exception",
    "large_constant": "exception|memory",
    "corrupt_constants": "exception",
    "corrupt_data": "exception|memory",
    "pickled_call": "exception",
    "long_code": "deadline|memory|exception|facts|crash",
}

SOURCE = """
import torch
from typing import List
class Base(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 3)
class Good(Base):
    def forward(self, x):
        return self.fc(x)
class Loop(Base):
    def forward(self, x):
        i = 0
        while True:
            i += 1
        return self.fc(x)
class LoopOnData(Base):
    def forward(self, x):
        y = self.fc(x)
        while bool(y.sum() < 1e30):
            y = y + 0.0
        return y
class LoopAtLoad(Base):
    def forward(self, x):
        return self.fc(x)
    @torch.jit.export
    def __getstate__(self):
        return (self.fc.weight, self.training)
    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]):
        self.training = state[1]
        i = 0
        while True:
            i += 1
class ManyTensors(Base):
    def forward(self, x):
        found: List[torch.Tensor] = []
        for i in range(1000):
            found.append(torch.ones(1 << 26) + x.sum())
        return self.fc(x) + found[3][5] + float(len(found))
class OneHugeTensor(Base):
    def forward(self, x):
        return self.fc(x) + torch.empty(1 << 44, dtype=torch.uint8)[0].float()
class DoublingString(Base):
    def forward(self, x):
        text = "x"
        for i in range(40):
            text = text + text
        return self.fc(x) + float(len(text))
class GrowingList(Base):
    def forward(self, x):
        numbers = [1]
        for i in range(1 << 40):
            numbers.append(i)
        return self.fc(x) + float(len(numbers))
class DeepGraph(Base):
    def forward(self, x):
        y = self.fc(x)
        for i in range(300000):
            y = y + 1.0
        return y
class Prints(Base):
    def forward(self, x):
        for i in range(1000000):
            print("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        return self.fc(x)
class Raises(Base):
    def forward(self, x):
        if x.size(0) > 0:
            raise ValueError("no thank you, see /etc/secret/file.txt")
        return self.fc(x)
class Asserts(Base):
    def forward(self, x):
        assert x.size(0) == 77
        return self.fc(x)
class WrongShape(Base):
    def forward(self, x):
        return self.fc(torch.cat([x, x], 1))
class WritesFile(Base):
    def forward(self, x):
        torch.save([x], "FOLDER/written")
        return self.fc(x)
class WritesAtLoad(Base):
    def forward(self, x):
        return self.fc(x)
    @torch.jit.export
    def __getstate__(self):
        return (self.fc.weight, self.training)
    @torch.jit.export
    def __setstate__(self, state: tuple[torch.Tensor, bool]):
        self.training = state[1]
        torch.save([state[0]], "FOLDER/written_at_load")
class ReadsFile(Base):
    def forward(self, x):
        return self.fc(x) + torch.from_file("FOLDER/secret", False, 64, dtype=torch.uint8)[0:3].float()
class ReadsPasswd(Base):
    def forward(self, x):
        return self.fc(x) + torch.from_file("/etc/passwd", False, 64, dtype=torch.uint8)[0:3].float()
class ReadsEnvironment(Base):
    def forward(self, x):
        return self.fc(x) + torch.from_file("/proc/self/environ", False, 16, dtype=torch.uint8)[0].float()
class WritesShared(Base):
    def forward(self, x):
        t = torch.from_file("FOLDER/secret", True, 16, dtype=torch.uint8)
        t.fill_(65)
        return self.fc(x) + t[0].float()
class CreatesShared(Base):
    def forward(self, x):
        return self.fc(x) + torch.from_file("FOLDER/created", True, 1 << 20, dtype=torch.uint8)[0].float()
class WritesOwnMemory(Base):
    def forward(self, x):
        torch.save([x], "/proc/self/mem")
        return self.fc(x)
class WritesDevice(Base):
    def forward(self, x):
        torch.save([x], "/dev/full")
        return self.fc(x)
class ReadsOutside(Base):
    def forward(self, x):
        return self.fc(x) + torch.ops.inductor._reinterpret_tensor(x, [64], [1], -64).sum()
class ReadsFarOutside(Base):
    def forward(self, x):
        return self.fc(x) + torch.ops.inductor._reinterpret_tensor(x, [8], [1], 1 << 40).sum()
class WritesOutside(Base):
    def forward(self, x):
        torch.ops.inductor._reinterpret_tensor(x, [1 << 10], [1], 0).fill_(float("nan"))
        return self.fc(x)
class WritesFarOutside(Base):
    def forward(self, x):
        t = torch.ops.inductor._reinterpret_tensor(x, [1 << 24], [1], -(1 << 23))
        t.fill_(1.0e30)
        return self.fc(x) + t[0]
class UnsafeSparse(Base):
    def forward(self, x):
        a = torch.ops.aten._sparse_csr_tensor_unsafe(
            torch.tensor([0, 1 << 40]), torch.tensor([1 << 40]), torch.tensor([1.0]), [1, 4],
            dtype=torch.float32, layout=torch.sparse_csr, device=torch.device("cpu"), pin_memory=False)
        return self.fc(x) + torch.matmul(a, x.t()).sum()
class StridedOutside(Base):
    def forward(self, x):
        return self.fc(x) + torch.as_strided(x, [1], [1], 1 << 34).sum()
class IndexOutside(Base):
    def forward(self, x):
        far = torch.tensor([1 << 40])
        return self.fc(x) + torch.ops.aten._unsafe_index(x, [far, far]).sum()
class BagOutside(Base):
    def forward(self, x):
        return self.fc(x) + torch.ops.aten._embedding_bag(
            self.fc.weight, torch.tensor([1 << 40]), torch.tensor([0]))[0].sum()
class NestedOutside(Base):
    def forward(self, x):
        t = torch.ops.aten._nested_view_from_buffer(
            x.view(-1), torch.tensor([[1000000]]), torch.tensor([[1]]), torch.tensor([1 << 30]))
        return self.fc(x) + torch.ops.aten.unbind(t)[0].sum()
class ThousandForks(Base):
    def forward(self, x):
        f = [torch.jit.fork(torch.ones, [10]) for _ in range(1000)]
        return self.fc(x) + torch.jit.wait(f[0])[0] + torch.jit.wait(f[999])[0]
@torch.jit.script
def inner(x):
    f = torch.jit.fork(torch.ones, [3])
    return x + torch.jit.wait(f)[0]
class ForksInForks(Base):
    def forward(self, x):
        f = [torch.jit.fork(inner, x) for _ in range(100)]
        return self.fc(x) + torch.jit.wait(f[99]).sum()
@torch.jit.script
def endless(x):
    i = 0
    while True:
        i += 1
    return x
class ForkLoops(Base):
    def forward(self, x):
        f = [torch.jit.fork(endless, x) for _ in range(4)]
        return self.fc(x) + torch.jit.wait(f[0]).sum()
class Collective(Base):
    def forward(self, x):
        return self.fc(torch.ops._c10d_functional.all_reduce(x, "sum", "x"))
class Sleeps(Base):
    def forward(self, x):
        y = self.fc(x)
        for i in range(1 << 50):
            y = torch.matmul(torch.ones(300, 300), torch.ones(300, 300))[:5, :3] + self.fc(x)
        return y
class DividesByZero(Base):
    def forward(self, x):
        return self.fc(x) + float((x.size(0) - 1) // (x.size(1) - 4))
"""


def build(folder: Path) -> None:
    """Write all of them into `folder`."""
    warnings.simplefilter("ignore")
    import importlib.util  # noqa: PLC0415

    import torch  # noqa: PLC0415

    source = folder / "models.py"
    source.write_text(SOURCE.replace("FOLDER", str(folder)), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("hostile_models", source)
    assert spec is not None
    assert spec.loader is not None
    models = importlib.util.module_from_spec(spec)
    sys.modules["hostile_models"] = models
    spec.loader.exec_module(models)
    (folder / "secret").write_bytes(b"secret" * 16)
    for name in ENDS:
        kind = getattr(models, name.title().replace("_", ""), None)
        if kind is not None:
            torch.jit.save(torch.jit.script(kind()), str(folder / f"{name}.pt"))
    torch.jit.save(torch.jit.trace(models.Good(), torch.ones(5, 4)), str(folder / "traced.pt"))
    good = (folder / "good.pt").read_bytes()
    line = b"    return "

    def edited(name: str, ending: str, old: bytes, new: bytes) -> None:
        _remake(good, folder / f"{name}.pt", {ending: (old, new)})

    module = "hostile_models.py"
    edited("calls_itself", module, line, b"    z = (self).forward(x, )\n" + line)
    edited("long_code", module, line, b"".join(b"    a%d = torch.add(x, %d)\n" % (i, i) for i in range(60_000)) + line)
    edited("large_constant", "/data.pkl", b"\x80\x02", b"\x80\x02X\xff\xff\xff\x7fAAAA")
    edited("corrupt_constants", "/constants.pkl", b"\x80\x02", b"\x80\x02((((\x00\xff")
    edited("corrupt_data", "/data.pkl", b"K\x04", b"K\xff")
    edited("pickled_call", "/data.pkl", b"\x80\x02", b"\x80\x02cposix\nsystem\nX\x07\x00\x00\x00touch xR0")
    edited("deep_list", module, line, b"    z = " + b"[" * 20_000 + b"1" + b"]" * 20_000 + b"\n" + line)
    edited("deep_parentheses", module, line, b"    z = " + b"(" * 200_000 + b"1" + b")" * 200_000 + b"\n" + line)
    _remake(good, folder / "deflated.pt", {}, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(folder / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as bomb:
        with zipfile.ZipFile(io.BytesIO(good)) as old:
            for entry in old.infolist():
                if not entry.filename.endswith("data/0"):
                    bomb.writestr(entry.filename, old.read(entry))
        with bomb.open("good/data/0", "w") as zeros:
            for _ in range(64):
                zeros.write(bytes(1 << 22))


def _remake(good: bytes, path: Path, edits: dict[str, tuple[bytes, bytes]], method: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(path, "w", method) as new:
        for entry in old.infolist():
            data = old.read(entry)
            for ending, (before, after) in edits.items():
                if entry.filename.endswith(ending):
                    assert before in data, (path, ending)
                    data = data.replace(before, after, 1)
            new.writestr(entry.filename, data)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
