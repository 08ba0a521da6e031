"""Writes a GGUF 3 file (ggml/docs/gguf.md): metadata, then aligned tensors in F32 or Q8_0."""
import struct

import numpy as np

ALIGNMENT = 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
TENSOR_F32, TENSOR_Q8_0 = 0, 8
BLOCK = 32


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def value(item):
    if isinstance(item, bool):
        return struct.pack("<I?", BOOL, item)
    if isinstance(item, int):
        return struct.pack("<II", U32, item)
    if isinstance(item, float):
        return struct.pack("<If", F32, item)
    if isinstance(item, str):
        return struct.pack("<I", STRING) + string(item)
    if isinstance(item[0], str):
        return struct.pack("<IIQ", ARRAY, STRING, len(item)) + b"".join(map(string, item))
    return struct.pack(f"<IIQ{len(item)}i", ARRAY, I32, len(item), *item)


def q8_0(array):
    """Blocks of 32 weights: a half-precision scale and 32 signed bytes."""
    blocks = array.reshape(-1, BLOCK).astype(np.float32)
    scale = (np.abs(blocks).max(axis=1, keepdims=True) / 127).astype(np.float16)
    safe = np.where(scale == 0, 1, scale).astype(np.float32)
    out = np.empty(len(blocks), dtype=[("scale", "<f2"), ("weights", "i1", BLOCK)])
    out["scale"] = scale[:, 0]
    out["weights"] = np.clip(np.rint(blocks / safe), -127, 127)
    return out.tobytes()


def padded(data):
    return data + bytes(-len(data) % ALIGNMENT)


def write_gguf(path, metadata, tensors):
    """`tensors`: name -> array; matrices become Q8_0, vectors stay F32."""
    infos, data = b"", b""
    for name, array in tensors.items():
        is_matrix = array.ndim == 2
        infos += string(name) + struct.pack("<I", array.ndim)
        infos += struct.pack(f"<{array.ndim}Q", *reversed(array.shape))
        infos += struct.pack("<IQ", TENSOR_Q8_0 if is_matrix else TENSOR_F32, len(data))
        data += padded(q8_0(array) if is_matrix else array.astype("<f4").tobytes())
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    head += b"".join(string(key) + value(item) for key, item in metadata.items())
    with open(path, "wb") as file:
        file.write(padded(head + infos) + data)
