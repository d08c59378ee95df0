/*
 * The shell around the portable core on an ESP32: samples go in, relays and frames come out.
 *
 * Measuring and protection run in loop() on one processor core; Wi-Fi and MQTT run in a task on the
 * other, so that no network trouble delays a trip. A mutex guards the meter between the two.
 */
#include <Arduino.h>
#include <MQTT.h>
#include <Preferences.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <time.h>

#include "board.h"
#include "meter_core.h"
#include "secrets.h"

static meter_core meter;
static meter_reading stored[BOARD_STORED_READINGS];
static uint32_t uptime_before; /* Uptime of the runs before the last restart. */
static SemaphoreHandle_t meter_guard;
static Preferences flash;
static WiFiClientSecure network;
static MQTTClient mqtt(2048);

/* ---- Time ---- */

static meter_time time_now() {
    time_t seconds = time(nullptr);
    meter_time now;
    now.seconds = seconds > 1700000000 ? (int64_t)seconds : 0; /* Until NTP has answered: unset. */
    now.uptime_seconds = uptime_before + (uint32_t)(esp_timer_get_time() / 1000000);
    return now;
}

/* ---- Relays ---- */

static void set_relays() {
    for (unsigned channel = 0; channel < METER_CHANNELS; channel += 1) {
        bool on = meter_relay_wanted_on(&meter, channel);
        digitalWrite(board_channels[channel].relay_pin, on ? BOARD_RELAY_ON : BOARD_RELAY_OFF);
    }
}

/* Off first: a restart must not switch on a supply that was tripped. */
static void prepare_relays() {
    for (unsigned channel = 0; channel < METER_CHANNELS; channel += 1) {
        digitalWrite(board_channels[channel].relay_pin, BOARD_RELAY_OFF);
        pinMode(board_channels[channel].relay_pin, OUTPUT);
    }
}

/* ---- State in flash ---- */

static meter_configuration configuration() {
    meter_configuration settings = {};
    for (unsigned channel = 0; channel < METER_CHANNELS; channel += 1) {
        const board_channel &board = board_channels[channel];
        float volts_per_count = BOARD_ADC_VOLTS / BOARD_ADC_COUNTS;
        meter_calibration &calibration = settings.channels[channel];
        calibration.microvolts_per_count =
            (uint32_t)(board.volts_per_volt * volts_per_count * 1000000.0f);
        calibration.microamps_per_count =
            (uint32_t)(board.amps_per_volt * volts_per_count * 1000000.0f);
        calibration.phase_permille = board.phase_permille;
        calibration.starting_milliamps = BOARD_STARTING_MILLIAMPS;
    }
    settings.register_modulus_wh = BOARD_REGISTER_MODULUS_WH;
    settings.trip_millivolts = METER_TRIP_MILLIVOLTS;
    settings.trip_windows = BOARD_TRIP_WINDOWS;
    settings.window_readings = 40;
    settings.resend_seconds = 30;
    settings.channel_count = METER_CHANNELS;
    return settings;
}

static void save() {
    static uint8_t state[8192];
    size_t length = meter_save(&meter, time_now().uptime_seconds, BOARD_SAVED_READINGS, state,
        sizeof state);
    if (length > 0) {
        flash.putBytes("state", state, length);
    }
}

/* A meter whose state cannot be read begins a new epoch, so that no number is used twice. */
static void restore() {
    static uint8_t state[8192];
    meter_configuration settings = configuration();
    uint32_t epoch = flash.getUInt("epoch", 0);
    meter_init(&meter, &settings, stored, BOARD_STORED_READINGS, epoch);
    size_t length = flash.getBytes("state", state, sizeof state);
    if (length > 0 && meter_restore(&meter, state, length, &uptime_before) == METER_OK) {
        return;
    }
    flash.putUInt("epoch", epoch + 1);
    meter_init(&meter, &settings, stored, BOARD_STORED_READINGS, epoch + 1);
}

/* ---- Network, in its own task ---- */

static void topic(char *buffer, size_t size, const char *last) {
    snprintf(buffer, size, "vidyut/%s/%s", SECRET_METER_USER, last);
}

static void publish(const char *last, const uint8_t *payload, size_t length, bool retained,
    int quality) {
    char name[96];
    topic(name, sizeof name, last);
    mqtt.publish(name, (const char *)payload, (int)length, retained, quality);
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* The answer to a command waits here: the library forbids publishing inside its callback. */
static uint8_t result[METER_MESSAGE_BYTES_MAX];
static size_t result_length;

static void receive(MQTTClient *, char name[], char bytes[], int length) {
    const uint8_t *payload = (const uint8_t *)bytes;
    xSemaphoreTake(meter_guard, portMAX_DELAY);
    meter_time now = time_now();
    uint32_t epoch;
    uint64_t sequence;
    meter_command command;
    if (ends_with(name, "/ack")
        && meter_acknowledgement_decode(payload, (size_t)length, &epoch, &sequence) == METER_OK) {
        meter_acknowledge(&meter, epoch, sequence, now.uptime_seconds);
    } else if (ends_with(name, "/commands")
        && meter_command_decode(payload, (size_t)length, &command) == METER_OK) {
        meter_command_result done = meter_command_apply(&meter, &command, now);
        set_relays();
        save();
        result_length =
            meter_command_result_encode(command.identifier, done, result, sizeof result);
    }
    xSemaphoreGive(meter_guard);
}

static bool connect() {
    char name[96];
    topic(name, sizeof name, "status");
    mqtt.setWill(name, "offline", true, 1);
    mqtt.setCleanSession(false);
    if (!mqtt.connect(SECRET_METER_USER, SECRET_METER_USER, SECRET_METER_PASSWORD)) {
        return false;
    }
    topic(name, sizeof name, "ack");
    mqtt.subscribe(name, 1);
    topic(name, sizeof name, "commands");
    mqtt.subscribe(name, 1);
    publish("status", (const uint8_t *)"online", 6, true, 1);
    xSemaphoreTake(meter_guard, portMAX_DELAY);
    meter_link_restored(&meter, time_now().uptime_seconds);
    xSemaphoreGive(meter_guard);
    return true;
}

static void send_what_is_due() {
    static uint8_t frame[1024];
    for (;;) {
        xSemaphoreTake(meter_guard, portMAX_DELAY);
        size_t length = meter_next_frame(&meter, time_now(), 16, frame, sizeof frame);
        xSemaphoreGive(meter_guard);
        if (length == 0) {
            return;
        }
        publish("readings", frame, length, false, 1);
    }
}

static void send_live() {
    uint8_t frame[256];
    xSemaphoreTake(meter_guard, portMAX_DELAY);
    size_t length = meter_live_frame(&meter, time_now(), frame, sizeof frame);
    xSemaphoreGive(meter_guard);
    publish("live", frame, length, false, 0);
}

static void place_readings_when_clock_is_set() {
    static bool was_set;
    meter_time now = time_now();
    if (!was_set && now.seconds > 0) {
        was_set = true;
        xSemaphoreTake(meter_guard, portMAX_DELAY);
        meter_clock_was_set(&meter, now);
        xSemaphoreGive(meter_guard);
    }
}

static void network_task(void *) {
    WiFi.mode(WIFI_STA);
    WiFi.begin(SECRET_WIFI_NAME, SECRET_WIFI_PASSWORD);
    configTime(0, 0, "pool.ntp.org");
    network.setCACert(SECRET_BROKER_AUTHORITY);
    mqtt.begin(SECRET_BROKER_HOST, SECRET_BROKER_PORT, network);
    mqtt.onMessageAdvanced(receive);
    uint32_t last_live = 0;
    for (;;) {
        if (WiFi.status() != WL_CONNECTED || (!mqtt.connected() && !connect())) {
            vTaskDelay(pdMS_TO_TICKS(2000));
            continue;
        }
        mqtt.loop();
        place_readings_when_clock_is_set();
        send_what_is_due();
        if (result_length > 0) {
            publish("results", result, result_length, false, 1);
            result_length = 0;
        }
        if (millis() - last_live >= BOARD_LIVE_SECONDS * 1000u) {
            last_live = millis();
            send_live();
        }
        vTaskDelay(pdMS_TO_TICKS(50));
    }
}

/* ---- Measuring ---- */

void setup() {
    prepare_relays();
    Serial.begin(115200);
    meter_guard = xSemaphoreCreateMutex();
    flash.begin("meter", false);
    restore();
    set_relays();
    analogReadResolution(12);
    xTaskCreatePinnedToCore(network_task, "network", 12288, nullptr, 1, nullptr, 0);
}

static bool reading_is_due(meter_time now) {
    static int64_t last_slot = -1;
    int64_t seconds = now.seconds > 0 ? now.seconds : now.uptime_seconds;
    int64_t slot = seconds / BOARD_READING_SECONDS;
    if (last_slot < 0) {
        last_slot = slot;
    }
    if (slot == last_slot) {
        return false;
    }
    last_slot = slot;
    return true;
}

void loop() {
    static int64_t closed_at = esp_timer_get_time();
    int64_t started_at = esp_timer_get_time();
    /* Raw counts go to the side first: the network must not wait for a whole window. */
    static meter_sums sums[METER_CHANNELS];
    while (esp_timer_get_time() - started_at < BOARD_WINDOW_MICROSECONDS) {
        for (unsigned channel = 0; channel < METER_CHANNELS; channel += 1) {
            int voltage = analogRead(board_channels[channel].voltage_pin);
            int current = analogRead(board_channels[channel].current_pin);
            if (sums[channel].samples < METER_WINDOW_SAMPLES_MAX) {
                meter_sums_add(&sums[channel], voltage, current);
            }
        }
    }
    xSemaphoreTake(meter_guard, portMAX_DELAY);
    for (unsigned channel = 0; channel < METER_CHANNELS; channel += 1) {
        meter.channels[channel].sums = sums[channel];
        sums[channel] = {};
    }
    int64_t milliseconds = (esp_timer_get_time() - closed_at) / 1000;
    closed_at += milliseconds * 1000; /* What is not a whole millisecond counts next time. */
    bool tripped_now = meter_close_window(&meter, (uint32_t)milliseconds);
    set_relays();
    bool due = reading_is_due(time_now());
    if (due) {
        meter_take_reading(&meter, time_now());
    }
    if (due || tripped_now) {
        save();
    }
    xSemaphoreGive(meter_guard);
}
