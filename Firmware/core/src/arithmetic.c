#include "internal.h"

uint32_t meter_square_root(uint64_t value) {
    uint64_t root = 0;
    uint64_t bit = UINT64_C(1) << 62;
    while (bit > value) {
        bit >>= 2;
    }
    while (bit != 0) {
        if (value >= root + bit) {
            value -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
        bit >>= 2;
    }
    return (uint32_t)root;
}

/* The compiler's 128-bit integers are missing on 32-bit targets: product in halves, long division.
 */
uint64_t meter_multiply_divide(uint64_t value, uint64_t factor, uint64_t divisor) {
    if (divisor == 0) {
        return 0;
    }
    const uint64_t mask = UINT32_MAX;
    uint64_t low = (value & mask) * (factor & mask);
    uint64_t middle = (value >> 32) * (factor & mask) + (low >> 32);
    uint64_t other = (value & mask) * (factor >> 32) + (middle & mask);
    uint64_t high = (value >> 32) * (factor >> 32) + (middle >> 32) + (other >> 32);
    low = (other << 32) | (low & mask);

    uint64_t rounded = low + divisor / 2;
    if (rounded < low) {
        high += 1;
    }
    low = rounded;
    if (high == 0) {
        return low / divisor;
    }
    if (high >= divisor) {
        return UINT64_MAX;
    }
    uint64_t remainder = high;
    uint64_t quotient = 0;
    for (unsigned step = 0; step < 64; step += 1) {
        bool carry = (remainder >> 63) != 0;
        remainder = (remainder << 1) | (low >> 63);
        low <<= 1;
        quotient <<= 1;
        if (carry || remainder >= divisor) {
            remainder -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

int64_t meter_clamp(int64_t value, int64_t low, int64_t high) {
    if (value < low) {
        return low;
    }
    return value > high ? high : value;
}

void meter_put(uint8_t *to, uint64_t value, unsigned bytes) {
    for (unsigned index = 0; index < bytes; index += 1) {
        to[index] = (uint8_t)(value >> (8 * index));
    }
}

uint64_t meter_get(const uint8_t *from, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned index = 0; index < bytes; index += 1) {
        value |= (uint64_t)from[index] << (8 * index);
    }
    return value;
}

size_t meter_put_varint(uint8_t *to, size_t capacity, uint64_t value) {
    size_t length = 0;
    do {
        if (length == capacity) {
            return 0;
        }
        uint8_t byte = (uint8_t)(value & 0x7F);
        value >>= 7;
        to[length] = value != 0 ? (uint8_t)(byte | 0x80) : byte;
        length += 1;
    } while (value != 0);
    return length;
}

size_t meter_get_varint(const uint8_t *from, size_t length, uint64_t *value) {
    uint64_t result = 0;
    for (size_t index = 0; index < length && index < 10; index += 1) {
        uint64_t bits = from[index] & 0x7F;
        if (index == 9 && bits > 1) {
            return 0;
        }
        result |= bits << (7 * index);
        if ((from[index] & 0x80) == 0) {
            if (index > 0 && bits == 0) {
                return 0; /* One spelling only for each number. */
            }
            *value = result;
            return index + 1;
        }
    }
    return 0;
}

uint64_t meter_zigzag(int64_t value) {
    return value < 0 ? ~((uint64_t)value << 1) : (uint64_t)value << 1;
}

int64_t meter_unzigzag(uint64_t value) {
    return (value & 1) != 0 ? -(int64_t)(value >> 1) - 1 : (int64_t)(value >> 1);
}

/* CRC-32 of IEEE 802.3 (reflected, 0xEDB88320), four bits at a time: 64 bytes of table. */
uint32_t meter_crc32(const uint8_t *bytes, size_t length) {
    static const uint32_t table[16] = {
        0x00000000,
        0x1DB71064,
        0x3B6E20C8,
        0x26D930AC,
        0x76DC4190,
        0x6B6B51F4,
        0x4DB26158,
        0x5005713C,
        0xEDB88320,
        0xF00F9344,
        0xD6D6A3E8,
        0xCB61B38C,
        0x9B64C2B0,
        0x86D3D2D4,
        0xA00AE278,
        0xBDBDF21C,
    };
    uint32_t crc = UINT32_MAX;
    for (size_t index = 0; index < length; index += 1) {
        crc ^= bytes[index];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}
