#include "internal.h"

static bool fits(const meter_reading *reading, uint8_t channels) {
    bool unset = (reading->flags & METER_READING_CLOCK_UNSET) != 0;
    int64_t latest = unset ? UINT32_MAX : METER_SECONDS_MAX;
    if ((reading->flags & ~METER_READING_WIRE_FLAGS) != 0 || reading->seconds < (unset ? 0 : 1) ||
        reading->seconds > latest || reading->export_wh > METER_REGISTER_MAX) {
        return false;
    }
    for (unsigned index = 0; index < channels; index += 1) {
        const meter_channel_reading *channel = &reading->channels[index];
        if (channel->measured.power_factor_permille < -1000 ||
            channel->measured.power_factor_permille > 1000 ||
            channel->energy_wh > METER_REGISTER_MAX) {
            return false;
        }
    }
    return true;
}

/* The devices hang on the same mains: their voltage is expected to move as that of `main` did. */
static int64_t expected_voltage(
    const meter_reading *previous, const meter_reading *reading, unsigned channel) {
    int64_t moved = (int64_t)reading->channels[0].measured.millivolts -
                    previous->channels[0].measured.millivolts;
    return previous->channels[channel].measured.millivolts + (channel == 0 ? 0 : moved);
}

/* Power is expected to be what voltage, current and power factor say; only the rounding is sent. */
static int64_t expected_power(const meter_measurement *measured) {
    int64_t apparent = (int64_t)measured->millivolts * measured->milliamps / 1000;
    return apparent * measured->power_factor_permille / 1000;
}

/* ---- Writing ---- */

meter_status meter_frame_begin(meter_frame_writer *writer, const meter_frame_header *header,
    uint8_t *buffer, size_t capacity) {
    if (buffer == NULL || capacity < METER_FRAME_HEADER_BYTES + METER_FRAME_CHECKSUM_BYTES) {
        return METER_NO_SPACE;
    }
    if (header->channels < 1 || header->channels > METER_CHANNELS ||
        (header->flags & ~(METER_FRAME_LIVE | METER_FRAME_EXPORT)) != 0) {
        return METER_INVALID_ARGUMENT;
    }
    *writer = (meter_frame_writer){
        .buffer = buffer,
        .capacity = capacity - METER_FRAME_CHECKSUM_BYTES,
        .length = METER_FRAME_HEADER_BYTES,
        .header = *header,
    };
    writer->header.count = 0;
    return METER_OK;
}

static bool write_number(meter_frame_writer *writer, uint64_t value) {
    size_t written =
        meter_put_varint(writer->buffer + writer->length, writer->capacity - writer->length, value);
    writer->length += written;
    return written != 0;
}

static bool write_difference(meter_frame_writer *writer, int64_t value, int64_t expected) {
    return write_number(writer, meter_zigzag(value - expected));
}

static bool write_time(meter_frame_writer *writer, const meter_reading *reading) {
    if ((reading->flags & METER_READING_CLOCK_UNSET) != 0 || !writer->has_time) {
        return write_number(writer, (uint64_t)reading->seconds);
    }
    int64_t step = reading->seconds - writer->previous.seconds;
    return write_difference(writer, step, writer->previous_step);
}

static bool write_channel(
    meter_frame_writer *writer, const meter_reading *reading, unsigned channel) {
    const meter_channel_reading *now = &reading->channels[channel];
    const meter_channel_reading *before = &writer->previous.channels[channel];
    return write_difference(writer, now->measured.millivolts,
               expected_voltage(&writer->previous, reading, channel)) &&
           write_difference(writer, now->measured.milliamps, before->measured.milliamps) &&
           write_difference(writer, now->measured.power_factor_permille,
               before->measured.power_factor_permille) &&
           write_difference(writer, now->measured.milliwatts, expected_power(&now->measured)) &&
           write_difference(writer, (int64_t)now->energy_wh, (int64_t)before->energy_wh);
}

static bool write_reading(meter_frame_writer *writer, const meter_reading *reading) {
    if (writer->length == writer->capacity) {
        return false;
    }
    writer->buffer[writer->length] = reading->flags;
    writer->length += 1;
    if (!write_time(writer, reading)) {
        return false;
    }
    if ((writer->header.flags & METER_FRAME_EXPORT) != 0 &&
        !write_difference(
            writer, (int64_t)reading->export_wh, (int64_t)writer->previous.export_wh)) {
        return false;
    }
    for (unsigned channel = 0; channel < writer->header.channels; channel += 1) {
        if (!write_channel(writer, reading, channel)) {
            return false;
        }
    }
    return true;
}

/* What the next reading is compared with. A reading without clock leaves the time as it was. */
static void remember(
    meter_reading *previous, int64_t *previous_step, bool *has_time, const meter_reading *reading) {
    int64_t seconds = previous->seconds;
    if ((reading->flags & METER_READING_CLOCK_UNSET) == 0) {
        *previous_step = *has_time ? reading->seconds - seconds : 0;
        *has_time = true;
        seconds = reading->seconds;
    }
    *previous = *reading;
    previous->seconds = seconds;
}

meter_status meter_frame_append(meter_frame_writer *writer, const meter_reading *reading) {
    if (!fits(reading, writer->header.channels)) {
        return METER_OUT_OF_RANGE;
    }
    if (writer->header.count >= METER_FRAME_READINGS_MAX) {
        return METER_NO_SPACE;
    }
    size_t length = writer->length;
    if (!write_reading(writer, reading)) {
        writer->length = length;
        return METER_NO_SPACE;
    }
    remember(&writer->previous, &writer->previous_step, &writer->has_time, reading);
    writer->header.count += 1;
    return METER_OK;
}

size_t meter_frame_finish(meter_frame_writer *writer, uint32_t last_sequence) {
    uint8_t *bytes = writer->buffer;
    bytes[0] = METER_FRAME_MAGIC;
    bytes[1] = METER_FRAME_VERSION;
    bytes[2] = writer->header.flags;
    bytes[3] = writer->header.channels;
    meter_put(bytes + 4, writer->header.epoch, 4);
    meter_put(bytes + 8, last_sequence, 4);
    meter_put(bytes + 12, writer->header.oldest_sequence, 4);
    meter_put(bytes + 16, writer->header.count, 2);
    meter_put(bytes + writer->length, meter_crc32(bytes, writer->length), 4);
    return writer->length + METER_FRAME_CHECKSUM_BYTES;
}

/* ---- Reading ---- */

typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t at;
    meter_status status;
} frame_cursor;

static uint64_t read_number(frame_cursor *cursor) {
    uint64_t value = 0;
    size_t taken =
        meter_get_varint(cursor->bytes + cursor->at, cursor->length - cursor->at, &value);
    if (taken == 0) {
        cursor->status = METER_MALFORMED;
        return 0;
    }
    cursor->at += taken;
    return value;
}

/* `expected` stays within ±2^61 whatever the bytes say, so the sum cannot overflow. */
static int64_t read_difference(frame_cursor *cursor, int64_t expected, int64_t low, int64_t high) {
    int64_t difference = meter_unzigzag(read_number(cursor));
    if (difference < -(INT64_C(1) << 62) || difference > (INT64_C(1) << 62) ||
        expected + difference < low || expected + difference > high) {
        if (cursor->status == METER_OK) {
            cursor->status = METER_OUT_OF_RANGE;
        }
        return 0;
    }
    return expected + difference;
}

static void read_channel(
    frame_cursor *cursor, const meter_reading *previous, meter_reading *reading, unsigned channel) {
    meter_channel_reading *now = &reading->channels[channel];
    const meter_channel_reading *before = &previous->channels[channel];
    now->measured.millivolts = (int32_t)read_difference(
        cursor, expected_voltage(previous, reading, channel), INT32_MIN, INT32_MAX);
    now->measured.milliamps =
        (int32_t)read_difference(cursor, before->measured.milliamps, INT32_MIN, INT32_MAX);
    now->measured.power_factor_permille =
        (int16_t)read_difference(cursor, before->measured.power_factor_permille, -1000, 1000);
    now->measured.milliwatts =
        (int32_t)read_difference(cursor, expected_power(&now->measured), INT32_MIN, INT32_MAX);
    now->energy_wh = (uint64_t)read_difference(
        cursor, (int64_t)before->energy_wh, 0, (int64_t)METER_REGISTER_MAX);
}

static void read_time(frame_cursor *cursor, const meter_reading *previous, int64_t previous_step,
    bool has_time, meter_reading *reading) {
    if ((reading->flags & METER_READING_CLOCK_UNSET) != 0 || !has_time) {
        uint64_t seconds = read_number(cursor);
        reading->seconds = seconds > METER_SECONDS_MAX ? -1 : (int64_t)seconds;
        return;
    }
    int64_t step = read_difference(cursor, previous_step, -METER_SECONDS_MAX, METER_SECONDS_MAX);
    reading->seconds = previous->seconds + step;
}

meter_status meter_frame_read_header(
    const uint8_t *bytes, size_t length, meter_frame_header *header) {
    if (length == 0 || bytes[0] != METER_FRAME_MAGIC) {
        return length == 0 ? METER_TRUNCATED : METER_BAD_MAGIC;
    }
    if (length >= 2 && bytes[1] != METER_FRAME_VERSION) {
        return METER_BAD_VERSION;
    }
    if (length < METER_FRAME_HEADER_BYTES + METER_FRAME_CHECKSUM_BYTES) {
        return METER_TRUNCATED;
    }
    size_t body = length - METER_FRAME_CHECKSUM_BYTES;
    if (meter_crc32(bytes, body) != (uint32_t)meter_get(bytes + body, 4)) {
        return METER_BAD_CHECKSUM;
    }
    *header = (meter_frame_header){
        .flags = bytes[2],
        .channels = bytes[3],
        .epoch = (uint32_t)meter_get(bytes + 4, 4),
        .sequence = (uint32_t)meter_get(bytes + 8, 4),
        .oldest_sequence = (uint32_t)meter_get(bytes + 12, 4),
        .count = (uint16_t)meter_get(bytes + 16, 2),
    };
    if ((header->flags & ~(METER_FRAME_LIVE | METER_FRAME_EXPORT)) != 0 || header->channels < 1 ||
        header->channels > METER_CHANNELS || header->count == 0) {
        return METER_MALFORMED;
    }
    if (header->count > METER_FRAME_READINGS_MAX) {
        return METER_TOO_MANY;
    }
    if ((header->flags & METER_FRAME_LIVE) != 0) {
        return header->count == 1 ? METER_OK : METER_MALFORMED;
    }
    /* Numbers begin at 1, and what is sent is still held. */
    bool counted = header->epoch <= INT32_MAX && header->sequence >= header->count &&
                   header->oldest_sequence <= header->sequence - header->count + 1;
    return counted ? METER_OK : METER_OUT_OF_RANGE;
}

meter_status meter_frame_decode(const uint8_t *bytes, size_t length, meter_frame_header *header,
    meter_reading *readings, size_t capacity) {
    meter_status status = meter_frame_read_header(bytes, length, header);
    if (status != METER_OK) {
        return status;
    }
    if (header->count > capacity) {
        return METER_TOO_MANY;
    }
    frame_cursor cursor = {
        .bytes = bytes,
        .length = length - METER_FRAME_CHECKSUM_BYTES,
        .at = METER_FRAME_HEADER_BYTES,
        .status = METER_OK,
    };
    meter_reading previous = {0};
    int64_t previous_step = 0;
    bool has_time = false;
    for (uint16_t index = 0; index < header->count; index += 1) {
        meter_reading *reading = &readings[index];
        *reading = (meter_reading){0};
        if (cursor.at == cursor.length) {
            return METER_MALFORMED;
        }
        reading->flags = bytes[cursor.at];
        cursor.at += 1;
        read_time(&cursor, &previous, previous_step, has_time, reading);
        if ((header->flags & METER_FRAME_EXPORT) != 0) {
            reading->export_wh = (uint64_t)read_difference(
                &cursor, (int64_t)previous.export_wh, 0, (int64_t)METER_REGISTER_MAX);
        }
        for (unsigned channel = 0; channel < header->channels; channel += 1) {
            read_channel(&cursor, &previous, reading, channel);
        }
        if (cursor.status != METER_OK) {
            return cursor.status;
        }
        if (!fits(reading, header->channels)) {
            return METER_OUT_OF_RANGE;
        }
        remember(&previous, &previous_step, &has_time, reading);
    }
    return cursor.at == cursor.length ? METER_OK : METER_MALFORMED;
}
