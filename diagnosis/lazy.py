"""What is measured when it is first asked for, and then kept.

`functools.cached_property` does the same, and before Python 3.12 holds one lock for all instances of a class: a long curve
in one thread would keep the short ones of every other waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):  # noqa: N801 - a decorator
    """A method without arguments that is called once for each instance; two threads at once may both call it."""

    def __init__(self, measure: Callable[[Any], Value]) -> None:
        """Stand in for the method, and show its words."""
        self.measure = measure
        self.name = measure.__name__
        self.__doc__ = measure.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[Value]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: object | None, owner: type) -> lazy[Value] | Value:
        """Measure, and let the instance's own entry answer from then on."""
        if instance is None:
            return self
        value = instance.__dict__[self.name] = self.measure(instance)
        return value
