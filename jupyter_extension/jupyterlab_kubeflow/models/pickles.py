"""What a pickle would make, found out without making it.

The opcodes are those of :mod:`pickletools`. Their effect is followed on a stack of names and plain values; nothing is imported or called, long
contents are passed over.
"""

from __future__ import annotations

import io
import pickletools
import struct
from dataclasses import dataclass, field
from typing import Any

from .found import Broken
from .reading import STEPS, Forwards, LimitReached

_TEXT_BYTES = 4096
"""Texts up to this long are kept; a longer one is no name of a feature or a class."""

_KEPT_BYTES = 16 * 1024 * 1024
_LINE_BYTES = 64 * 1024
_NAMES = 10_000
_DEPTH = 20

_CODES = {ord(each.code): each for each in pickletools.opcodes}
_LENGTHS = {-2: "<B", -3: "<i", -4: "<I", -5: "<Q"}
_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")


@dataclass(frozen=True)
class Name:
    """A class or function that a pickle refers to."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass
class Made:
    """An object that a pickle would make: by what, of what, and what it would be given then."""

    by: Any
    args: Any = None
    state: Any = None


class _Other:
    """A value that is of no interest."""


OTHER = _Other()


@dataclass
class Pickle:
    """``top`` is what it stands for (``Made``, plain values, ``OTHER``), ``names`` all that it refers to, in order; ``whole`` is whether all of it was looked at."""

    top: Any = OTHER
    names: dict[Name, None] = field(default_factory=dict)
    sklearn_version: str | None = None
    wrapped_arrays: bool = False
    whole: bool = True


@dataclass
class _Budget:
    steps: int = STEPS
    kept: int = _KEPT_BYTES


def scan(source: Forwards) -> Pickle:
    """Follows one pickle, with the arrays that joblib writes between its opcodes. Raises :class:`Broken` where it cannot be one."""
    found = Pickle()
    try:
        found.top = _Machine(source, found, _Budget()).run()
    except LimitReached:
        found.whole = False
    return found


class _Machine:
    def __init__(self, source: Forwards, found: Pickle, budget: _Budget, depth: int = 0) -> None:
        if depth > _DEPTH:
            raise Broken("is nested too deep")
        self._source = source
        self._found = found
        self._depth = depth
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._budget = budget

    def run(self) -> Any:
        while True:
            self._budget.steps -= 1
            if self._budget.steps < 0:
                raise LimitReached
            code = self._source.take(1)[0]
            opcode = _CODES.get(code)
            if opcode is None:
                raise Broken("is no pickle, or is damaged")
            argument = self._argument(opcode)
            if opcode.name == "STOP":
                return self._pop()
            try:
                self._do(opcode.name, argument)
            except (IndexError, KeyError, TypeError, ValueError):
                raise Broken("is no pickle, or is damaged") from None

    def _argument(self, opcode: Any) -> Any:
        kind = opcode.arg
        if kind is None:
            return None
        if kind.n >= 0:
            data = self._source.take(kind.n)
        elif kind.n == -1:
            lines = 2 if kind.name == "stringnl_noescape_pair" else 1
            data = b"".join(self._line() for _ in range(lines))
        else:
            return self._sized(opcode, _LENGTHS[kind.n])
        try:
            return kind.reader(io.BytesIO(data))
        except (ValueError, OverflowError, struct.error):
            raise Broken("is no pickle, or is damaged") from None

    def _line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            if len(line) > _LINE_BYTES:
                raise Broken("is no pickle, or is damaged")
            line += self._source.take(1)
        return bytes(line)

    def _sized(self, opcode: Any, form: str) -> Any:
        head = self._source.take(struct.calcsize(form))
        length: int = struct.unpack(form, head)[0]
        if length < 0:
            raise Broken("has a part of a negative length")
        if length > _TEXT_BYTES or length > self._budget.kept:
            self._source.skip(length)
            return OTHER
        data = self._source.take(length)
        if "bytes" in opcode.arg.name or "LONG" in opcode.name:
            return OTHER
        self._budget.kept -= length
        return data.decode("utf-8", "replace")

    def _pop(self) -> Any:
        if not self._stack:
            raise Broken("is no pickle, or is damaged")
        return self._stack.pop()

    def _pop_mark(self) -> list[Any]:
        items, self._stack = self._stack, self._marks.pop()
        return items

    def _do(self, name: str, argument: Any) -> None:
        action = _ACTIONS.get(name)
        if action is not None:
            action(self, argument)
        elif name not in ("PROTO", "FRAME", "READONLY_BUFFER"):
            self._stack.append(argument if argument is not None else OTHER)

    def mark(self, _: Any) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def pop(self, _: Any) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._pop_mark()

    def pop_mark(self, _: Any) -> None:
        self._pop_mark()

    def dup(self, _: Any) -> None:
        self._stack.append(self._stack[-1])

    def put(self, argument: Any) -> None:
        self._memo[argument] = self._stack[-1]

    def memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def get(self, argument: Any) -> None:
        self._stack.append(self._memo[argument])

    def none(self, _: Any) -> None:
        self._stack.append(None)

    def true(self, _: Any) -> None:
        self._stack.append(True)

    def false(self, _: Any) -> None:
        self._stack.append(False)

    def empty_list(self, _: Any) -> None:
        self._stack.append([])

    def empty_dict(self, _: Any) -> None:
        self._stack.append({})

    def empty_tuple(self, _: Any) -> None:
        self._stack.append(())

    def make_tuple(self, _: Any) -> None:
        items = self._pop_mark()
        self._stack.append(tuple(items))

    def make_list(self, _: Any) -> None:
        items = self._pop_mark()
        self._stack.append(items)

    def make_dict(self, _: Any) -> None:
        items = self._pop_mark()
        made: dict[str, Any] = {}
        self._set(made, items)
        self._stack.append(made)

    def tuple_of(self, count: int) -> None:
        items = [self._pop() for _ in range(count)]
        self._stack.append(tuple(reversed(items)))

    def append(self, _: Any) -> None:
        item = self._pop()
        if isinstance(self._stack[-1], list):
            self._stack[-1].append(item)

    def appends(self, _: Any) -> None:
        items = self._pop_mark()
        if isinstance(self._stack[-1], list):
            self._stack[-1].extend(items)

    def set_item(self, _: Any) -> None:
        value, key = self._pop(), self._pop()
        self._set(self._stack[-1], [key, value])

    def set_items(self, _: Any) -> None:
        items = self._pop_mark()
        self._set(self._stack[-1], items)

    def _set(self, target: Any, items: list[Any]) -> None:
        for key, value in zip(items[::2], items[1::2], strict=True):
            if key == "_sklearn_version" and isinstance(value, str):
                self._found.sklearn_version = value
            if isinstance(target, dict) and isinstance(key, str):
                target[key] = value

    def add_items(self, _: Any) -> None:
        self._pop_mark()
        self._stack[-1]

    def frozen_set(self, _: Any) -> None:
        self._pop_mark()
        self._stack.append(OTHER)

    def refer(self, argument: Any) -> None:
        module, _, name = str(argument).partition(" ")
        self._refer(module, name)

    def refer_stack(self, _: Any) -> None:
        name, module = self._pop(), self._pop()
        self._refer(module, name)

    def _refer(self, module: Any, name: Any) -> None:
        named = [each if isinstance(each, str) else "?" for each in (module, name)]
        made = Name(*named)
        if len(self._found.names) >= _NAMES and made not in self._found.names:
            raise LimitReached
        self._found.names[made] = None
        self._stack.append(made)

    def instance(self, argument: Any) -> None:
        args = self._pop_mark()
        self.refer(argument)
        self._stack.append(Made(self._pop(), tuple(args)))

    def instance_mark(self, _: Any) -> None:
        items = self._pop_mark()
        self._stack.append(Made(items[0], tuple(items[1:])))

    def call(self, _: Any) -> None:
        args, called = self._pop(), self._pop()
        if (
            str(called)
            in ("copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__")
            and args
        ):
            called, args = args[0], ()
        self._stack.append(Made(called, args))

    def new_extended(self, _: Any) -> None:
        self._pop()
        self.call(None)

    def persistent(self, argument: Any) -> None:
        if argument is None:
            self._pop()
        self._stack.append(OTHER)

    def build(self, _: Any) -> None:
        state = self._pop()
        target = self._stack[-1]
        if not isinstance(target, Made):
            return
        if isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], dict):
            state = {**state[0], **(state[1] if isinstance(state[1], dict) else {})}
        target.state = state
        if isinstance(target.by, Name) and (target.by.module, target.by.name) == _WRAPPER:
            self._stack[-1] = self._array(state)

    def _array(self, state: Any) -> Any:
        """What joblib has written behind its wrapper of an array. Raises ``ValueError`` where that tells no array."""
        self._found.wrapped_arrays = True
        fields = state if isinstance(state, dict) else {}
        kind, shape = fields.get("dtype"), fields.get("shape")
        if not isinstance(kind, Made) or not isinstance(shape, tuple):
            raise ValueError
        if _holds_objects(kind):
            return _Machine(self._source, self._found, self._budget, self._depth + 1).run()
        if fields.get("numpy_array_alignment_bytes") is not None:
            self._source.skip(self._source.take(1)[0])
        count = _item_size(kind)
        for length in shape:
            if not isinstance(length, int) or length < 0:
                raise ValueError
            count *= length
        self._source.skip(count)
        return OTHER


def _holds_objects(kind: Made) -> bool:
    """Whether arrays of a dtype hold Python objects, by the flags in its state."""
    if isinstance(kind.state, tuple) and len(kind.state) >= 8:
        return bool(kind.state[7] & 1)
    return _code(kind).startswith("O")


def _code(kind: Made) -> str:
    """A dtype as its constructor is given it, such as ``i8``."""
    if not isinstance(kind.args, tuple) or not kind.args or not isinstance(kind.args[0], str):
        raise ValueError
    return kind.args[0]


def _item_size(kind: Made) -> int:
    code, digits = _code(kind)[:1], _code(kind)[1:]
    return int(digits) * (4 if code == "U" else 1)


_M = _Machine
_ACTIONS = {
    "MARK": _M.mark,
    "POP": _M.pop,
    "POP_MARK": _M.pop_mark,
    "DUP": _M.dup,
    "PUT": _M.put,
    "BINPUT": _M.put,
    "LONG_BINPUT": _M.put,
    "MEMOIZE": _M.memoize,
    "GET": _M.get,
    "BINGET": _M.get,
    "LONG_BINGET": _M.get,
    "NONE": _M.none,
    "NEWTRUE": _M.true,
    "NEWFALSE": _M.false,
    "EMPTY_LIST": _M.empty_list,
    "EMPTY_DICT": _M.empty_dict,
    "EMPTY_TUPLE": _M.empty_tuple,
    "TUPLE": _M.make_tuple,
    "TUPLE1": lambda machine, _: machine.tuple_of(1),
    "TUPLE2": lambda machine, _: machine.tuple_of(2),
    "TUPLE3": lambda machine, _: machine.tuple_of(3),
    "LIST": _M.make_list,
    "DICT": _M.make_dict,
    "APPEND": _M.append,
    "APPENDS": _M.appends,
    "SETITEM": _M.set_item,
    "SETITEMS": _M.set_items,
    "ADDITEMS": _M.add_items,
    "FROZENSET": _M.frozen_set,
    "GLOBAL": _M.refer,
    "STACK_GLOBAL": _M.refer_stack,
    "INST": _M.instance,
    "OBJ": _M.instance_mark,
    "REDUCE": _M.call,
    "NEWOBJ": _M.call,
    "NEWOBJ_EX": _M.new_extended,
    "PERSID": _M.persistent,
    "BINPERSID": _M.persistent,
    "BUILD": _M.build,
}
