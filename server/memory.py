"""What a process holds of the memory of its machine."""

import ctypes

__all__ = ["give_back"]

_M_MMAP_THRESHOLD = -3
_LARGE = 128 * 1024


def give_back() -> None:
    """From now on, give large blocks back to the machine as soon as they are let go, where the C library is that of GNU.

    It takes a block that was large, once let go, for a sign that blocks as large are wanted often, and keeps those up to 32 MB for
    the next: an audit of 100,000 flows then holds 150 MB more than it uses, and as much after it. Other libraries give back anyway.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    set_option(_M_MMAP_THRESHOLD, _LARGE)
