#include "internal.h"

/*
 * Saved state, little-endian: magic, version, latch and switches, epoch, next sequence, dropped,
 * uptime, trips, trip voltage, export register and remainder, the registers and remainders of three
 * channels, count of readings, the readings, CRC-32.
 */
#define STATE_MAGIC 0xD7
#define STATE_VERSION 1
#define STATE_HEADER_BYTES (4 + 6 * 4 + 8 * 2 + METER_CHANNELS * 16 + 4)
#define STATE_READING_BYTES (1 + 8 + 8 + METER_CHANNELS * 22)

size_t meter_state_bytes(uint32_t readings) {
    return STATE_HEADER_BYTES + (size_t)readings * STATE_READING_BYTES + 4;
}

typedef struct {
    uint8_t *to;
    const uint8_t *from;
} state_cursor;

static void put(state_cursor *cursor, uint64_t value, unsigned bytes) {
    meter_put(cursor->to, value, bytes);
    cursor->to += bytes;
}

static uint64_t get(state_cursor *cursor, unsigned bytes) {
    uint64_t value = meter_get(cursor->from, bytes);
    cursor->from += bytes;
    return value;
}

static void put_reading(state_cursor *cursor, const meter_reading *reading) {
    put(cursor, reading->flags, 1);
    put(cursor, (uint64_t)reading->seconds, 8);
    put(cursor, reading->export_wh, 8);
    for (unsigned index = 0; index < METER_CHANNELS; index += 1) {
        const meter_channel_reading *channel = &reading->channels[index];
        put(cursor, (uint32_t)channel->measured.millivolts, 4);
        put(cursor, (uint32_t)channel->measured.milliamps, 4);
        put(cursor, (uint32_t)channel->measured.milliwatts, 4);
        put(cursor, (uint16_t)channel->measured.power_factor_permille, 2);
        put(cursor, channel->energy_wh, 8);
    }
}

static meter_reading get_reading(state_cursor *cursor) {
    meter_reading reading = {0};
    reading.flags = (uint8_t)get(cursor, 1);
    reading.seconds = (int64_t)get(cursor, 8);
    reading.export_wh = get(cursor, 8);
    for (unsigned index = 0; index < METER_CHANNELS; index += 1) {
        meter_channel_reading *channel = &reading.channels[index];
        channel->measured.millivolts = (int32_t)get(cursor, 4);
        channel->measured.milliamps = (int32_t)get(cursor, 4);
        channel->measured.milliwatts = (int32_t)get(cursor, 4);
        channel->measured.power_factor_permille = (int16_t)get(cursor, 2);
        channel->energy_wh = get(cursor, 8);
    }
    return reading;
}

size_t meter_save(const meter_core *core, uint32_t uptime_seconds, uint32_t maximum_readings,
    uint8_t *buffer, size_t capacity) {
    uint32_t held = core->ring.count;
    uint32_t count = held < maximum_readings ? held : maximum_readings;
    size_t length = meter_state_bytes(count);
    if (buffer == NULL || capacity < length) {
        return 0;
    }
    state_cursor cursor = {.to = buffer};
    put(&cursor, STATE_MAGIC, 1);
    put(&cursor, STATE_VERSION, 1);
    put(&cursor, core->protection.tripped ? 1 : 0, 1);
    put(&cursor, core->switched_off, 1);
    put(&cursor, core->epoch, 4);
    put(&cursor, core->ring.next_sequence, 4);
    put(&cursor, core->ring.dropped + (held - count), 4);
    put(&cursor, uptime_seconds, 4);
    put(&cursor, core->protection.trips, 4);
    put(&cursor, (uint32_t)core->protection.trip_millivolts, 4);
    put(&cursor, core->export_wh, 8);
    put(&cursor, core->export_remainder, 8);
    for (unsigned index = 0; index < METER_CHANNELS; index += 1) {
        put(&cursor, core->channels[index].energy_wh, 8);
        put(&cursor, core->channels[index].energy_remainder, 8);
    }
    put(&cursor, count, 4);
    for (uint32_t index = 0; index < count; index += 1) {
        put_reading(&cursor, meter_ring_at(&core->ring, core->ring.next_sequence - count + index));
    }
    put(&cursor, meter_crc32(buffer, length - 4), 4);
    return length;
}

static bool sound(const meter_core *core) {
    uint64_t modulus = core->configuration.register_modulus_wh;
    if (core->epoch > INT32_MAX || core->ring.next_sequence == 0 || core->export_wh >= modulus ||
        core->switched_off >= 1u << METER_CHANNELS) {
        return false;
    }
    for (unsigned index = 0; index < METER_CHANNELS; index += 1) {
        if (core->channels[index].energy_wh >= modulus ||
            core->channels[index].energy_remainder >= UINT64_C(3600000000)) {
            return false;
        }
    }
    return core->export_remainder < UINT64_C(3600000000);
}

static bool sound_reading(const meter_reading *reading, uint64_t modulus) {
    bool unset = (reading->flags & METER_READING_CLOCK_UNSET) != 0;
    if (reading->seconds < (unset ? 0 : 1) || reading->export_wh >= modulus ||
        reading->seconds > (unset ? (int64_t)UINT32_MAX : METER_SECONDS_MAX) ||
        (reading->flags & ~(METER_READING_WIRE_FLAGS | METER_READING_SENT)) != 0) {
        return false;
    }
    for (unsigned index = 0; index < METER_CHANNELS; index += 1) {
        int16_t factor = reading->channels[index].measured.power_factor_permille;
        if (reading->channels[index].energy_wh >= modulus || factor < -1000 || factor > 1000) {
            return false;
        }
    }
    return true;
}

static meter_status check_frame(const uint8_t *bytes, size_t length) {
    if (bytes == NULL || length < meter_state_bytes(0)) {
        return METER_TRUNCATED;
    }
    if (bytes[0] != STATE_MAGIC) {
        return METER_BAD_MAGIC;
    }
    if (bytes[1] != STATE_VERSION) {
        return METER_BAD_VERSION;
    }
    bool intact = meter_crc32(bytes, length - 4) == (uint32_t)meter_get(bytes + length - 4, 4);
    return intact ? METER_OK : METER_BAD_CHECKSUM;
}

meter_status meter_restore(
    meter_core *core, const uint8_t *bytes, size_t length, uint32_t *uptime_seconds) {
    meter_status status = check_frame(bytes, length);
    if (status != METER_OK) {
        return status;
    }
    meter_core restored = *core;
    state_cursor cursor = {.from = bytes + 2};
    restored.protection = (meter_protection){.tripped = get(&cursor, 1) != 0};
    restored.switched_off = (uint8_t)get(&cursor, 1);
    restored.epoch = (uint32_t)get(&cursor, 4);
    restored.ring.next_sequence = (uint32_t)get(&cursor, 4);
    restored.ring.dropped = (uint32_t)get(&cursor, 4);
    uint32_t uptime = (uint32_t)get(&cursor, 4);
    restored.protection.trips = (uint32_t)get(&cursor, 4);
    restored.protection.trip_millivolts = (int32_t)get(&cursor, 4);
    restored.export_wh = get(&cursor, 8);
    restored.export_remainder = get(&cursor, 8);
    for (unsigned index = 0; index < METER_CHANNELS; index += 1) {
        restored.channels[index].energy_wh = get(&cursor, 8);
        restored.channels[index].energy_remainder = get(&cursor, 8);
    }
    uint32_t count = (uint32_t)get(&cursor, 4);
    if ((length - meter_state_bytes(0)) % STATE_READING_BYTES != 0 ||
        (length - meter_state_bytes(0)) / STATE_READING_BYTES != count ||
        count >= restored.ring.next_sequence || !sound(&restored)) {
        return METER_MALFORMED;
    }
    uint64_t modulus = core->configuration.register_modulus_wh;
    state_cursor readings = cursor;
    for (uint32_t index = 0; index < count; index += 1) {
        meter_reading reading = get_reading(&cursor);
        if (!sound_reading(&reading, modulus)) {
            return METER_MALFORMED;
        }
    }
    /* A smaller ring than before takes the newest. */
    uint32_t kept = count < restored.ring.capacity ? count : restored.ring.capacity;
    readings.from += (size_t)(count - kept) * STATE_READING_BYTES;
    for (uint32_t index = 0; index < kept; index += 1) {
        restored.ring.storage[index] = get_reading(&readings);
    }
    restored.ring.first = 0;
    restored.ring.count = kept;
    restored.ring.dropped += count - kept;
    restored.uplink = (meter_uplink){
        .next_sequence = restored.ring.next_sequence - kept, .waiting_since = uptime};
    *core = restored;
    *uptime_seconds = uptime;
    return METER_OK;
}
