/* What the parts of the core share and nobody else sees. */
#ifndef METER_INTERNAL_H
#define METER_INTERNAL_H

#include "meter_core.h"

/* Largest integer whose square is not above `value`. */
uint32_t meter_square_root(uint64_t value);
/* value * factor / divisor, rounded to nearest, saturated at UINT64_MAX; 0 when divisor is 0. */
uint64_t meter_multiply_divide(uint64_t value, uint64_t factor, uint64_t divisor);
int64_t meter_clamp(int64_t value, int64_t low, int64_t high);

/* Little-endian fixed-width numbers. */
void meter_put(uint8_t *to, uint64_t value, unsigned bytes);
uint64_t meter_get(const uint8_t *from, unsigned bytes);

/* Bytes written; 0 when `capacity` is too small. */
size_t meter_put_varint(uint8_t *to, size_t capacity, uint64_t value);
/* Bytes read; 0 when truncated, longer than 64 bits, or longer than it need be. */
size_t meter_get_varint(const uint8_t *from, size_t length, uint64_t *value);
uint64_t meter_zigzag(int64_t value);
int64_t meter_unzigzag(uint64_t value);

void meter_ring_push(meter_ring *ring, const meter_reading *reading);
meter_reading *meter_ring_at(const meter_ring *ring, uint32_t sequence);

#endif
