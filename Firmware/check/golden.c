/*
 * Prints frames of fixed readings as hexadecimal lines, wherever the core runs. The same lines
 * stand in Tests/MeterCoreTests/GoldenFrames.swift; `check/run` compares.
 */
#include <stdio.h>

#include "meter_core.h"

static void print_frame(unsigned kind) {
    static meter_reading storage[8];
    meter_calibration calibration = {15000, 2000, 1000, 20};
    meter_configuration configuration = {
        .channels = {calibration, calibration, calibration},
        .register_modulus_wh = 100000000,
        .trip_millivolts = METER_TRIP_MILLIVOLTS,
        .trip_windows = 2,
        .window_readings = 40,
        .resend_seconds = 60,
        .channel_count = kind == 1 ? 1 : 3,
    };
    static const uint32_t first_sequences[] = {1040, 1, 70000, 70000};
    meter_core core;
    meter_init(&core, &configuration, storage, 8, kind == 2 ? 3 : 0);
    core.ring.next_sequence = first_sequences[kind];
    core.uplink.next_sequence = first_sequences[kind];
    core.channels[0].energy_wh = 1234567;
    core.channels[1].energy_wh = 40210;
    core.export_wh = kind == 3 ? 5120 : 0;
    int32_t sign = kind == 3 ? -1 : 1;
    for (int32_t index = 0; index < (kind == 1 ? 1 : 3); index += 1) {
        core.channels[0].last = (meter_measurement){231200 - index * 350, 3410 + index * 120,
            sign * (770100 + index * 26000), (int16_t)(sign * 977)};
        core.channels[1].last = (meter_measurement){231150 - index * 350, 640, 147000 + index, 994};
        core.channels[2].last = (meter_measurement){231260 - index * 340, 0, 0, 0};
        core.export_wh += kind == 3 ? 190 : 0;
        core.channels[0].energy_wh += kind == 3 ? 0 : 193;
        core.channels[1].energy_wh += 37;
        int64_t seconds = kind == 2 && index < 2 ? 0 : 1795342500 + index * 900;
        meter_take_reading(&core, (meter_time){seconds, (uint32_t)(100 + index * 900)});
    }
    uint8_t frame[512];
    size_t length = meter_next_frame(&core, (meter_time){0, 4000}, 10, frame, sizeof frame);
    for (size_t index = 0; index < length; index += 1) {
        printf("%02x", (unsigned)frame[index]);
    }
    printf("\n");
}

/* One cycle of a triangle through the whole chain: counts, offset, roots, energy. */
static void print_measurement(void) {
    meter_sums sums = {0};
    meter_calibration calibration = {15000, 2000, 1400, 20};
    for (int32_t index = 0; index < 4000; index += 1) {
        int32_t place = index % 80;
        int32_t triangle = place < 40 ? place - 20 : 60 - place;
        meter_sums_add(&sums, 1000 * triangle + 37, 150 * triangle - 21 + index % 7);
    }
    meter_measurement measured;
    meter_measure(&sums, &calibration, &measured);
    printf("%ld mV %ld mA %ld mW %d permille\n", (long)measured.millivolts,
        (long)measured.milliamps, (long)measured.milliwatts, measured.power_factor_permille);
}

int main(void) {
    for (unsigned kind = 0; kind < 4; kind += 1) {
        print_frame(kind);
    }
    print_measurement();
    return 0;
}
