// CRC-64/Jones by carry-less multiplication: four 16-byte lanes are each moved 64 bytes ahead by
// multiplying their halves with x^(8*64+63) and x^(8*64-1) modulo the polynomial, bit-reflected;
// at the end the lanes are folded into one at distance 16. The 16 bytes that are left are finished
// by the caller's table. Where the processor multiplies in 32-byte registers (VPCLMULQDQ), the four
// lanes are twice as wide and move 128 bytes ahead.
//
// Method: Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel 2009.
// Constants: reflect64(x^n mod P), P = x^64 + 0xad93d23594c935a9 (docs/checksum.md has the script).

#include "CChecksum.h"

#include <string.h>

#define FOLD128_LOW 0xcc26fa7c57f8054cULL  // n = 1087
#define FOLD128_HIGH 0x768361524d29ed0bULL // n = 1023
#define FOLD64_LOW 0xaf86efb16d9ab4fbULL   // n = 575
#define FOLD64_HIGH 0xf49784a634f014e4ULL  // n = 511
#define FOLD32_LOW 0x6ba4d760ab38201eULL   // n = 319
#define FOLD32_HIGH 0xef3d1d18ed889ed2ULL  // n = 255
#define FOLD16_LOW 0xd9d7be7d505da32cULL   // n = 191
#define FOLD16_HIGH 0x381d0015c96f4444ULL  // n = 127

#if defined(__x86_64__)

#include <immintrin.h>

bool redisops_crc64_can_fold(void) {
  return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse2");
}

__attribute__((target("pclmul,sse2"))) static inline __m128i fold(__m128i lane, __m128i factors,
                                                                  __m128i next) {
  __m128i low = _mm_clmulepi64_si128(lane, factors, 0x00);
  __m128i high = _mm_clmulepi64_si128(lane, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

__attribute__((target("pclmul,sse2"))) static void fold_narrow(uint64_t crc, const void *bytes,
                                                               size_t count,
                                                               uint64_t remainder[2]) {
  const __m128i *at = (const __m128i *)bytes;
  const __m128i far = _mm_set_epi64x((long long)FOLD64_HIGH, (long long)FOLD64_LOW);
  const __m128i near = _mm_set_epi64x((long long)FOLD16_HIGH, (long long)FOLD16_LOW);
  __m128i a = _mm_xor_si128(_mm_loadu_si128(at), _mm_set_epi64x(0, (long long)crc));
  __m128i b = _mm_loadu_si128(at + 1);
  __m128i c = _mm_loadu_si128(at + 2);
  __m128i d = _mm_loadu_si128(at + 3);
  for (size_t left = count / 64 - 1; left > 0; left--) {
    at += 4;
    a = fold(a, far, _mm_loadu_si128(at));
    b = fold(b, far, _mm_loadu_si128(at + 1));
    c = fold(c, far, _mm_loadu_si128(at + 2));
    d = fold(d, far, _mm_loadu_si128(at + 3));
  }
  b = fold(a, near, b);
  c = fold(b, near, c);
  d = fold(c, near, d);
  memcpy(remainder, &d, 16);
}

#define WIDE __attribute__((target("vpclmulqdq,avx2,pclmul")))

WIDE static inline __m256i fold_twice(__m256i lane, __m256i factors, __m256i next) {
  __m256i low = _mm256_clmulepi64_epi128(lane, factors, 0x00);
  __m256i high = _mm256_clmulepi64_epi128(lane, factors, 0x11);
  return _mm256_xor_si256(_mm256_xor_si256(low, high), next);
}

WIDE static void fold_wide(uint64_t crc, const void *bytes, size_t count, uint64_t remainder[2]) {
  const __m256i *at = (const __m256i *)bytes;
  const __m256i far = _mm256_broadcastsi128_si256(
      _mm_set_epi64x((long long)FOLD128_HIGH, (long long)FOLD128_LOW));
  const __m256i middle = _mm256_broadcastsi128_si256(
      _mm_set_epi64x((long long)FOLD32_HIGH, (long long)FOLD32_LOW));
  const __m128i near = _mm_set_epi64x((long long)FOLD16_HIGH, (long long)FOLD16_LOW);
  __m256i a = _mm256_xor_si256(_mm256_loadu_si256(at), _mm256_set_epi64x(0, 0, 0, (long long)crc));
  __m256i b = _mm256_loadu_si256(at + 1);
  __m256i c = _mm256_loadu_si256(at + 2);
  __m256i d = _mm256_loadu_si256(at + 3);
  at += 4;
  for (size_t left = count / 128 - 1; left > 0; left--, at += 4) {
    a = fold_twice(a, far, _mm256_loadu_si256(at));
    b = fold_twice(b, far, _mm256_loadu_si256(at + 1));
    c = fold_twice(c, far, _mm256_loadu_si256(at + 2));
    d = fold_twice(d, far, _mm256_loadu_si256(at + 3));
  }
  b = fold_twice(a, middle, b);
  c = fold_twice(b, middle, c);
  d = fold_twice(c, middle, d);
  __m128i lane = fold(_mm256_castsi256_si128(d), near, _mm256_extracti128_si256(d, 1));
  const __m128i *rest = (const __m128i *)at;
  for (size_t left = count % 128 / 16; left > 0; left--, rest++) {
    lane = fold(lane, near, _mm_loadu_si128(rest));
  }
  memcpy(remainder, &lane, 16);
}

void redisops_crc64_fold(uint64_t crc, const void *bytes, size_t count, uint64_t remainder[2]) {
  if (count >= 256 && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2")) {
    fold_wide(crc, bytes, count, remainder);
  } else {
    fold_narrow(crc, bytes, count, remainder);
  }
}

#elif defined(__aarch64__) && defined(__linux__)

#include <arm_neon.h>
#include <sys/auxv.h>

#ifndef HWCAP_PMULL
#define HWCAP_PMULL (1 << 4)
#endif

bool redisops_crc64_can_fold(void) { return (getauxval(AT_HWCAP) & HWCAP_PMULL) != 0; }

__attribute__((target("aes"))) static inline uint64x2_t fold(uint64x2_t lane, uint64_t low,
                                                             uint64_t high, uint64x2_t next) {
  poly128_t l = vmull_p64((poly64_t)vgetq_lane_u64(lane, 0), (poly64_t)low);
  poly128_t h = vmull_p64((poly64_t)vgetq_lane_u64(lane, 1), (poly64_t)high);
  return veorq_u64(veorq_u64(vreinterpretq_u64_p128(l), vreinterpretq_u64_p128(h)), next);
}

__attribute__((target("aes"))) void redisops_crc64_fold(uint64_t crc, const void *bytes,
                                                        size_t count, uint64_t remainder[2]) {
  const uint64_t *at = (const uint64_t *)bytes;
  const uint64_t first[2] = {crc, 0};
  uint64x2_t a = veorq_u64(vld1q_u64(at), vld1q_u64(first));
  uint64x2_t b = vld1q_u64(at + 2);
  uint64x2_t c = vld1q_u64(at + 4);
  uint64x2_t d = vld1q_u64(at + 6);
  for (size_t left = count / 64 - 1; left > 0; left--) {
    at += 8;
    a = fold(a, FOLD64_LOW, FOLD64_HIGH, vld1q_u64(at));
    b = fold(b, FOLD64_LOW, FOLD64_HIGH, vld1q_u64(at + 2));
    c = fold(c, FOLD64_LOW, FOLD64_HIGH, vld1q_u64(at + 4));
    d = fold(d, FOLD64_LOW, FOLD64_HIGH, vld1q_u64(at + 6));
  }
  b = fold(a, FOLD16_LOW, FOLD16_HIGH, b);
  c = fold(b, FOLD16_LOW, FOLD16_HIGH, c);
  d = fold(c, FOLD16_LOW, FOLD16_HIGH, d);
  vst1q_u64(remainder, d);
}

#else

bool redisops_crc64_can_fold(void) { return false; }

void redisops_crc64_fold(uint64_t crc, const void *bytes, size_t count, uint64_t remainder[2]) {
  (void)crc, (void)bytes, (void)count;
  remainder[0] = remainder[1] = 0;
}

#endif
