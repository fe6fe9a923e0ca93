/* fcgi_state.h: the states of a FastCGI connection, and what each event means in each.
 *
 * Of several requests at once (FCGI_MPXS_CONNS is 0) one is under way and the others are refused.
 * Each request that begins is offered to the dispatcher exactly once, whole or not, so that it has
 * its line in the log, and then ends with END_REQUEST or with the connection. */
#ifndef GW_FCGI_STATE_H
#define GW_FCGI_STATE_H

enum gw_fcgi_state {
    GW_FCGI_IDLE,    /* between requests */
    GW_FCGI_HEAD,    /* BEGIN_REQUEST came: the parameters are arriving */
    GW_FCGI_READY,   /* they are complete: what came with them of the body is still taken */
    GW_FCGI_BUSY,    /* the dispatcher has the exchange; STDIN has not ended. Nothing is read */
    GW_FCGI_WHOLE,   /* the dispatcher has the exchange; there is no more of it. Nothing is read */
    GW_FCGI_BODY,    /* parked by the dispatcher until the body is here */
    GW_FCGI_DRAIN,   /* answered; what is still sent of the body is dropped */
    GW_FCGI_WRITING, /* over: the answer waits for the peer to read it. Nothing is read */
    GW_FCGI_CLOSED,
    GW_FCGI_N_STATES,
};

enum gw_fcgi_event {
    /* The peer: records (fcgi.h). "Own" is the request under way. */
    GW_FCGI_ON_BEGIN,       /* a request, while none is under way */
    GW_FCGI_ON_ROLE,        /* the same, of a role that we have not */
    GW_FCGI_ON_BEGIN_OWN,   /* the request under way once more */
    GW_FCGI_ON_BEGIN_OTHER, /* another one meanwhile */
    GW_FCGI_ON_ABORT,
    GW_FCGI_ON_PARAMS,
    GW_FCGI_ON_PARAMS_END,
    GW_FCGI_ON_PARAMS_LAST, /* the same of an authorizer: it has no STDIN (specification, 6.3) */
    GW_FCGI_ON_STDIN,
    GW_FCGI_ON_LONG, /* STDIN beyond Content-Length: it could be taken for something else */
    GW_FCGI_ON_STDIN_END,
    GW_FCGI_ON_SHORT, /* STDIN has ended before Content-Length */
    GW_FCGI_ON_VALUES,
    GW_FCGI_ON_UNKNOWN,
    GW_FCGI_ON_STRAY,
    GW_FCGI_ON_BROKEN,
    GW_FCGI_ON_GONE, /* it has closed its end, or reading failed */
    /* Ourselves. */
    GW_FCGI_ON_USED_UP,  /* the bytes at hand are */
    GW_FCGI_ON_UNKEPT,   /* the body cannot be kept: beyond the limit, or no room in memory, on
                          * disk */
    GW_FCGI_ON_PARKED,   /* the dispatcher waits for the body */
    GW_FCGI_ON_ANSWERED, /* the dispatcher is done */
    GW_FCGI_ON_CUT,      /* the same, and the answer is not whole */
    GW_FCGI_ON_WRITTEN,  /* the peer has been sent all */
    GW_FCGI_ON_LATE,     /* the time of the state is over */
    GW_FCGI_N_EVENTS,
};

enum gw_fcgi_action {
    GW_FCGI_NEVER,      /* cannot happen here */
    GW_FCGI_DO_NOTHING, /* and drop what came */
    GW_FCGI_DO_COUNT,   /* the same, bounded in bytes */
    GW_FCGI_DO_START,   /* a request is under way */
    GW_FCGI_DO_REFUSE,  /* END_REQUEST with UNKNOWN_ROLE or CANT_MPX_CONN */
    GW_FCGI_DO_VALUES,  /* GET_VALUES_RESULT */
    GW_FCGI_DO_UNKNOWN, /* UNKNOWN_TYPE */
    GW_FCGI_DO_PARAMS,  /* keep them */
    GW_FCGI_DO_SPLIT,   /* they are complete */
    GW_FCGI_DO_KEEP,    /* the body */
    GW_FCGI_DO_DRAIN,   /* drop it, bounded in bytes */
    GW_FCGI_DO_OFFER,   /* give the exchange to the dispatcher */
    GW_FCGI_DO_SPLIT_OFFER,
    GW_FCGI_DO_FAIL,    /* offer it as one that did not arrive: it is refused at the first step */
    GW_FCGI_DO_SPOIL,   /* offer it with a body that did not: it fails where it is read */
    GW_FCGI_DO_NEXT,    /* the request is over: on to the next one, or the end */
    GW_FCGI_DO_HANG_UP, /* nothing more will come: the end once all is written */
    GW_FCGI_DO_CLOSE,
};

struct gw_fcgi_transition {
    enum gw_fcgi_action action;
    enum gw_fcgi_state next;
};

/* What to do, and the state afterwards. An action that fails is followed by GW_FCGI_ON_BROKEN. */
extern const struct gw_fcgi_transition gw_fcgi_transitions[GW_FCGI_N_STATES][GW_FCGI_N_EVENTS];

#endif
