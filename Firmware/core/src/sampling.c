#include "internal.h"

void meter_sums_add(meter_sums *sums, int32_t voltage_count, int32_t current_count) {
    int64_t voltage = meter_clamp(voltage_count, -METER_COUNT_MAX, METER_COUNT_MAX);
    int64_t current = meter_clamp(current_count, -METER_COUNT_MAX, METER_COUNT_MAX);
    int64_t earlier = sums->samples == 0 ? voltage : sums->last_voltage;
    sums->voltage += voltage;
    sums->earlier_voltage += earlier;
    sums->current += current;
    sums->voltage_squares += voltage * voltage;
    sums->current_squares += current * current;
    sums->products += voltage * current;
    sums->earlier_products += earlier * current;
    sums->last_voltage = (int32_t)voltage;
    sums->samples += 1;
}

/*
 * With n samples, n² times the variance is n·Σx² − (Σx)²: the offset is removed without a filter
 * and without rounding, and it is exact in 64 bits because |x| < 2^15 and n < 2^16.
 */
static int64_t spread(int64_t samples, int64_t products, int64_t left, int64_t right) {
    return samples * products - left * right;
}

static int32_t scaled_root(uint32_t root, uint32_t micro_per_count, uint32_t samples) {
    uint64_t divisor = (uint64_t)samples * 1000;
    uint64_t milli = ((uint64_t)root * micro_per_count + divisor / 2) / divisor;
    return milli > INT32_MAX ? INT32_MAX : (int32_t)milli;
}

static int64_t weighted(int64_t value, uint16_t permille) {
    uint64_t magnitude = value < 0 ? (uint64_t)-value : (uint64_t)value;
    uint64_t part = meter_multiply_divide(magnitude, permille, 1000);
    return value < 0 ? -(int64_t)part : (int64_t)part;
}

static int64_t active_spread(const meter_sums *sums, uint16_t phase_permille) {
    int64_t samples = sums->samples;
    int64_t now = spread(samples, sums->products, sums->voltage, sums->current);
    if (phase_permille == 1000) {
        return now;
    }
    int64_t earlier = spread(samples, sums->earlier_products, sums->earlier_voltage, sums->current);
    /* Halves keep the extrapolation (up to twice the present value) inside 64 bits. */
    int64_t half = phase_permille <= 1000
                       ? weighted(earlier / 2, (uint16_t)(1000 - phase_permille)) +
                             weighted(now / 2, phase_permille)
                       : weighted(now / 4, phase_permille) * 2 -
                             weighted(earlier / 2, (uint16_t)(phase_permille - 1000));
    return meter_clamp(half, INT64_MIN / 4, INT64_MAX / 4) * 2;
}

void meter_measure(
    const meter_sums *sums, const meter_calibration *calibration, meter_measurement *out) {
    *out = (meter_measurement){0};
    uint32_t samples = sums->samples;
    if (samples == 0 || samples > METER_WINDOW_SAMPLES_MAX) {
        return;
    }
    uint32_t voltage_root = meter_square_root(
        (uint64_t)spread(samples, sums->voltage_squares, sums->voltage, sums->voltage));
    uint32_t current_root = meter_square_root(
        (uint64_t)spread(samples, sums->current_squares, sums->current, sums->current));
    out->millivolts = scaled_root(voltage_root, calibration->microvolts_per_count, samples);
    out->milliamps = scaled_root(current_root, calibration->microamps_per_count, samples);
    if (out->milliamps < calibration->starting_milliamps) {
        out->milliamps = 0;
        return;
    }
    int64_t active = active_spread(sums, calibration->phase_permille);
    uint64_t magnitude = active < 0 ? (uint64_t)-active : (uint64_t)active;
    uint64_t apparent = (uint64_t)voltage_root * current_root;
    if (magnitude > apparent) {
        magnitude = apparent; /* A phase correction may overshoot; active power may not. */
    }
    uint64_t picowatts =
        (uint64_t)calibration->microvolts_per_count * calibration->microamps_per_count;
    uint64_t milliwatts = meter_multiply_divide(
        magnitude, picowatts, (uint64_t)samples * samples * UINT64_C(1000000000));
    int32_t power = milliwatts > INT32_MAX ? INT32_MAX : (int32_t)milliwatts;
    uint64_t permille = apparent == 0 ? 0 : meter_multiply_divide(magnitude, 1000, apparent);
    out->milliwatts = active < 0 ? -power : power;
    out->power_factor_permille = (int16_t)(active < 0 ? -(int64_t)permille : (int64_t)permille);
}
