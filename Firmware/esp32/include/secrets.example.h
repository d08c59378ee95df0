/* Copy to secrets.h and fill in; secrets.h is not committed. */
#ifndef SECRETS_H
#define SECRETS_H

#define SECRET_WIFI_NAME "network"
#define SECRET_WIFI_PASSWORD "password"
#define SECRET_BROKER_HOST "meters.example.org"
#define SECRET_BROKER_PORT 8883
/* office.serial, and the credential that `vidyut meter credential` printed. */
#define SECRET_METER_USER "office.SM-1001"
#define SECRET_METER_PASSWORD "credential"
/* The authority that signed the broker's certificate, in PEM. */
#define SECRET_BROKER_AUTHORITY "-----BEGIN CERTIFICATE-----\n...\n-----END CERTIFICATE-----\n"

#endif
