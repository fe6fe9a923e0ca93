/* libfcgi.c: the same work on libfcgi as its manual shows it: threads that accept, a connection per
 * request. With the argument "hello" it does no work at all. */
#include "work.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hello_only;

static void *serve(void *data)
{
    FCGX_Request request;
    char out[4096];
    struct work *work = hello_only ? NULL : work_open();
    FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) >= 0) {
        const char *uri = FCGX_GetParam("REQUEST_URI", request.envp);
        const char *authorization = FCGX_GetParam("HTTP_AUTHORIZATION", request.envp);
        if (hello_only) {
            FCGX_PutS("Content-Type: application/json\r\n\r\n{\"hello\":\"world\"}", request.out);
        } else {
            size_t n = work_answer(work, uri, strlen(uri), authorization,
                                   authorization ? strlen(authorization) : 0, out, sizeof(out));
            FCGX_PutStr(out, (int)n, request.out);
        }
        FCGX_Finish_r(&request);
    }
    return data;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    int threads = argc > 1 ? atoi(argv[1]) : 8;
    hello_only = argc > 2 && !strcmp(argv[2], "hello");
    FCGX_Init();
    for (int i = 1; i < threads; i++)
        pthread_create(&thread, NULL, serve, NULL);
    serve(NULL);
}
