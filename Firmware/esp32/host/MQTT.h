#ifndef HOST_MQTT_H
#define HOST_MQTT_H

#include "WiFiClientSecure.h"

class MQTTClient {
public:
    explicit MQTTClient(int bufferSize);
    void begin(const char *host, int port, Client &client);
    void onMessageAdvanced(void (*callback)(MQTTClient *, char[], char[], int));
    void setWill(const char topic[], const char payload[], bool retained, int quality);
    void setCleanSession(bool clean);
    bool connect(const char identifier[], const char user[], const char password[]);
    bool connected();
    bool loop();
    bool subscribe(const char topic[], int quality);
    bool publish(const char topic[], const char payload[], int length, bool retained, int quality);
};

#endif
