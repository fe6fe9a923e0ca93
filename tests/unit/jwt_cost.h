/* jwt_cost.h: libjwt's header has the name of one of ours, so that a file can see either. */
#ifndef GW_TEST_JWT_COST_H
#define GW_TEST_JWT_COST_H

/* Verifies an HS256 token with libjwt as an application does: it decodes, and the caller looks at
 * the time. 0 if it is good at `now`. */
int jwt_cost_libjwt(const char *token, const char *secret, long now);

#endif
