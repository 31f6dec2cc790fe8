#ifndef REDISOPS_CCHECKSUM_H
#define REDISOPS_CCHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor multiplies without carry (PCLMULQDQ, PMULL).
bool redisops_crc64_can_fold(void);

/// Folds `count` bytes, a multiple of 64 and at least 64, into 16 bytes that have the same
/// CRC-64/Jones from a start value of zero. `crc` is the checksum of what came before.
/// Call only where redisops_crc64_can_fold().
void redisops_crc64_fold(uint64_t crc, const void *bytes, size_t count, uint64_t remainder[2]);

#endif
