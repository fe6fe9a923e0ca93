/* forge.h: tokens as an attacker or another program would make them, by OpenSSL alone. */
#ifndef GW_E2E_FORGE_H
#define GW_E2E_FORGE_H

/* Signs header and claims, as they stand, with HMAC-SHA-256. Freed by the caller. */
char *forge(const char *header, const char *claims, const char *secret);

/* The same with the school's secret and the usual header. */
char *forge_claims(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Seconds since 1970, a day from now. */
long forge_tomorrow(void);

#endif
