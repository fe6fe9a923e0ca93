/* options.h: OPTIONS, and 405. */
#ifndef GW_OPTIONS_H
#define GW_OPTIONS_H

struct gw_request;

/* Both of a request whose leaf is known. 204 with Allow, with Accept-Patch where a route takes
 * patches, and for a preflight what pages of other origins may send. */
void gw_options_answer(struct gw_request *req);

/* 405 with Allow: no route of the path has the method. */
void gw_options_refuse(struct gw_request *req);

#endif
