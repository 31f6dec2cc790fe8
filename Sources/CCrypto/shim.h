// SHA-1 and SHA-256. OpenSSL 3 marks their low-level functions as deprecated in favour of EVP, which
// costs twice as much on the messages of one block that a digest is made of.
#define OPENSSL_SUPPRESS_DEPRECATED 1
#include <openssl/sha.h>
