/* libmosquitto: the MQTT client library; only the room MQTT may import it. */
#ifndef VIDYUT_CMOSQUITTO_H
#define VIDYUT_CMOSQUITTO_H

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <string.h>
#include <unistd.h>
/* Swift's Glibc module leaves these two out, and the loop that drives the clients needs them. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* A descriptor that wakes a thread out of epoll_wait. */
static inline int vidyut_wake_descriptor(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* A nameless local stream socket. */
static inline bool vidyut_is_pair_end(int descriptor)
{
    int domain = 0, type = 0;
    socklen_t size = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return false;
    size = sizeof(int);
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
    struct sockaddr_storage name;
    size = sizeof(name);
    if (getpeername(descriptor, (struct sockaddr *)&name, &size) != 0) return false;
    return domain == AF_UNIX && type == SOCK_STREAM && size == sizeof(sa_family_t);
}

/*
 * libmosquitto 2.0 gives every client a socket pair and writes a byte into it for every packet, to
 * wake its own select(). We drive the sockets ourselves and nobody would read those bytes: each
 * client would come to hold 278 of them, which are 208 KB of kernel memory. The writing end is
 * therefore shut; the library ignores that its write fails.
 *
 * The pair has no accessor. In every release of 2.0 the client begins with three ints: the socket
 * (-1 in a new client) and the two ends. Anything unexpected leaves the client as it is.
 */
static inline bool vidyut_silence_wake_pair(struct mosquitto *client)
{
    int major = 0, minor = 0, ends[3];
    mosquitto_lib_version(&major, &minor, NULL);
    if (major != 2 || minor != 0) return false;
    memcpy(ends, client, sizeof(ends));
    if (ends[0] != -1 || !vidyut_is_pair_end(ends[1]) || !vidyut_is_pair_end(ends[2])) return false;
    return shutdown(ends[2], SHUT_WR) == 0;
}

#endif
