#ifndef REDISOPS_CPREFETCH_H
#define REDISOPS_CPREFETCH_H

/// Asks the processor to fetch the memory at `address`, which will be written to soon. The address
/// may be any: nothing is read.
static inline __attribute__((always_inline)) void redisops_prefetch(const void *address) {
  __builtin_prefetch(address, 1, 3);
}

#endif
