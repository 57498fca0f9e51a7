// SPDX-License-Identifier: Apache-2.0
/* Bodies of SA payloads: read, written again, chosen from and verified. */
#include <string.h>
#include "fuzz.h"
#include "wire/message.h"

static struct proposal theirs[PROPOSALS_MAX], again[PROPOSALS_MAX], ours[2];

static bool same(const struct proposal *a, const struct proposal *b)
{
	for (unsigned int i = 0; i < a->n && i < b->n; i++)
		if (a->t[i].type != b->t[i].type || a->t[i].id != b->t[i].id ||
		    a->t[i].bits != b->t[i].bits)
			return false;
	return a->num == b->num && a->protocol == b->protocol &&
	       a->spi_size == b->spi_size && a->spi == b->spi && a->n == b->n;
}

/* What was read, written and read once more, is the same. */
static void round_trip(const struct proposal *p)
{
	static uint8_t buf[4096];
	struct ike_writer w;
	const char *why;
	unsigned int n = 1;

	ike_writer_init(&w, buf, sizeof(buf));
	ike_put_sa(&w, p, 1);
	FUZZ_CHECK(!w.overflow);
	FUZZ_CHECK(!proposals_parse(buf + 4, w.len - 4, again, &n, &why));
	FUZZ_CHECK(n == 1 && same(p, again));
}

static void choose(unsigned int n, bool prefer_ours, bool skip_ke)
{
	struct proposal_pick pick = { .prefer_ours = prefer_ours,
				      .skip_ke = skip_ke };
	struct proposal chosen;
	char diff[200];
	const char *why;

	if (proposal_choose(ours, 2, theirs, n, &pick, &chosen, diff,
			    sizeof(diff))) {
		FUZZ_CHECK(diff[0] && memchr(diff, 0, sizeof(diff)));
		return;
	}
	/* a choice is one that they can take */
	FUZZ_CHECK(!proposal_verify(theirs, n, &chosen, skip_ke, &why));
	/* of ours too, whatever its number */
	for (unsigned int i = 0; i < 2; i++) {
		chosen.num = ours[i].num;
		if (!proposal_verify(ours, 2, &chosen, skip_ke, &why))
			return;
	}
	FUZZ_CHECK(!"chosen and not ours");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int n = PROPOSALS_MAX;
	const char *why;
	char text[100];

	if (proposals_parse(data, size, theirs, &n, &why)) {
		FUZZ_CHECK(why && n == 0);
		return 0;
	}
	FUZZ_CHECK(n <= PROPOSALS_MAX);
	for (unsigned int i = 0; i < n; i++) {
		FUZZ_CHECK(theirs[i].num && theirs[i].n &&
			   theirs[i].n <= PROPOSAL_TRANSFORMS_MAX);
		round_trip(&theirs[i]);
		proposal_text(&theirs[i], text, sizeof(text));
		FUZZ_CHECK(memchr(text, 0, sizeof(text)));
	}
	for (uint8_t protocol = PROTO_IKE; protocol <= PROTO_ESP; protocol++) {
		proposal_default(protocol, true, &ours[0]);
		proposal_default(protocol, false, &ours[1]);
		ours[1].num = 2;
		for (unsigned int bits = 0; bits < 4; bits++)
			choose(n, bits & 1, bits & 2);
	}
	return 0;
}
