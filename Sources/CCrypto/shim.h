#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/sha.h>
