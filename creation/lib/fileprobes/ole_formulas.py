"""Functions that call a program, in the formulas of old workbooks ([MS-XLS] 2.5.198, and for Excel 5 its predecessor)."""

import struct

FORMULA, NAME, ARRAY, SHARED = 0x0006, 0x0018, 0x0221, 0x04BC
SIZES_AT = {FORMULA: 20, ARRAY: 12, SHARED: 8}  # where a record has the size of its formula, which follows
CALLING = {110: "EXEC", 149: "REGISTER", 150: "CALL", 267: "REGISTER.ID", 379: "RTD"}
# Bytes behind a token. Those from 0x20 on exist in three classes, which are 0x20 apart.
SIZES = {
    **dict.fromkeys(range(0x03, 0x17), 0),
    **{0x01: 4, 0x02: 4, 0x18: 5, 0x1C: 1, 0x1D: 1, 0x1E: 2, 0x1F: 8, 0x20: 7, 0x21: 2, 0x22: 3, 0x23: 4, 0x24: 4},
    **{0x25: 8, 0x26: 6, 0x27: 6, 0x28: 6, 0x29: 2, 0x2A: 4, 0x2B: 8, 0x2C: 4, 0x2D: 8, 0x39: 6, 0x3A: 6, 0x3B: 10},
    **{0x3C: 6, 0x3D: 10},
}
OLD_SIZES = SIZES | {
    0x23: 14,
    0x24: 3,
    0x25: 6,
    0x2A: 3,
    0x2B: 6,
    0x2C: 3,
    0x2D: 6,
    0x39: 24,
    0x3A: 17,
    0x3B: 20,
    0x3C: 17,
    0x3D: 20,
}
TEXT, ATTRIBUTE, CHOICE, FUNCTION, FUNCTION_OF_SOME = 0x17, 0x19, 0x04, 0x21, 0x22


def called(kind: int, body: bytes, *, is_old: bool) -> str | None:
    """Return the name of a function in a record that calls a program. ``is_old``: of Excel 5."""
    if kind == NAME and len(body) >= 14:
        characters = body[3] * (2 if body[14:15] == b"\1" and not is_old else 1)
        start, size = 14 + (not is_old) + characters, int(struct.unpack_from("<H", body, 4)[0])
    elif kind in SIZES_AT and len(body) >= SIZES_AT[kind] + 2:
        start, size = SIZES_AT[kind] + 2, int(struct.unpack_from("<H", body, SIZES_AT[kind])[0])
    else:
        return None
    return _called(body[start : start + size], is_old)


def _called(formula: bytes, is_old: bool) -> str | None:
    sizes, at = OLD_SIZES if is_old else SIZES, 0
    while at < len(formula):
        token = formula[at] if formula[at] < 0x20 else formula[at] & 0x1F | 0x20
        if token in (FUNCTION, FUNCTION_OF_SOME):
            index = int.from_bytes(formula[at + token - 0x20 : at + token - 0x20 + 2], "little")
            if name := CALLING.get(index):
                return name
        size = _size(formula, at, token, sizes, is_old)
        if size is None:
            return None
        at += 1 + size
    return None


def _size(formula: bytes, at: int, token: int, sizes: dict[int, int], is_old: bool) -> int | None:
    """Return the bytes behind a token; None for one that no program knows."""
    behind = formula[at + 1 : at + 4].ljust(3, b"\0")
    if token == TEXT:
        return 1 + behind[0] if is_old else 2 + behind[0] * (2 if behind[1] & 1 else 1)
    if token == ATTRIBUTE:
        return 3 + (2 * (1 + int.from_bytes(behind[1:], "little")) if behind[0] & CHOICE else 0)
    return sizes.get(token)
