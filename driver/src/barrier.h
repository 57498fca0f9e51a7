/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only place with ordering between processor and device. Both look at
 * the same four things: descriptors in memory, the doorbell register,
 * completions in memory, and control registers.
 *
 * What the device promises (hw/rtl/dma): it reads descriptors only after the
 * doorbell that covers them has arrived; it writes a completion, in one beat,
 * only after the write response of the frame's last byte; and a control bit
 * that clears itself (queue reset) reads as cleared only after the write
 * responses of all completions before it.
 */
#ifndef ESPALIER_BARRIER_H
#define ESPALIER_BARRIER_H

#include <stdint.h>

#if defined(__x86_64__) || defined(__i386__)
/* TSO: loads stay in order, stores stay in order, also towards uncached
 * memory, so only the compiler has to be held. */
#define BARRIER_ST() __asm__ volatile("" ::: "memory")
#define BARRIER_LD() __asm__ volatile("" ::: "memory")
#elif defined(__aarch64__)
#define BARRIER_ST() __asm__ volatile("dmb oshst" ::: "memory")
#define BARRIER_LD() __asm__ volatile("dmb oshld" ::: "memory")
#else
#define BARRIER_ST() __sync_synchronize()
#define BARRIER_LD() __sync_synchronize()
#endif

/* Between the stores of descriptors and payload and the doorbell. Partner: the
 * device's read of descriptors after the doorbell. */
static inline void barrier_before_doorbell(void)
{
	BARRIER_ST();
}

/* Between the load of a completion's phase bit and the loads of its other
 * fields and of the frame. Partner: the device's wait for the write response
 * of the frame before it writes the completion. */
static inline void barrier_after_phase(void)
{
	BARRIER_LD();
}

/* Between the read of a self-clearing control bit and the loads of the last
 * completions. Partner: the device clears the bit after the write response of
 * those completions. */
static inline void barrier_after_control(void)
{
	BARRIER_LD();
}

/* The flags byte of a completion changes behind the compiler's back. */
static inline uint8_t load_phase(const uint8_t *flags)
{
	return *(const volatile uint8_t *)flags;
}

#endif /* ESPALIER_BARRIER_H */
