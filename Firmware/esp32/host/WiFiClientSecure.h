#ifndef HOST_WIFI_CLIENT_SECURE_H
#define HOST_WIFI_CLIENT_SECURE_H

struct Client {};
struct WiFiClientSecure : Client {
    void setCACert(const char *authority);
};

#endif
