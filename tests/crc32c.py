"""CRC-32C bit by bit, as the formats' own pages say it: what tests frame and check by hand."""


def masked_crc(data):
    """As Snappy's framing and TFRecord mask it."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    crc ^= 0xffffffff
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff
