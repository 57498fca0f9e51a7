/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line a transition, with the name, the number and both SPIs of the SA
 * and the reason. Keys, secrets and nonces never come here.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "core/internal.h"
#include "wire/text.h"

#define LINE_MAX_LEN 1024

static void say(struct ike *ike, enum ike_log_level level,
		const struct ike_sa *sa, const struct child_sa *child,
		const char *fmt, va_list ap)
{
	char line[LINE_MAX_LEN];
	int n = 0;

	if (!ike->ops->log)
		return;
	if (sa)
		n = snprintf(line, sizeof(line),
			     "%.64s[%" PRIu32 "] %016" PRIx64 "_i%s %016" PRIx64
			     "_r%s: ",
			     sa->conn ? sa->conn->name : "(unnamed)", sa->id,
			     sa->spi_i, sa->initiator ? "*" : "", sa->spi_r,
			     sa->initiator ? "" : "*");
	if (child)
		n += snprintf(line + n, sizeof(line) - n,
			      "child %.64s{%" PRIu32 "} %08" PRIx32
			      "_in %08" PRIx32 "_out: ",
			      child->conf ? child->conf->name : "(unnamed)",
			      child->id, child->spi_in, child->spi_out);
	vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	ike->ops->log(ike->ctx, level, sa, line);
}

void ike_log(struct ike *ike, enum ike_log_level level, const struct ike_sa *sa,
	     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(ike, level, sa, NULL, fmt, ap);
	va_end(ap);
}

void child_log(const struct child_sa *child, enum ike_log_level level,
	       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(child->sa->ike, level, child->sa, child, fmt, ap);
	va_end(ap);
}

int ike_fail(struct ike *ike, int err, const char *fmt, ...)
{
	char why[sizeof(ike->why)];
	va_list ap;

	/* The arguments may point at the sentence that is replaced. */
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	memcpy(ike->why, why, sizeof(why));
	return err;
}

const char *ike_end_text(const struct ike_end *e, char *buf, size_t size)
{
	char addr[INET6_ADDRSTRLEN];

	snprintf(buf, size, "%s[%u]", addr_text(&e->ip, addr, sizeof(addr)),
		 e->port);
	return buf;
}

const char *notify_text(unsigned int type, char *buf, size_t size)
{
	const char *name = ike_notify_name(type);

	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "unknown(%u)", type);
	return buf;
}

static void log_set(struct ike *ike, const struct ike_sa *sa, const char *what,
		    const char *whose, const struct proposal *p, unsigned int n)
{
	char text[LINE_MAX_LEN / 2];
	unsigned int i;

	for (i = 0; i < n; i++)
		ike_log(ike, IKE_LOG_CONTROL, sa, "%s %s %u: %s", what, whose,
			i + 1, proposal_text(&p[i], text, sizeof(text)));
	if (!n)
		ike_log(ike, IKE_LOG_CONTROL, sa, "%s %s: none", what, whose);
}

void log_no_proposal(struct ike *ike, const struct ike_sa *sa, const char *what,
		     const struct proposal *theirs, unsigned int n_theirs,
		     const struct proposal *ours, unsigned int n_ours,
		     const char *diff)
{
	log_set(ike, sa, what, "proposal received", theirs, n_theirs);
	log_set(ike, sa, what, "proposal configured", ours, n_ours);
	ike_log(ike, IKE_LOG_AUDIT, sa,
		"%s: no proposal chosen, first difference: %s", what, diff);
}

#define SPEAK_PERIOD IKE_USEC
#define SPEAK_BURST 32

bool ike_may_speak(struct ike *ike)
{
	if (ike->now >= ike->plain_from + SPEAK_PERIOD) {
		ike->plain_from = ike->now;
		ike->plain_left = SPEAK_BURST;
	}
	if (!ike->plain_left)
		return false;
	ike->plain_left--;
	return true;
}
