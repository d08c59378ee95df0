/* libcrypt (libxcrypt): yescrypt password hashes; only the room Passwords may import it. */
#ifndef VIDYUT_CCRYPT_H
#define VIDYUT_CCRYPT_H

#include <crypt.h>
#include <string.h>

/* Overwrites memory that held a password; no compiler may leave this out. */
static inline void vidyut_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

#endif
