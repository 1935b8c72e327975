/* processor.h: code for the processor at hand, in an archive that is built for all. */
#ifndef STANLITE_RUNTIME_PROCESSOR_H
#define STANLITE_RUNTIME_PROCESSOR_H
#include <features.h>

/* gcc compiles a function marked so for several generations of the processor, and picks one when the program
 * starts: the archive is built for any machine of the architecture. Sanitizers' start-up does not bear that. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&                           \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__AVX2__)
#define SL_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SL_FOR_EACH_PROCESSOR
#endif

/* What such a function calls is compiled for each of them, too, where it is part of it. */
#ifdef __GNUC__
#define SL_INLINE static inline __attribute__((always_inline))
#else
#define SL_INLINE static inline
#endif

#endif
