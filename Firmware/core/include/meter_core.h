/*
 * The portable core of a Vidyut meter.
 *
 * Samples are pushed in, readings and frames come out. The core has no heap, no stdio, no clock and
 * no globals: everything lives in structures that the caller owns, time is passed in, and relays
 * are only *wanted* here; the shell around the core sets them. All arithmetic is on integers.
 *
 * Channel 0 is the whole supply ("main"), channels 1 and 2 are single devices ("dev1", "dev2").
 */
#ifndef METER_CORE_H
#define METER_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits -------------------------------------------------------------------------------- */

#define METER_CHANNELS 3
/* With counts and samples bounded so, every sum of a window is exact in 64 bits. */
#define METER_COUNT_MAX 32767
#define METER_WINDOW_SAMPLES_MAX 65535
#define METER_WINDOW_MILLISECONDS_MAX 86400000u
#define METER_SCALE_MAX 16777215u
/* Over-voltage at which the meter switches the supply off by itself, and stays off. */
#define METER_TRIP_MILLIVOLTS 300000
#define METER_FRAME_MAGIC 0xD6
#define METER_FRAME_VERSION 1
#define METER_FRAME_HEADER_BYTES 18
#define METER_FRAME_CHECKSUM_BYTES 4
/* The most that one reading of three channels can take in a frame; a typical one takes 25. */
#define METER_FRAME_READING_BYTES_MAX 160
#define METER_FRAME_READINGS_MAX 1000
/* Last second of the year 9999: no later instant has an RFC 3339 form. */
#define METER_SECONDS_MAX 253402300799
#define METER_REGISTER_MAX UINT64_C(1000000000000000)
#define METER_MESSAGE_BYTES_MAX 256
#define METER_RESEND_DOUBLINGS_MAX 5

typedef enum {
    METER_OK = 0,
    METER_INVALID_ARGUMENT,
    METER_NO_SPACE,
    METER_TRUNCATED,
    METER_BAD_MAGIC,
    METER_BAD_VERSION,
    METER_BAD_CHECKSUM,
    METER_MALFORMED,
    METER_OUT_OF_RANGE,
    METER_TOO_MANY,
    METER_OTHER_EPOCH,
} meter_status;

/* ---- What is measured ---------------------------------------------------------------------- */

/* Root mean squares, active power (negative: export) and power factor of one window. */
typedef struct {
    int32_t millivolts;
    int32_t milliamps;
    int32_t milliwatts;
    int16_t power_factor_permille;
} meter_measurement;

typedef struct {
    meter_measurement measured;
    uint64_t energy_wh; /* Register of imported energy, below the modulus. */
} meter_channel_reading;

enum {
    /* The clock was unset: `seconds` is an age in a frame, and an uptime in the ring. */
    METER_READING_CLOCK_UNSET = 1,
    METER_READING_TRIPPED = 2,
    METER_READING_MAIN_OFF = 4,
    METER_READING_DEV1_OFF = 8,
    METER_READING_DEV2_OFF = 16,
    /* In the ring only: was put into a frame at least once. */
    METER_READING_SENT = 128,
};
#define METER_READING_WIRE_FLAGS 31

typedef struct {
    int64_t seconds;    /* Since 1970, UTC, unless METER_READING_CLOCK_UNSET. */
    uint64_t export_wh; /* Register of energy fed back through `main`. */
    meter_channel_reading channels[METER_CHANNELS];
    uint8_t flags;
} meter_reading;

/* Sums over the raw counts of one window; offsets are removed when the window closes. */
typedef struct {
    int64_t voltage;
    int64_t earlier_voltage; /* The same voltages one sample earlier, for the phase. */
    int64_t current;
    int64_t voltage_squares;
    int64_t current_squares;
    int64_t products;
    int64_t earlier_products;
    int32_t last_voltage;
    uint32_t samples;
} meter_sums;

typedef struct {
    uint32_t microvolts_per_count;
    uint32_t microamps_per_count;
    /* Where the voltage is taken between the previous sample (0) and this one (1000); up to 2000.
     */
    uint16_t phase_permille;
    /* Current below which a channel counts as without load: what the sensor's noise reads. */
    uint16_t starting_milliamps;
} meter_calibration;

/* Removes the offsets and scales; all zero when there are no samples. */
void meter_measure(
    const meter_sums *sums, const meter_calibration *calibration, meter_measurement *out);
void meter_sums_add(meter_sums *sums, int32_t voltage_count, int32_t current_count);

/* ---- The meter ----------------------------------------------------------------------------- */

typedef struct {
    meter_calibration channels[METER_CHANNELS];
    uint64_t register_modulus_wh; /* First energy the register cannot show. */
    int32_t trip_millivolts;
    uint16_t trip_windows;    /* Consecutive windows above the limit before it trips, 1 or more. */
    uint16_t window_readings; /* Readings that may be under way unacknowledged. */
    uint16_t resend_seconds;  /* Wait for an acknowledgement before the first resend. */
    uint8_t channel_count;    /* 1 to 3. */
} meter_configuration;

typedef struct {
    meter_sums sums;
    meter_measurement last;
    uint64_t energy_wh;
    uint64_t energy_remainder; /* Microjoules not yet a whole watt-hour. */
} meter_channel;

/* Keeps readings until they are acknowledged; when full it gives up the oldest, and counts it. */
typedef struct {
    meter_reading *storage;
    uint32_t capacity;
    uint32_t first; /* Index of the oldest. */
    uint32_t count;
    uint32_t next_sequence; /* Of the reading to come; numbers begin at 1. */
    uint32_t dropped;
} meter_ring;

typedef struct {
    bool tripped; /* Latched until METER_ACTION_RESET. */
    uint16_t windows_above;
    int32_t trip_millivolts; /* What was measured when it tripped. */
    uint32_t trips;
} meter_protection;

typedef struct {
    uint32_t next_sequence; /* The next reading to put into a frame. */
    uint32_t waiting_since; /* Uptime of the last progress. */
    uint8_t resends;        /* Without progress. */
} meter_uplink;

typedef struct {
    meter_configuration configuration;
    meter_channel channels[METER_CHANNELS];
    uint64_t export_wh;
    uint64_t export_remainder;
    meter_protection protection;
    meter_ring ring;
    meter_uplink uplink;
    uint32_t epoch;       /* Goes up when the meter has lost its count. */
    uint8_t switched_off; /* A bit a channel, as commanded. */
} meter_core;

/* What the shell knows of time. Uptime never goes back; after a restore it goes on from the saved.
 */
typedef struct {
    int64_t seconds; /* Since 1970, or 0 while the clock is unset. */
    uint32_t uptime_seconds;
} meter_time;

meter_status meter_init(meter_core *core, const meter_configuration *configuration,
    meter_reading *storage, uint32_t capacity, uint32_t epoch);
/* False when the channel does not exist or the window is full. */
bool meter_push_sample(
    meter_core *core, unsigned channel, int32_t voltage_count, int32_t current_count);
/* Ends a window of whole mains cycles: measures, adds energy, judges the voltage. True: it tripped
 * now. */
bool meter_close_window(meter_core *core, uint32_t milliseconds);
/* Stores a reading of the registers and the last window; returns its sequence number. */
uint32_t meter_take_reading(meter_core *core, meter_time now);
/* The same reading without storing it, for the live view. */
void meter_peek_reading(const meter_core *core, meter_time now, meter_reading *out);
/* The clock was set: places readings that were taken without it and were never sent. */
void meter_clock_was_set(meter_core *core, meter_time now);
/* The count may be older than what was sent: begins again under a higher epoch, keeping readings.
 */
void meter_renumber(meter_core *core, uint32_t epoch);
bool meter_relay_wanted_on(const meter_core *core, unsigned channel);

/* ---- Store and forward ---------------------------------------------------------------------- */

uint32_t meter_oldest_sequence(const meter_core *core);
/* Null when the reading is not held. */
const meter_reading *meter_held_reading(const meter_core *core, uint32_t sequence);
/* Forgets readings up to `sequence`. Numbers never given out are out of range. */
meter_status meter_acknowledge(
    meter_core *core, uint32_t epoch, uint64_t sequence, uint32_t uptime_seconds);
/* The link came back: everything unacknowledged is to be sent again. */
void meter_link_restored(meter_core *core, uint32_t uptime_seconds);
/* Bytes of the next frame to send now, or 0 when there is none (nothing new, or the window is
 * full). */
size_t meter_next_frame(
    meter_core *core, meter_time now, uint32_t maximum_readings, uint8_t *buffer, size_t capacity);

/* ---- Frames --------------------------------------------------------------------------------- */

/*
 * Header, little-endian: magic, version, flags, channels, epoch (4), sequence of the last reading
 * (4), oldest sequence still held (4), count of readings (2). Then the readings, oldest first, each
 * a flag byte and zigzag varints of differences to what the reading before lets expect. Then the
 * CRC-32 (IEEE 802.3) of all before it.
 */
enum {
    METER_FRAME_LIVE = 1,   /* One reading, not stored by the meter: sequence means nothing. */
    METER_FRAME_EXPORT = 2, /* Readings carry the export register. */
};

typedef struct {
    uint32_t epoch;
    uint32_t sequence;
    uint32_t oldest_sequence;
    uint16_t count;
    uint8_t flags;
    uint8_t channels;
} meter_frame_header;

typedef struct {
    uint8_t *buffer;
    size_t capacity;
    size_t length;
    meter_frame_header header;
    meter_reading previous;
    int64_t previous_step;
    bool has_time;
} meter_frame_writer;

meter_status meter_frame_begin(
    meter_frame_writer *writer, const meter_frame_header *header, uint8_t *buffer, size_t capacity);
/* METER_NO_SPACE leaves the frame as it was; finish it then. */
meter_status meter_frame_append(meter_frame_writer *writer, const meter_reading *reading);
/* Writes count, sequence of the last reading and checksum; returns the frame's length. */
size_t meter_frame_finish(meter_frame_writer *writer, uint32_t last_sequence);
/* Checks length, magic, version and checksum, and reads the header. */
meter_status meter_frame_read_header(
    const uint8_t *bytes, size_t length, meter_frame_header *header);
meter_status meter_frame_decode(const uint8_t *bytes, size_t length, meter_frame_header *header,
    meter_reading *readings, size_t capacity);
size_t meter_live_frame(const meter_core *core, meter_time now, uint8_t *buffer, size_t capacity);
uint32_t meter_crc32(const uint8_t *bytes, size_t length);

/* ---- Messages down -------------------------------------------------------------------------- */

/* {"epoch":0,"acknowledgedSequence":1042} with these two keys, once each, in any order. */
meter_status meter_acknowledgement_decode(
    const uint8_t *bytes, size_t length, uint32_t *epoch, uint64_t *sequence);
/* Returns the length, or 0 when it does not fit. */
size_t meter_acknowledgement_encode(
    uint32_t epoch, uint64_t sequence, uint8_t *buffer, size_t capacity);

typedef enum { METER_ACTION_ON, METER_ACTION_OFF, METER_ACTION_RESET } meter_action;

typedef struct {
    uint64_t identifier;
    uint64_t expires_at_seconds; /* Since 1970; 0 when the command does not expire. */
    meter_action action;
    uint8_t channel;
} meter_command;

typedef enum {
    METER_COMMAND_DONE,
    METER_COMMAND_TRIPPED, /* Refused: the protection is latched and must be reset first. */
    METER_COMMAND_EXPIRED,
    METER_COMMAND_UNSUPPORTED, /* No such channel here. */
} meter_command_result;

/* {"id":17,"channel":"main","action":"off"}, optionally "expiresAtSeconds"; any order of keys. */
meter_status meter_command_decode(const uint8_t *bytes, size_t length, meter_command *command);
meter_command_result meter_command_apply(
    meter_core *core, const meter_command *command, meter_time now);
/* {"id":17,"result":"done"}; returns the length, or 0 when it does not fit. */
size_t meter_command_result_encode(
    uint64_t identifier, meter_command_result result, uint8_t *buffer, size_t capacity);

/* ---- Surviving a power cut ------------------------------------------------------------------ */

/* Bytes that saving the newest `readings` readings takes. */
size_t meter_state_bytes(uint32_t readings);
/*
 * Saves registers, count, latch, switches and the newest readings; returns the length, or 0 when
 * it does not fit. Save after a reading is taken and before it is sent; where that cannot be
 * promised, call meter_renumber with a higher epoch after restoring.
 */
size_t meter_save(const meter_core *core, uint32_t uptime_seconds, uint32_t maximum_readings,
    uint8_t *buffer, size_t capacity);
/* Into a core that meter_init prepared. On any error the core is as meter_init left it. */
meter_status meter_restore(
    meter_core *core, const uint8_t *bytes, size_t length, uint32_t *uptime_seconds);

#ifdef __cplusplus
}
#endif

#endif
