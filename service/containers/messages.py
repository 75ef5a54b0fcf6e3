"""The messages in event files and W&B files, as far as they hold numbers: protobuf reads them, nothing else is kept.

Field numbers are those of tensorflow/core/util/event.proto and framework/summary.proto, and of wandb_internal.proto; a
field that is not declared here is passed over by protobuf itself.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
SINGLE = {"double": FIELD.TYPE_DOUBLE, "float": FIELD.TYPE_FLOAT, "int64": FIELD.TYPE_INT64, "int32": FIELD.TYPE_INT32,
          "string": FIELD.TYPE_BYTES, "bytes": FIELD.TYPE_BYTES}  # fmt: skip
# message → field → (number, type, repeated). Strings are read as bytes: a broken one must not break the record.
EVENTS: dict[str, dict[str, tuple[int, str, bool]]] = {
    "Shape": {},
    "Tensor": {
        "dtype": (1, "int32", False),
        "tensor_content": (4, "bytes", False),
        "float_val": (5, "float", True),
        "double_val": (6, "double", True),
        "int_val": (7, "int32", True),
        "int64_val": (10, "int64", True),
    },
    "Plugin": {"plugin_name": (1, "string", False)},
    "Metadata": {"plugin_data": (1, "Plugin", False)},
    "Value": {
        "tag": (1, "string", False),
        "simple_value": (2, "float", False),
        "tensor": (8, "Tensor", False),
        "metadata": (9, "Metadata", False),
    },
    "Summary": {"value": (1, "Value", True)},
    "Event": {"wall_time": (1, "double", False), "step": (2, "int64", False), "summary": (5, "Summary", False)},
}
WANDB: dict[str, dict[str, tuple[int, str, bool]]] = {
    "Item": {"key": (1, "string", False), "nested_key": (2, "string", True), "value_json": (16, "string", False)},
    "Step": {"num": (1, "int64", False)},
    "History": {"item": (1, "Item", True), "step": (2, "Step", False)},
    "Record": {"history": (2, "History", False)},
}


def _compiled(package: str, messages: dict[str, dict[str, tuple[int, str, bool]]], top: str) -> Any:  # noqa: ANN401 - a class made at run time
    """The class of the outermost message."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto2")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, (number, kind, repeated) in fields.items():
            label = FIELD.LABEL_REPEATED if repeated else FIELD.LABEL_OPTIONAL
            declared = message.field.add(name=field, number=number, label=label)
            if kind in SINGLE:
                declared.type = SINGLE[kind]
            else:
                declared.type, declared.type_name = FIELD.TYPE_MESSAGE, f".{package}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{top}"))


Event = _compiled("curve_events", EVENTS, "Event")
Record = _compiled("curve_wandb", WANDB, "Record")
