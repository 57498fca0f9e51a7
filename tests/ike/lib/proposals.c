// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include "proposals.h"
#include "suite.h"

struct proposal proposal_of(const char *words, uint8_t protocol)
{
	struct proposal p = { 0 };
	char why[2048];

	if (proposal_from_text(words, protocol, &p, why, sizeof(why))) {
		printf("\n    '%s': %s\n", words, why);
		MUST(false);
	}
	if (protocol != PROTO_IKE) {
		p.spi_size = 4;
		p.spi = 0xc0ffee01;
	}
	return p;
}

struct proposals proposals_of(uint8_t protocol, const char *a, const char *b)
{
	struct proposals l = { .n = b ? 2 : 1 };

	l.p[0] = proposal_of(a, protocol);
	if (b) {
		l.p[1] = proposal_of(b, protocol);
		l.p[1].num = 2;
		l.p[1].spi = l.p[1].spi_size ? 0xc0ffee02 : 0;
	}
	return l;
}

bool prints(const struct proposal *p, const char *want)
{
	char text[1024];

	proposal_text(p, text, sizeof(text));
	if (strcmp(text, want))
		printf("\n    got  %s\n    want %s\n", text, want);
	return !strcmp(text, want);
}
