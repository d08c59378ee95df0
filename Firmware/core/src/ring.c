#include "internal.h"

meter_reading *meter_ring_at(const meter_ring *ring, uint32_t sequence) {
    uint32_t offset = sequence - (ring->next_sequence - ring->count);
    uint32_t index = ring->first + offset;
    return &ring->storage[index >= ring->capacity ? index - ring->capacity : index];
}

static void forget_oldest(meter_ring *ring) {
    ring->first = ring->first + 1 == ring->capacity ? 0 : ring->first + 1;
    ring->count -= 1;
}

void meter_ring_push(meter_ring *ring, const meter_reading *reading) {
    if (ring->count == ring->capacity) {
        forget_oldest(ring);
        ring->dropped += 1;
    }
    ring->next_sequence += 1;
    ring->count += 1;
    *meter_ring_at(ring, ring->next_sequence - 1) = *reading;
}

uint32_t meter_oldest_sequence(const meter_core *core) {
    return core->ring.next_sequence - core->ring.count;
}

const meter_reading *meter_held_reading(const meter_core *core, uint32_t sequence) {
    if (sequence >= core->ring.next_sequence || sequence < meter_oldest_sequence(core)) {
        return NULL;
    }
    return meter_ring_at(&core->ring, sequence);
}

meter_status meter_acknowledge(
    meter_core *core, uint32_t epoch, uint64_t sequence, uint32_t uptime_seconds) {
    if (epoch != core->epoch) {
        return METER_OTHER_EPOCH;
    }
    if (sequence >= core->ring.next_sequence) {
        return METER_OUT_OF_RANGE;
    }
    bool progress = false;
    while (core->ring.count > 0 && meter_oldest_sequence(core) <= sequence) {
        forget_oldest(&core->ring);
        progress = true;
    }
    if (core->uplink.next_sequence <= sequence) {
        core->uplink.next_sequence = (uint32_t)sequence + 1;
    }
    if (progress) {
        core->uplink.waiting_since = uptime_seconds;
        core->uplink.resends = 0;
    }
    return METER_OK;
}

void meter_link_restored(meter_core *core, uint32_t uptime_seconds) {
    core->uplink.next_sequence = meter_oldest_sequence(core);
    core->uplink.waiting_since = uptime_seconds;
    core->uplink.resends = 0;
}

/* Goes back to the oldest when no acknowledgement came in time; waits twice as long each time. */
static void resend_when_due(meter_core *core, uint32_t uptime_seconds) {
    meter_uplink *uplink = &core->uplink;
    uint32_t oldest = meter_oldest_sequence(core);
    if (uplink->next_sequence < oldest) {
        uplink->next_sequence = oldest;
    }
    if (uplink->next_sequence == oldest) {
        return;
    }
    uint32_t wait = (uint32_t)core->configuration.resend_seconds << uplink->resends;
    if (uptime_seconds - uplink->waiting_since >= wait) {
        uplink->next_sequence = oldest;
        uplink->waiting_since = uptime_seconds;
        if (uplink->resends < METER_RESEND_DOUBLINGS_MAX) {
            uplink->resends += 1;
        }
    }
}

/* A reading as it travels: an uptime becomes an age, marks of the ring stay behind. */
static meter_reading travelling(const meter_reading *held, uint32_t uptime_seconds) {
    meter_reading reading = *held;
    reading.flags &= METER_READING_WIRE_FLAGS;
    if ((reading.flags & METER_READING_CLOCK_UNSET) != 0) {
        int64_t age = (int64_t)uptime_seconds - held->seconds;
        reading.seconds = age < 0 ? 0 : age;
    }
    return reading;
}

size_t meter_next_frame(
    meter_core *core, meter_time now, uint32_t maximum_readings, uint8_t *buffer, size_t capacity) {
    resend_when_due(core, now.uptime_seconds);
    meter_uplink *uplink = &core->uplink;
    uint32_t oldest = meter_oldest_sequence(core);
    uint32_t under_way = uplink->next_sequence - oldest;
    uint32_t unsent = core->ring.next_sequence - uplink->next_sequence;
    uint32_t window = core->configuration.window_readings;
    uint32_t room = under_way < window ? window - under_way : 0;
    uint32_t count = unsent < room ? unsent : room;
    count = count < maximum_readings ? count : maximum_readings;
    count = count < METER_FRAME_READINGS_MAX ? count : METER_FRAME_READINGS_MAX;

    meter_frame_header header = {
        .epoch = core->epoch,
        .oldest_sequence = oldest,
        .flags = core->export_wh != 0 ? METER_FRAME_EXPORT : 0,
        .channels = core->configuration.channel_count,
    };
    meter_frame_writer writer;
    if (count == 0 || meter_frame_begin(&writer, &header, buffer, capacity) != METER_OK) {
        return 0;
    }
    uint32_t sequence = uplink->next_sequence;
    for (uint32_t index = 0; index < count; index += 1) {
        meter_reading *held = meter_ring_at(&core->ring, sequence);
        meter_reading reading = travelling(held, now.uptime_seconds);
        if (meter_frame_append(&writer, &reading) != METER_OK) {
            break;
        }
        held->flags |= METER_READING_SENT;
        sequence += 1;
    }
    if (sequence == uplink->next_sequence) {
        return 0;
    }
    if (under_way == 0 && uplink->resends == 0) {
        uplink->waiting_since = now.uptime_seconds;
    }
    uplink->next_sequence = sequence;
    return meter_frame_finish(&writer, sequence - 1);
}

size_t meter_live_frame(const meter_core *core, meter_time now, uint8_t *buffer, size_t capacity) {
    meter_frame_header header = {
        .epoch = core->epoch,
        .oldest_sequence = 0,
        .flags = (uint8_t)(METER_FRAME_LIVE | (core->export_wh != 0 ? METER_FRAME_EXPORT : 0)),
        .channels = core->configuration.channel_count,
    };
    meter_reading reading;
    meter_peek_reading(core, now, &reading);
    reading = travelling(&reading, now.uptime_seconds);
    meter_frame_writer writer;
    if (meter_frame_begin(&writer, &header, buffer, capacity) != METER_OK ||
        meter_frame_append(&writer, &reading) != METER_OK) {
        return 0;
    }
    return meter_frame_finish(&writer, 0);
}
