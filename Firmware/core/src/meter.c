#include "internal.h"

#define MICROJOULES_PER_WATT_HOUR UINT64_C(3600000000)

static bool valid_configuration(const meter_configuration *configuration) {
    if (configuration->channel_count < 1 || configuration->channel_count > METER_CHANNELS ||
        configuration->register_modulus_wh == 0 ||
        configuration->register_modulus_wh > METER_REGISTER_MAX ||
        configuration->trip_millivolts <= 0 || configuration->trip_windows == 0 ||
        configuration->window_readings == 0 || configuration->resend_seconds == 0) {
        return false;
    }
    for (unsigned index = 0; index < configuration->channel_count; index += 1) {
        const meter_calibration *calibration = &configuration->channels[index];
        if (calibration->microvolts_per_count > METER_SCALE_MAX ||
            calibration->microamps_per_count > METER_SCALE_MAX ||
            calibration->phase_permille > 2000) {
            return false;
        }
    }
    return true;
}

meter_status meter_init(meter_core *core, const meter_configuration *configuration,
    meter_reading *storage, uint32_t capacity, uint32_t epoch) {
    if (storage == NULL || capacity == 0 || epoch > INT32_MAX ||
        !valid_configuration(configuration)) {
        return METER_INVALID_ARGUMENT;
    }
    *core = (meter_core){0};
    core->configuration = *configuration;
    core->epoch = epoch;
    core->ring.storage = storage;
    core->ring.capacity = capacity;
    core->ring.next_sequence = 1;
    core->uplink.next_sequence = 1;
    return METER_OK;
}

bool meter_push_sample(
    meter_core *core, unsigned channel, int32_t voltage_count, int32_t current_count) {
    if (channel >= core->configuration.channel_count ||
        core->channels[channel].sums.samples >= METER_WINDOW_SAMPLES_MAX) {
        return false;
    }
    meter_sums_add(&core->channels[channel].sums, voltage_count, current_count);
    return true;
}

/* Whole watt-hours go to the register, which rolls over; the rest is carried, so nothing is lost.
 */
static void add_energy(uint64_t *wh, uint64_t *remainder, uint64_t microjoules, uint64_t modulus) {
    uint64_t total = *remainder + microjoules;
    *wh = (*wh + total / MICROJOULES_PER_WATT_HOUR) % modulus;
    *remainder = total % MICROJOULES_PER_WATT_HOUR;
}

/* Without voltage samples nothing is known, so a latched trip stays and no new one comes. */
static bool judge_voltage(meter_core *core) {
    meter_protection *protection = &core->protection;
    int32_t millivolts = core->channels[0].last.millivolts;
    if (millivolts <= core->configuration.trip_millivolts) {
        protection->windows_above = 0;
        return false;
    }
    if (protection->tripped) {
        return false;
    }
    protection->windows_above += 1;
    if (protection->windows_above < core->configuration.trip_windows) {
        return false;
    }
    protection->tripped = true;
    protection->trip_millivolts = millivolts;
    protection->trips += 1;
    return true;
}

bool meter_close_window(meter_core *core, uint32_t milliseconds) {
    uint64_t duration =
        milliseconds > METER_WINDOW_MILLISECONDS_MAX ? METER_WINDOW_MILLISECONDS_MAX : milliseconds;
    uint64_t modulus = core->configuration.register_modulus_wh;
    for (unsigned index = 0; index < core->configuration.channel_count; index += 1) {
        meter_channel *channel = &core->channels[index];
        meter_measure(&channel->sums, &core->configuration.channels[index], &channel->last);
        channel->sums = (meter_sums){0};
        int64_t power = channel->last.milliwatts;
        if (power >= 0) {
            add_energy(&channel->energy_wh, &channel->energy_remainder, (uint64_t)power * duration,
                modulus);
        } else if (index == 0) {
            add_energy(
                &core->export_wh, &core->export_remainder, (uint64_t)-power * duration, modulus);
        }
    }
    return judge_voltage(core);
}

bool meter_relay_wanted_on(const meter_core *core, unsigned channel) {
    if (channel >= core->configuration.channel_count || core->protection.tripped) {
        return false;
    }
    return (core->switched_off & (1u << channel)) == 0;
}

void meter_peek_reading(const meter_core *core, meter_time now, meter_reading *out) {
    *out = (meter_reading){0};
    if (now.seconds > 0 && now.seconds <= METER_SECONDS_MAX) {
        out->seconds = now.seconds;
    } else {
        out->seconds = now.uptime_seconds;
        out->flags |= METER_READING_CLOCK_UNSET;
    }
    if (core->protection.tripped) {
        out->flags |= METER_READING_TRIPPED;
    }
    out->flags |= (uint8_t)(core->switched_off << 2);
    out->export_wh = core->export_wh;
    for (unsigned index = 0; index < core->configuration.channel_count; index += 1) {
        out->channels[index].measured = core->channels[index].last;
        out->channels[index].energy_wh = core->channels[index].energy_wh;
    }
}

uint32_t meter_take_reading(meter_core *core, meter_time now) {
    meter_reading reading;
    meter_peek_reading(core, now, &reading);
    meter_ring_push(&core->ring, &reading);
    return core->ring.next_sequence - 1;
}

/*
 * A reading that was sent with an age may be stored already, under an instant that the server
 * chose; it keeps its age, so that a resend is recognised by its number.
 */
void meter_clock_was_set(meter_core *core, meter_time now) {
    if (now.seconds <= 0 || now.seconds > METER_SECONDS_MAX) {
        return;
    }
    uint32_t oldest = meter_oldest_sequence(core);
    for (uint32_t index = 0; index < core->ring.count; index += 1) {
        meter_reading *reading = meter_ring_at(&core->ring, oldest + index);
        if ((reading->flags & METER_READING_CLOCK_UNSET) == 0 ||
            (reading->flags & METER_READING_SENT) != 0 || reading->seconds > now.uptime_seconds) {
            continue;
        }
        int64_t placed = now.seconds - ((int64_t)now.uptime_seconds - reading->seconds);
        if (placed > 0) {
            reading->seconds = placed;
            reading->flags &= (uint8_t)~METER_READING_CLOCK_UNSET;
        }
    }
}

void meter_renumber(meter_core *core, uint32_t epoch) {
    core->epoch = epoch > INT32_MAX ? INT32_MAX : epoch;
    core->ring.next_sequence = core->ring.count + 1;
    core->uplink = (meter_uplink){.next_sequence = 1};
}
