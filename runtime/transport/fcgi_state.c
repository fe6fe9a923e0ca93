/* fcgi_state.c: see fcgi_state.h. The table below is all there is to know of the order of things.
 *
 * Rows follow from few rules. What belongs to no request is answered or dropped in every state that
 * reads. What is against the protocol ends a request that has not been offered yet without an
 * answer (DO_FAIL), fails a body that the dispatcher waits for (DO_SPOIL), and closes otherwise.
 * After ABORT_REQUEST nothing more of the request is awaited: its id is nobody's (specification,
 * 3.3), so that later records of it are strays. A request that is answered before its STDIN has
 * ended keeps its id until then: another one may not begin with it. */
#include "transport/fcgi_state.h"

#define ON(event) [GW_FCGI_ON_##event]
#define DO(action, next)                                                                           \
    {                                                                                              \
        GW_FCGI_DO_##action, GW_FCGI_##next                                                        \
    }
#define STRANGERS(state)                                                                           \
    ON(VALUES) = DO(VALUES, state), ON(UNKNOWN) = DO(UNKNOWN, state), ON(STRAY) = DO(COUNT, state)

const struct gw_fcgi_transition gw_fcgi_transitions[GW_FCGI_N_STATES][GW_FCGI_N_EVENTS] =
    {
        [GW_FCGI_IDLE] =
            {
                STRANGERS(IDLE),
                ON(BEGIN) = DO(START, HEAD),
                ON(ROLE) = DO(REFUSE, WRITING),
                ON(BROKEN) = DO(CLOSE, CLOSED),
                ON(GONE) = DO(CLOSE, CLOSED),
                ON(USED_UP) = DO(NOTHING, IDLE),
                ON(WRITTEN) = DO(NOTHING, IDLE),
                ON(LATE) = DO(CLOSE, CLOSED),
            },
        [GW_FCGI_HEAD] =
            {
                STRANGERS(HEAD),
                ON(BEGIN_OWN) = DO(FAIL, WHOLE),
                ON(BEGIN_OTHER) = DO(REFUSE, HEAD),
                ON(ABORT) = DO(FAIL, WHOLE),
                ON(PARAMS) = DO(PARAMS, HEAD),
                ON(PARAMS_END) = DO(SPLIT, READY),
                ON(PARAMS_LAST) = DO(SPLIT_OFFER, WHOLE),
                ON(STDIN) = DO(FAIL, WHOLE),
                ON(STDIN_END) = DO(FAIL, WHOLE),
                ON(BROKEN) = DO(FAIL, WHOLE),
                ON(GONE) = DO(FAIL, WHOLE),
                ON(USED_UP) = DO(NOTHING, HEAD),
                ON(WRITTEN) = DO(NOTHING, HEAD),
                ON(LATE) = DO(FAIL, WHOLE),
            },
        [GW_FCGI_READY] =
            {
                STRANGERS(READY),
                ON(BEGIN_OWN) = DO(FAIL, WHOLE),
                ON(BEGIN_OTHER) = DO(REFUSE, READY),
                ON(ABORT) = DO(FAIL, WHOLE),
                ON(PARAMS) = DO(FAIL, WHOLE),
                ON(PARAMS_END) = DO(FAIL, WHOLE),
                ON(STDIN) = DO(KEEP, READY),
                ON(LONG) = DO(FAIL, WHOLE),
                ON(UNKEPT) = DO(SPOIL, BUSY),
                ON(STDIN_END) = DO(OFFER, WHOLE),
                ON(SHORT) = DO(SPOIL, WHOLE),
                ON(BROKEN) = DO(FAIL, WHOLE),
                ON(USED_UP) = DO(OFFER, BUSY),
            },
        [GW_FCGI_BUSY] =
            {
                ON(PARKED) = DO(NOTHING, BODY),
                ON(ANSWERED) = DO(NOTHING, DRAIN),
                ON(CUT) = DO(CLOSE, CLOSED),
            },
        [GW_FCGI_WHOLE] =
            {
                ON(ANSWERED) = DO(NOTHING, WRITING),
                ON(CUT) = DO(CLOSE, CLOSED),
            },
        [GW_FCGI_BODY] =
            {
                STRANGERS(BODY),
                ON(BEGIN_OWN) = DO(SPOIL, WHOLE),
                ON(BEGIN_OTHER) = DO(REFUSE, BODY),
                ON(ABORT) = DO(SPOIL, WHOLE),
                ON(PARAMS) = DO(SPOIL, WHOLE),
                ON(PARAMS_END) = DO(SPOIL, WHOLE),
                ON(STDIN) = DO(KEEP, BODY),
                ON(LONG) = DO(SPOIL, WHOLE),
                ON(UNKEPT) = DO(SPOIL, BUSY),
                ON(STDIN_END) = DO(OFFER, WHOLE),
                ON(SHORT) = DO(SPOIL, WHOLE),
                ON(BROKEN) = DO(SPOIL, WHOLE),
                ON(GONE) = DO(SPOIL, WHOLE),
                ON(USED_UP) = DO(NOTHING, BODY),
                ON(WRITTEN) = DO(NOTHING, BODY),
                ON(LATE) = DO(SPOIL, WHOLE),
            },
        [GW_FCGI_DRAIN] =
            {
                STRANGERS(DRAIN),
                ON(BEGIN_OWN) = DO(CLOSE, CLOSED),
                ON(BEGIN_OTHER) = DO(REFUSE, DRAIN),
                ON(ABORT) = DO(NOTHING, WRITING),
                ON(PARAMS) = DO(CLOSE, CLOSED),
                ON(PARAMS_END) = DO(CLOSE, CLOSED),
                ON(STDIN) = DO(DRAIN, DRAIN),
                ON(STDIN_END) = DO(NOTHING, WRITING),
                ON(BROKEN) = DO(CLOSE, CLOSED),
                ON(GONE) = DO(HANG_UP, WRITING),
                ON(USED_UP) = DO(NOTHING, DRAIN),
                ON(WRITTEN) = DO(NOTHING, DRAIN),
                ON(LATE) = DO(CLOSE, CLOSED),
            },
        [GW_FCGI_WRITING] =
            {
                ON(BROKEN) = DO(CLOSE, CLOSED),
                ON(GONE) = DO(CLOSE, CLOSED),
                ON(USED_UP) = DO(NOTHING, WRITING),
                ON(WRITTEN) = DO(NEXT, IDLE),
                ON(LATE) = DO(CLOSE, CLOSED),
            },
};
