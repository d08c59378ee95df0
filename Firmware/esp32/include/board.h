/* The board: pins and calibration of the student project this began with. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

typedef struct {
    uint8_t voltage_pin; /* ZMPT101B */
    uint8_t current_pin; /* ACS712 */
    uint8_t relay_pin;
    /* Volts (amperes) at the mains for each volt at the pin, as EmonLib's constants mean them. */
    float volts_per_volt;
    float amps_per_volt;
    /* 1000: none. EmonLib's 1.7 is 1700 here. */
    uint16_t phase_permille;
} board_channel;

/* All six analog pins belong to ADC1: ADC2 cannot be read while Wi-Fi is on. */
static const board_channel board_channels[3] = {
    {36, 39, 27, 106.8f, 0.52f, 1700}, /* main */
    {35, 34, 26, 106.8f, 0.52f, 1700}, /* dev1 */
    {33, 32, 25, 106.8f, 0.52f, 1700}, /* dev2 */
};

/* The relay modules switch on when their input is low. */
#define BOARD_RELAY_ON 0
#define BOARD_RELAY_OFF 1

#define BOARD_ADC_VOLTS 3.3f
#define BOARD_ADC_COUNTS 4095.0f

/* Ten cycles of 50 Hz: the window of one measurement and of the protection. */
#define BOARD_WINDOW_MICROSECONDS 200000u
/* Windows above the limit before the supply is switched off: 0.4 s. */
#define BOARD_TRIP_WINDOWS 2
#define BOARD_STARTING_MILLIAMPS 60
#define BOARD_READING_SECONDS 900
#define BOARD_LIVE_SECONDS 5
/* Two days of quarter hours in memory, the newest six hours of them also in flash. */
#define BOARD_STORED_READINGS 192
#define BOARD_SAVED_READINGS 24
#define BOARD_REGISTER_MODULUS_WH 1000000000ull

#endif
