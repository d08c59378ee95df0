#ifndef HOST_WIFI_H
#define HOST_WIFI_H

enum { WIFI_STA = 1, WL_CONNECTED = 3 };
struct HostWiFi {
    void mode(int mode);
    void begin(const char *name, const char *password);
    int status();
};
extern HostWiFi WiFi;

#endif
