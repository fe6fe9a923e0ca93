/* fastcgi.h: the numbers and names of FastCGI 1.0, section 8. */
#ifndef GW_FASTCGI_H
#define GW_FASTCGI_H

#define FCGI_VERSION_1 1

/* Types of records. */
#define FCGI_BEGIN_REQUEST     1
#define FCGI_ABORT_REQUEST     2
#define FCGI_END_REQUEST       3
#define FCGI_PARAMS            4
#define FCGI_STDIN             5
#define FCGI_STDOUT            6
#define FCGI_DATA              8
#define FCGI_GET_VALUES        9
#define FCGI_GET_VALUES_RESULT 10
#define FCGI_UNKNOWN_TYPE      11

/* Of BEGIN_REQUEST: flags, roles. */
#define FCGI_KEEP_CONN  1
#define FCGI_RESPONDER  1
#define FCGI_AUTHORIZER 2

/* Of END_REQUEST: protocol status. */
#define FCGI_REQUEST_COMPLETE 0
#define FCGI_CANT_MPX_CONN    1
#define FCGI_UNKNOWN_ROLE     3

/* Of GET_VALUES: variables. */
#define FCGI_MAX_CONNS  "FCGI_MAX_CONNS"
#define FCGI_MAX_REQS   "FCGI_MAX_REQS"
#define FCGI_MPXS_CONNS "FCGI_MPXS_CONNS"

#endif
