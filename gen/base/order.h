/* order.h: what qsort() compares with. */
#ifndef GEN_ORDER_H
#define GEN_ORDER_H

/* Of strings, by their bytes. */
int order_texts(const void *a, const void *b);

/* Of `unsigned`. */
int order_numbers(const void *a, const void *b);

#endif
