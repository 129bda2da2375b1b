"""What is sealed is read by its key alone, tells nothing by its looks, and cannot be made by anyone else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidSelection
from catalog.seal import seal, unseal

_KEY, _OTHER = b"sixteen-bytes-00", b"sixteen-bytes-01"


@given(st.text(max_size=300))
def test_what_was_sealed_is_read_by_its_key_alone(text: str) -> None:
    sealed = seal(text, _KEY)
    assert unseal(sealed, _KEY) == text
    assert seal(text, _KEY) == sealed != seal(text, _OTHER)
    with pytest.raises(InvalidSelection):
        unseal(sealed, _OTHER)


@given(st.text(min_size=1, max_size=100), st.data())
def test_what_was_altered_is_refused(text: str, data: st.DataObject) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(seal(text, _KEY) + "=="))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(InvalidSelection, match="no cursor of ours"):
        unseal(base64.urlsafe_b64encode(bytes(sealed)).decode().rstrip("="), _KEY)


@pytest.mark.parametrize("sealed", ["", "nonsense", "é", "====", "A" * 21, "AAAA AAAA"])
def test_what_was_never_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(InvalidSelection, match="no cursor of ours"):
        unseal(sealed, _KEY)


def test_neighbours_do_not_look_alike() -> None:
    one, next_ = (base64.urlsafe_b64decode(seal(f'["revision",{n}]', _KEY) + "==") for n in (3, 4))
    assert sum(a == b for a, b in zip(one, next_, strict=True)) < len(one) // 4
