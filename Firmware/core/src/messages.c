#include "internal.h"

/*
 * The messages that come down are small JSON objects of known keys. This reads them strictly: every
 * key once, whole numbers, no escapes, nothing after the closing brace, at most 256 bytes.
 */
typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t at;
} text_cursor;

typedef struct {
    const uint8_t *bytes;
    size_t length;
} text_slice;

static void skip_space(text_cursor *cursor) {
    while (cursor->at < cursor->length) {
        uint8_t byte = cursor->bytes[cursor->at];
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            return;
        }
        cursor->at += 1;
    }
}

static bool take(text_cursor *cursor, uint8_t wanted) {
    skip_space(cursor);
    if (cursor->at >= cursor->length || cursor->bytes[cursor->at] != wanted) {
        return false;
    }
    cursor->at += 1;
    return true;
}

static bool take_string(text_cursor *cursor, text_slice *slice) {
    if (!take(cursor, '"')) {
        return false;
    }
    size_t start = cursor->at;
    while (cursor->at < cursor->length && cursor->bytes[cursor->at] != '"') {
        uint8_t byte = cursor->bytes[cursor->at];
        if (byte == '\\' || byte < 0x20 || byte > 0x7E) {
            return false;
        }
        cursor->at += 1;
    }
    *slice = (text_slice){cursor->bytes + start, cursor->at - start};
    return take(cursor, '"');
}

static bool take_number(text_cursor *cursor, uint64_t *value) {
    skip_space(cursor);
    size_t start = cursor->at;
    uint64_t result = 0;
    while (cursor->at < cursor->length) {
        uint8_t digit = (uint8_t)(cursor->bytes[cursor->at] - '0');
        if (digit > 9) {
            break;
        }
        if (result > (UINT64_MAX - digit) / 10) {
            return false;
        }
        result = result * 10 + digit;
        cursor->at += 1;
    }
    size_t digits = cursor->at - start;
    if (digits == 0 || (digits > 1 && cursor->bytes[start] == '0')) {
        return false;
    }
    *value = result;
    return true;
}

static bool equals(text_slice slice, const char *text) {
    size_t index = 0;
    while (index < slice.length && text[index] != 0 && slice.bytes[index] == (uint8_t)text[index]) {
        index += 1;
    }
    return index == slice.length && text[index] == 0;
}

/* Index in `texts`, or `count`. */
static unsigned find(text_slice slice, const char *const *texts, unsigned count) {
    unsigned index = 0;
    while (index < count && !equals(slice, texts[index])) {
        index += 1;
    }
    return index;
}

/* Reads one member's value; false refuses the message. */
typedef bool (*take_value)(text_cursor *cursor, unsigned key, void *into);

static meter_status read_object(const uint8_t *bytes, size_t length, const char *const *keys,
    unsigned key_count, unsigned required, take_value value, void *into) {
    if (bytes == NULL || length > METER_MESSAGE_BYTES_MAX) {
        return METER_TOO_MANY;
    }
    text_cursor cursor = {bytes, length, 0};
    unsigned seen = 0;
    if (!take(&cursor, '{')) {
        return METER_MALFORMED;
    }
    do {
        text_slice name;
        if (!take_string(&cursor, &name) || !take(&cursor, ':')) {
            return METER_MALFORMED;
        }
        unsigned key = find(name, keys, key_count);
        if (key == key_count || (seen & (1u << key)) != 0 || !value(&cursor, key, into)) {
            return METER_MALFORMED;
        }
        seen |= 1u << key;
    } while (take(&cursor, ','));
    if (!take(&cursor, '}')) {
        return METER_MALFORMED;
    }
    skip_space(&cursor);
    return cursor.at == length && (seen & required) == required ? METER_OK : METER_MALFORMED;
}

/* ---- Acknowledgements ---- */

static bool take_acknowledgement(text_cursor *cursor, unsigned key, void *into) {
    return take_number(cursor, &((uint64_t *)into)[key]);
}

meter_status meter_acknowledgement_decode(
    const uint8_t *bytes, size_t length, uint32_t *epoch, uint64_t *sequence) {
    static const char *const keys[] = {"epoch", "acknowledgedSequence"};
    uint64_t values[2] = {0, 0};
    meter_status status = read_object(bytes, length, keys, 2, 3, take_acknowledgement, values);
    if (status != METER_OK) {
        return status;
    }
    if (values[0] > INT32_MAX || values[1] > INT64_MAX) {
        return METER_OUT_OF_RANGE;
    }
    *epoch = (uint32_t)values[0];
    *sequence = values[1];
    return METER_OK;
}

typedef struct {
    uint8_t *buffer;
    size_t capacity;
    size_t length;
} text_writer;

static void write_text(text_writer *writer, const char *text) {
    for (size_t index = 0; text[index] != 0; index += 1) {
        if (writer->length < writer->capacity) {
            writer->buffer[writer->length] = (uint8_t)text[index];
        }
        writer->length += 1;
    }
}

static void write_decimal(text_writer *writer, uint64_t value) {
    char digits[21];
    unsigned start = 20;
    digits[start] = 0;
    do {
        start -= 1;
        digits[start] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    write_text(writer, digits + start);
}

static size_t written(const text_writer *writer) {
    return writer->length <= writer->capacity ? writer->length : 0;
}

size_t meter_acknowledgement_encode(
    uint32_t epoch, uint64_t sequence, uint8_t *buffer, size_t capacity) {
    text_writer writer = {buffer, capacity, 0};
    write_text(&writer, "{\"epoch\":");
    write_decimal(&writer, epoch);
    write_text(&writer, ",\"acknowledgedSequence\":");
    write_decimal(&writer, sequence);
    write_text(&writer, "}");
    return written(&writer);
}

/* ---- Commands ---- */

enum { KEY_IDENTIFIER, KEY_CHANNEL, KEY_ACTION, KEY_EXPIRY, KEY_COUNT };

static bool take_command(text_cursor *cursor, unsigned key, void *into) {
    static const char *const channels[METER_CHANNELS] = {"main", "dev1", "dev2"};
    static const char *const actions[] = {"on", "off", "reset"};
    meter_command *command = into;
    text_slice text;
    switch (key) {
    case KEY_IDENTIFIER:
        return take_number(cursor, &command->identifier);
    case KEY_EXPIRY:
        return take_number(cursor, &command->expires_at_seconds);
    case KEY_CHANNEL:
        if (!take_string(cursor, &text)) {
            return false;
        }
        command->channel = (uint8_t)find(text, channels, METER_CHANNELS);
        return command->channel < METER_CHANNELS;
    default:
        if (!take_string(cursor, &text)) {
            return false;
        }
        command->action = (meter_action)find(text, actions, 3);
        return command->action <= METER_ACTION_RESET;
    }
}

meter_status meter_command_decode(const uint8_t *bytes, size_t length, meter_command *command) {
    static const char *const keys[KEY_COUNT] = {"id", "channel", "action", "expiresAtSeconds"};
    meter_command read = {0};
    meter_status status = read_object(bytes, length, keys, KEY_COUNT, 7, take_command, &read);
    if (status == METER_OK) {
        *command = read;
    }
    return status;
}

/* Doing a command twice is the same as once, so a repeated delivery needs no memory of the first.
 */
meter_command_result meter_command_apply(
    meter_core *core, const meter_command *command, meter_time now) {
    if (command->channel >= core->configuration.channel_count ||
        (command->action == METER_ACTION_RESET && command->channel != 0)) {
        return METER_COMMAND_UNSUPPORTED;
    }
    if (command->expires_at_seconds != 0 && now.seconds > 0 &&
        (uint64_t)now.seconds > command->expires_at_seconds) {
        return METER_COMMAND_EXPIRED;
    }
    uint8_t bit = (uint8_t)(1u << command->channel);
    switch (command->action) {
    case METER_ACTION_OFF:
        core->switched_off |= bit;
        return METER_COMMAND_DONE;
    case METER_ACTION_RESET:
        core->protection.tripped = false;
        core->protection.windows_above = 0;
        return METER_COMMAND_DONE;
    default:
        if (core->protection.tripped) {
            return METER_COMMAND_TRIPPED;
        }
        core->switched_off &= (uint8_t)~bit;
        return METER_COMMAND_DONE;
    }
}

size_t meter_command_result_encode(
    uint64_t identifier, meter_command_result result, uint8_t *buffer, size_t capacity) {
    static const char *const names[] = {"done", "tripped", "expired", "unsupported"};
    text_writer writer = {buffer, capacity, 0};
    write_text(&writer, "{\"id\":");
    write_decimal(&writer, identifier);
    write_text(&writer, ",\"result\":\"");
    write_text(&writer, result <= METER_COMMAND_UNSUPPORTED ? names[result] : "unsupported");
    write_text(&writer, "\"}");
    return written(&writer);
}
