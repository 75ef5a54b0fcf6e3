"""Archives and binary logs are opened before the engine; what is in them is read, and nothing that they do gets out."""

import gzip
import io
import json
import random
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from schemas.limits import Limits, TooMany
from service import create_app
from service.containers import event_file, opened, wandb_file
from service.containers.archive import members
from service.containers.tar_file import HEADERS, BrokenTar, files
from service.question.parts import Part
from service.refusals import BrokenEncoding, TooLarge
from service.settings import Settings

HERE = Path(__file__).parent / "containers"
EVENTS, TENSORS, WANDB = (
    (HERE / name).read_bytes() for name in ("scalars.tfevents", "tensors.tfevents", "offline.wandb")
)
CSV = b"epoch,loss,val_loss\n0,2.3,2.4\n1,1.7,1.9\n2,1.2,1.7\n"
OTHER = b"epoch,loss,val_loss\n0,2.2,2.3\n1,1.6,1.8\n2,1.1,1.6\n"


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP archive of some files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: dict[str, bytes], mode: Literal["w", "w:gz"] = "w:gz") -> bytes:
    """A tar archive of some files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def patient() -> None:
    """A clock that is never over."""


def asked(client: FlaskClient, body: bytes, **query: str) -> dict[str, Any]:
    """The answer to a body."""
    response = client.post("/diagnose", data=body, query_string=query)
    assert 200 == response.status_code, response.get_json()
    found: dict[str, Any] = response.get_json()
    return found


def test_an_event_file_is_read_with_its_scalars_and_without_its_histograms(client: FlaskClient) -> None:
    """As SummaryWriter wrote it."""
    found = asked(client, EVENTS)

    assert "tensorboard_events" == found["source"]["format"]
    assert {"loss/train": "train_loss", "loss/val": "val_loss"} == found["source"]["mapping"]
    assert [60, 12] == [curve["n"] for curve in found["curves"]]


def test_scalars_that_are_tensors_are_read_alike(client: FlaskClient) -> None:
    """As TensorFlow 2 writes them."""
    assert [20] == [curve["n"] for curve in asked(client, TENSORS)["curves"]]


def test_a_wandb_file_is_read_with_nested_names(client: FlaskClient) -> None:
    """As an offline run leaves it."""
    found = asked(client, WANDB)

    assert "wandb_records" == found["source"]["format"]
    assert {"train/loss": "train_loss", "val/loss": "val_loss"}.items() <= found["source"]["mapping"].items()


@pytest.mark.parametrize("body", [EVENTS, WANDB], ids=["events", "wandb"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_binary_log_that_is_cut_short_is_read_up_to_there(client: FlaskClient, body: bytes, share: float) -> None:
    """A run that is still being written."""
    whole, part = asked(client, body), asked(client, body[: int(len(body) * share)])

    assert 0 < sum(c["n"] for c in part["curves"]) < sum(c["n"] for c in whole["curves"])


def test_an_event_file_without_scalars_is_no_curve(client: FlaskClient) -> None:
    """The version record alone, as an empty run leaves it."""
    length = struct.unpack("<Q", EVENTS[:8])[0]
    response = client.post("/diagnose", data=EVENTS[: 12 + length + 4] + b"\0")

    assert (422, True) == (response.status_code, response.get_json()["type"].endswith("/no-curve"))


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w")], ids=["zip", "tar.gz", "tar"])
def test_a_log_folder_is_one_run_and_what_is_no_log_is_set_aside_and_named(
    client: FlaskClient, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    """A folder of Lightning: metrics, hyper-parameters, a checkpoint, a note."""
    files = {"v0/metrics.csv": CSV, "v0/hparams.yaml": b"lr: 0.1\n", "v0/last.ckpt": b"\x80\x02", "v0/notes": b"hm"}
    found = asked(client, pack(files))

    assert {"loss": "train_loss", "val_loss": "val_loss"} == found["source"]["mapping"]
    assert "v0/notes: in the archive, and no training logs" in " ".join(found["source"]["notes"])


def test_each_run_folder_of_an_archive_is_a_run_named_after_it(client: FlaskClient) -> None:
    """Seeds side by side."""
    found = asked(client, zipped({"runs/seed0/metrics.csv": CSV, "runs/seed1/metrics.csv": OTHER}))

    assert ["seed0", "seed1"] == [run["name"] for run in found["runs"]]


def test_metric_files_of_one_mlflow_run_are_one_run(client: FlaskClient) -> None:
    """Each file holds one metric, which is its name."""
    lines = {name: "".join(f"1708208368539 {value / 2} {step}\n" for step, value in enumerate(values)).encode()
             for name, values in (("loss", (4, 3, 2)), ("val/loss", (5, 4, 3)))}  # fmt: skip
    found = asked(client, zipped({f"mlruns/0/abc/metrics/{name}": text for name, text in lines.items()}))

    assert {"loss": "train_loss", "val/loss": "val_loss"} == found["source"]["mapping"]


def test_folders_called_train_and_validation_are_splits_of_one_run(client: FlaskClient) -> None:
    """Keras writes `epoch_loss` into both."""
    found = asked(client, zipped({"logs/train/events.a": TENSORS, "logs/validation/events.b": TENSORS}))

    assert {"train/epoch_loss": "train_loss", "val/epoch_loss": "val_loss"} == found["source"]["mapping"]


def test_an_archive_without_logs_says_so(client: FlaskClient) -> None:
    """With what would do."""
    response = client.post("/diagnose", data=zipped({"a.png": b"\x89PNG", "b.txt": b"nothing here"}))

    assert 415 == response.status_code
    assert "no training log" in response.get_json()["detail"]


def test_a_bomb_is_refused_at_the_limit() -> None:
    """Whatever it would unpack to."""
    for bomb in (zipped({"a.csv": b"0" * 5_000_000}), tarred({"a.csv": b"0" * 5_000_000})):
        with pytest.raises(TooLarge):
            members(bomb, Limits(unpacked=1_000_000), patient)


def test_archives_sent_together_share_one_limit() -> None:
    """Each is small, and what they unpack to is held at once."""
    pair = [Part("file", zipped({f"{name}.csv": b"0" * 600_000})) for name in "ab"]

    assert 1 == len(opened(pair[:1], Limits(unpacked=1_000_000)))
    with pytest.raises(TooLarge):
        opened(pair, Limits(unpacked=1_000_000))
    with pytest.raises(TooMany):
        opened(pair, Limits(files=1))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_is_not_deflated_is_refused_unopened(client: FlaskClient, method: int) -> None:
    """The library unpacks these without a bound: two kilobytes would fill the memory."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a.csv", CSV)

    response = client.post("/diagnose", data=packed.getvalue())

    assert (400, True) == (response.status_code, "other than deflate" in response.get_json()["detail"])


def impatient() -> None:
    """The clock, when it is over."""
    raise TooMany("over")


def numbered(number: int, data: bytes) -> bytes:
    """A field of a message, of a few bytes."""
    key = number << 3 | 2
    return (bytes([key]) if key < 128 else bytes([key & 127 | 128, key >> 7])) + bytes([len(data)]) + data


def wandb_of(*chunks: tuple[int, bytes]) -> bytes:
    """A W&B file of one block."""
    return b":W&B\0\0\0" + b"".join(struct.pack("<IHB", 0, len(data), kind) + data for kind, data in chunks)


SLOW = {
    "zip": zipped({"a.csv": CSV}),
    "tar": tarred({"a.png": b""}, "w"),
    "tar.gz": tarred({"a.png": b""}),
    "events": EVENTS,
    "events in a zip": zipped({"a": EVENTS}),
    "wandb": WANDB,
    "wandb, never a whole record": wandb_of((2, b"a"), *[(3, b"a")] * 100),
}


@pytest.mark.parametrize("kind", SLOW)
def test_the_clock_is_looked_at_wherever_something_is_opened(kind: str) -> None:
    """What is packed to take long is left off when the time is over."""
    with pytest.raises(TooMany, match="over"):
        opened([Part("file", SLOW[kind])], Limits(), impatient)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_the_clock_is_looked_at_within_one_file_of_an_archive(kind: str) -> None:
    """Not only between its files."""
    large = {"a.csv": bytes(random.Random(1).randbytes(1_000_000))}  # noqa: S311 - bytes that do not pack
    looks: list[None] = []

    opened([Part("file", zipped(large) if kind == "zip" else tarred(large))], Limits(), lambda: looks.append(None))

    assert len(looks) > 10


def test_an_archive_that_takes_too_long_gets_the_problem_of_everything_that_does() -> None:
    """One limit, one sentence."""
    response = (
        create_app(Settings(seconds=0)).test_client().post("/diagnose", data=zipped({"a.png": b"", "a.csv": CSV}))
    )

    assert (422, True) == (response.status_code, response.get_json()["type"].endswith("/too-many"))
    assert "s of computing" in response.get_json()["detail"]


def test_a_record_in_a_hundred_thousand_chunks_is_put_together_in_time(client: FlaskClient) -> None:
    """Each byte costs one byte, not all that came before it."""
    began = time.thread_time()

    opened([Part("file", wandb_of((2, b"a" * 30_000), *[(3, b"a")] * 300_000))], Limits())

    assert time.thread_time() - began < 3


def test_of_a_record_too_large_for_metrics_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not its rest either, which might look like a record of its own."""
    monkeypatch.setattr(wandb_file, "RECORD_MOST", 100)
    item = numbered(1, b"loss") + numbered(16, b"0.5")
    record = b"\x12" + bytes([len(item) + 2]) + b"\x0a" + bytes([len(item)]) + item

    assert [{"loss": 0.5, "_step": 0, "_timestamp": None}] == wandb_file.history(wandb_of((1, record)), Limits())
    assert not wandb_file.history(wandb_of((2, bytes(99)), (3, b"more"), (4, record)), Limits())


def test_json_nested_without_end_in_a_binary_log_is_no_value() -> None:
    """And no failure of ours."""
    nested = b"[" * 5000
    length = bytes([len(nested) & 127 | 128, len(nested) >> 7])
    item = numbered(1, b"loss") + b"\x82\x01" + length + nested
    lengths = [bytes([size & 127 | 128, size >> 7]) for size in (len(item), len(item) + 3)]
    record = b"\x12" + lengths[1] + b"\x0a" + lengths[0] + item

    assert [{"loss": None, "_step": 0, "_timestamp": None}] == wandb_file.history(wandb_of((1, record)), Limits())


def test_a_broken_archive_is_refused(client: FlaskClient) -> None:
    """Cut on its way, or encrypted."""
    whole = tarred({"a.csv": CSV * 2000})
    response = client.post("/diagnose", data=whole[: len(whole) // 2])

    assert 400 <= response.status_code < 500
    with pytest.raises(BrokenEncoding):
        members(whole[: len(whole) // 2], Limits(), patient)


def test_names_that_climb_out_of_the_archive_are_only_names(client: FlaskClient) -> None:
    """Nothing is written anywhere."""
    assert 200 == client.post("/diagnose", data=zipped({"../../etc/metrics.csv": CSV})).status_code


def test_a_link_in_a_tar_is_not_followed() -> None:
    """Only files count."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        link = tarfile.TarInfo("metrics.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)

    assert () == members(buffer.getvalue(), Limits(), patient)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, len(EVENTS) - 1), byte=st.integers(0, 255), body=st.sampled_from([EVENTS, TENSORS, WANDB]))
def test_a_broken_byte_in_a_binary_log_never_breaks_the_service(at: int, byte: int, body: bytes) -> None:
    """Read as far as it goes."""
    at %= len(body)
    spoilt = body[:at] + bytes([byte]) + body[at + 1 :]

    assert 1 == len(opened([Part("file", spoilt)], Limits()))


@settings(max_examples=100, deadline=None)
@given(noise=st.binary(max_size=400))
def test_arbitrary_bytes_behind_a_magic_number_never_break(noise: bytes) -> None:
    """Lengths that lie, zeros, half records."""
    wandb_file.history(b":W&B\0\0\0" + noise, Limits())
    event_file.scalars(EVENTS[:60] + noise, Limits())
    opened([Part("file", gzip.compress(noise))], Limits())


def trainer_state(steps: int) -> bytes:
    """Hugging Face's history so far, after some steps."""
    rows = [{"step": at, "epoch": at / 10, "loss": 2.0 / at, "learning_rate": 1e-5} for at in range(1, steps + 1)]
    return json.dumps({"global_step": steps, "log_history": rows}).encode()


def test_checkpoints_of_one_run_are_that_run_and_the_longest_counts(client: FlaskClient) -> None:
    """An output folder holds the history so far in each of its checkpoints, and the whole twice."""
    files = {
        "out/checkpoint-4/trainer_state.json": trainer_state(4),
        "out/checkpoint-8/trainer_state.json": trainer_state(8),
        "out/trainer_state.json": trainer_state(8),
        "out/config.json": b'{"hidden_size": 768}',
    }

    found = asked(client, zipped(files))

    assert "runs" not in found
    assert {curve["name"]: curve["n"] for curve in found["curves"]}["loss"] == 8
    assert any("the longest counts" in note for note in found["source"]["notes"])


def test_checkpoints_may_be_asked_about_one_by_one(client: FlaskClient) -> None:
    """`?runs=each` takes apart what would be one."""
    files = {f"checkpoint-{steps}/trainer_state.json": trainer_state(steps) for steps in (4, 8)}

    assert 2 == len(asked(client, zipped(files), runs="each")["runs"])


def test_a_run_that_is_logged_in_two_forms_is_one_run(client: FlaskClient) -> None:
    """A table beside records with the same numbers, one of them rounded."""
    records = b'{"epoch": 0, "loss": 2.3001}\n{"epoch": 1, "loss": 1.7}\n{"epoch": 2, "loss": 1.2}\n'

    found = asked(client, zipped({"run/metrics.csv": CSV, "run/log.jsonl": records}))

    assert "runs" not in found
    assert any("two forms" in note for note in found["source"]["notes"])


def event_of(tag: bytes, values: list[float]) -> bytes:
    """An event file with one scalar."""
    records = [b"\x09\0\0\0\0\0\0\xf0?\x1a\x0dbrain.Event:2"]
    for step, value in enumerate(values):
        scalar = b"\x0a" + bytes([len(tag)]) + tag + b"\x15" + struct.pack("<f", value)
        summary = b"\x0a" + bytes([len(scalar)]) + scalar
        records.append(b"\x09\0\0\0\0\0\0\xf0?\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary)
    return b"".join(struct.pack("<QI", len(record), 0) + record + b"\0\0\0\0" for record in records)


def test_scalars_added_together_are_splits_of_one_run(client: FlaskClient) -> None:
    """`add_scalars` makes a folder for each of its names beside the run's own file."""
    files = {
        "runs/a/Loss_train/events.out.tfevents.1": event_of(b"Loss", [2.0, 1.5, 1.2]),
        "runs/a/Loss_val/events.out.tfevents.2": event_of(b"Loss", [2.1, 1.7, 1.5]),
        "runs/a/events.out.tfevents.3": event_of(b"lr", [0.1, 0.1, 0.01]),
    }

    found = asked(client, zipped(files))

    assert {"train/Loss": "train_loss", "val/Loss": "val_loss", "lr": "learning_rate"} == found["source"]["mapping"]


def test_a_binary_log_of_too_many_records_is_refused() -> None:
    """Before all of them are in memory."""
    for body in (EVENTS, WANDB):
        with pytest.raises(TooMany, match="More than 2 records"):
            opened([Part("file", body)], Limits(lines=2))


FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    """One header of a tar, as the library writes it."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.type = size, kind
    return entry.tobuf(tarfile.USTAR_FORMAT)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_tar_is_read_as_the_library_reads_it(kind: str) -> None:
    """Long names and other letters, folders and links between the files, one that is empty."""
    names = [
        "a.csv",
        "d/" * 40 + "log.csv",
        *(["grüße.csv", "e" * 99 + "/" + "f" * 80, "x" * 180] if kind != "ustar" else []),
    ]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=FORMATS[kind]) as tar:
        for count, name in enumerate(names):
            folder, link, entry = (
                tarfile.TarInfo(f"folder{count}"),
                tarfile.TarInfo(f"link{count}"),
                tarfile.TarInfo(name),
            )
            folder.type, link.type, link.linkname = tarfile.DIRTYPE, tarfile.SYMTYPE, "elsewhere"
            entry.size = 700 * count
            tar.addfile(folder)
            tar.addfile(link)
            tar.addfile(entry, io.BytesIO(bytes([65 + count]) * entry.size))

    with tarfile.open(fileobj=io.BytesIO(packed.getvalue())) as tar:
        expected = [(e.name, tar.extractfile(e).read()) for e in tar if e.isfile()]  # type: ignore[union-attr]
    assert expected == [(name, bytes(data)) for name, data in files(packed.getvalue())]


def test_a_header_made_to_take_for_ever_is_refused() -> None:
    """Digits without an end (CVE-2024-6232), a size below nothing (CVE-2025-8194), members without number, a long stream as a tar."""
    digits = header("x", 4096, tarfile.XHDTYPE) + b"1" * 4096
    back = bytearray(header("a.png"))
    back[124:136] = bytes([0o377]) + (256**11 - 512).to_bytes(11, "big")
    back[148:156] = b" " * 8
    back[148:156] = b"%06o\0 " % sum(back)
    for hostile in (
        digits,
        header("a.png") + bytes(back),
        header("a.png") * (HEADERS + 1),
        header("a.csv", 10**6),
        header("a")[:300],
    ):
        with pytest.raises(BrokenTar):
            list(files(hostile + bytes(1024 if len(hostile) > 512 else 0)))


def test_an_archive_that_is_broken_anywhere_is_refused_and_no_failure_of_ours(client: FlaskClient) -> None:
    """Whatever byte of it was changed on its way."""
    chance = random.Random(1)  # noqa: S311 - bytes to spoil
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            archive.writestr("a.csv", CSV)
            archive.writestr("bb", CSV)
        for _ in range(60):
            broken = bytearray(packed.getvalue())
            broken[chance.randrange(len(broken))] = chance.randrange(256)
            assert client.post("/diagnose", data=bytes(broken)).status_code < 500


def test_a_name_that_is_no_text_is_shown_as_well_as_can_be(client: FlaskClient) -> None:
    """Two runs, so that names are part of the answer."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT, encoding="latin-1") as tar:
        for name, data in (("é/a.csv", CSV), ("b/a.csv", OTHER)):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))

    assert 2 == len(asked(client, packed.getvalue())["runs"])


def test_a_log_in_gzip_is_read_as_if_it_were_not(client: FlaskClient) -> None:
    """`curl -F file=@metrics.csv.gz` can send no header for one of its parts; a broken one is refused as such."""
    packed = gzip.compress(CSV)

    def asked(*sent: bytes) -> TestResponse:
        data = [(io.BytesIO(one), f"metrics{place}.csv.gz") for place, one in enumerate(sent)]
        return client.post("/diagnose", data={"file": data}, content_type="multipart/form-data")

    plain, one, alone, two = (
        client.post("/diagnose", data=CSV),
        asked(packed),
        client.post("/diagnose", data=packed),
        asked(packed, gzip.compress(OTHER)),
    )

    assert json.loads(plain.data)["id"] == json.loads(one.data)["id"] == json.loads(alone.data)["id"]
    assert ["metrics0", "metrics1"] == [run["name"] for run in json.loads(two.data)["runs"]]
    assert asked(packed[:-9]).status_code == 400


def test_gzip_unpacks_to_no_more_than_one_request_may_have() -> None:
    """Two that are within it by themselves are beyond it together."""
    log = Part("file", gzip.compress(CSV), "a.csv.gz")
    size = len(CSV)

    assert [CSV] == [part.body for part in opened([log], Limits(unpacked=size))[0].parts]
    for files_, most in (([log], size - 1), ([log, log], 2 * size - 1)):
        with pytest.raises(TooLarge):
            opened(files_, Limits(unpacked=most))
