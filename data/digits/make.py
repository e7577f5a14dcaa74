#!/usr/bin/env python3
"""Makes the IDX files of this folder from the CSV form of the optical digits.

    make.py digits.csv [folder]

The CSV has a header line, then one image a line: 64 pixels from 0 to 16, row by row, and the digit. The same input gives the
same bytes on every machine: the gzip headers carry no time and no name.
"""
import csv
import gzip
import struct
import sys
from pathlib import Path

IMAGES, SIDE, BRIGHTEST = 1797, 8, 16


def read_digits(path):
    with open(path, newline="", encoding="ascii") as file:
        lines = csv.reader(file)
        next(lines)
        rows = [[int(field) for field in line] for line in lines]
    if len(rows) != IMAGES or any(len(row) != SIDE * SIDE + 1 for row in rows):
        sys.exit(f"{path}: {IMAGES} lines of {SIDE * SIDE} pixels and a digit are needed")
    pixels = bytes(pixel for row in rows for pixel in row[:-1])
    digits = bytes(row[-1] for row in rows)
    if max(pixels) > BRIGHTEST or max(digits) > 9:
        sys.exit(f"{path}: pixels go from 0 to {BRIGHTEST}, digits from 0 to 9")
    return pixels, digits


def write_idx(path, sizes, values):
    header = struct.pack(">HBB", 0, 0x08, len(sizes)) + struct.pack(f">{len(sizes)}I", *sizes)
    path.write_bytes(gzip.compress(header + values, compresslevel=9, mtime=0))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.strip())
    folder = Path(sys.argv[2] if len(sys.argv) == 3 else Path(__file__).parent)
    pixels, digits = read_digits(sys.argv[1])
    write_idx(folder / "digits-images-idx3-ubyte.gz", (IMAGES, SIDE, SIDE), pixels)
    write_idx(folder / "digits-labels-idx1-ubyte.gz", (IMAGES,), digits)


if __name__ == "__main__":
    main()
