/* Just enough of the Arduino interface to compile the shell on a PC; none of it does anything. */
#ifndef HOST_ARDUINO_H
#define HOST_ARDUINO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define OUTPUT 1
#define portMAX_DELAY 0xFFFFFFFFu
#define pdMS_TO_TICKS(milliseconds) (milliseconds)

typedef void *SemaphoreHandle_t;
void digitalWrite(uint8_t pin, uint8_t value);
void pinMode(uint8_t pin, uint8_t mode);
uint16_t analogRead(uint8_t pin);
void analogReadResolution(uint8_t bits);
unsigned long millis();
int64_t esp_timer_get_time();
SemaphoreHandle_t xSemaphoreCreateMutex();
int xSemaphoreTake(SemaphoreHandle_t semaphore, uint32_t ticks);
int xSemaphoreGive(SemaphoreHandle_t semaphore);
void vTaskDelay(uint32_t ticks);
int xTaskCreatePinnedToCore(void (*task)(void *), const char *name, uint32_t stack,
    void *parameter, unsigned priority, void **handle, int core);
void configTime(long offset, int summer, const char *server);

struct HostSerial {
    void begin(unsigned long speed);
};
extern HostSerial Serial;

#endif
