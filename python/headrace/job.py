"""A job as TOML text: the one description that the command, C++ and Python share."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import SupportsFloat, SupportsIndex

from headrace.errors import Error
from headrace.fields import Field, Value, check

Table = Mapping[str, "Value | Sequence[str] | None"]


def write(tables: Mapping[str, Table], fields: Mapping[str, Field] | str | None,
          blend: Mapping[str, float] | None = None) -> str:
    """Leaves out what is None; `fields` may be a preset's name, `blend` has a weight a path."""
    lines = [f"preset = {_value(fields)}"] if isinstance(fields, str) else []
    for table, keys in tables.items():
        given = {key: value for key, value in keys.items() if value is not None}
        if given:
            lines += [f"[{table}]", *(f"{key} = {_value(value)}" for key, value in given.items())]
    for path, weight in (blend or {}).items():
        lines += ["[[blend]]", f"path = {_value(path)}", f"weight = {_value(float(weight))}"]
    if isinstance(fields, Mapping):
        for name, field in fields.items():
            if not isinstance(field, Field):
                raise Error(f'cannot prepare field "{name}": {field!r} is no field; hint: '
                            "hr.image(...), hr.integer(...), hr.bytes(...) or hr.raw(...)",
                            hint="hr.image(...), hr.integer(...), hr.bytes(...) or hr.raw(...)")
            keys = {"name": name, **check(name, field).keys}
            lines += ["[[field]]", *(f"{key} = {_value(value)}" for key, value in keys.items())]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    """A TOML value: its basic strings are JSON's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, SupportsIndex):  # NumPy's integers too
        return str(value.__index__())
    if isinstance(value, SupportsFloat):
        return repr(float(value))
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
