#ifndef HOST_PREFERENCES_H
#define HOST_PREFERENCES_H

#include <stddef.h>
#include <stdint.h>

class Preferences {
public:
    bool begin(const char *name, bool readOnly);
    size_t putBytes(const char *key, const void *value, size_t length);
    size_t getBytes(const char *key, void *buffer, size_t length);
    size_t putUInt(const char *key, uint32_t value);
    uint32_t getUInt(const char *key, uint32_t fallback);
};

#endif
