/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that come in pieces (RFC 7383 section 2.6). A piece comes here
 * after its ICV was verified, so nobody but the peer can fill the store; what
 * the peer can fill is bounded, tighter while it is not authenticated.
 */
#include <string.h>
#include "core/exchange.h"
#include "core/internal.h"

#define FRAGS_MAX 64
/* Of a message, in bytes. IKE_AUTH with a chain of certificates fits well. */
#define FRAGS_BYTES_HALF_OPEN 16384
#define FRAGS_BYTES 65000

struct frags {
	uint32_t id;
	uint16_t total, have;
	uint8_t first;
	size_t bytes;
	struct chunk piece[FRAGS_MAX];
};

void frags_free(struct ike *ike, struct frags **list)
{
	struct frags *f = *list;
	unsigned int i;

	if (!f)
		return;
	for (i = 0; i < f->total; i++)
		chunk_clear(ike, &f->piece[i]);
	mem_put(ike, f);
	*list = NULL;
}

static int begin(struct ike *ike, struct frags **list, uint32_t id,
		 uint16_t total)
{
	struct frags *f;

	frags_free(ike, list);
	f = mem_get(ike, sizeof(*f));
	if (!f)
		return ike_fail(ike, -ENOMEM, "out of memory");
	f->id = id;
	f->total = total;
	*list = f;
	return 0;
}

int frags_take(struct ike_sa *sa, struct frags **list, uint32_t id,
	       const struct ike_sealed *sealed, const uint8_t *piece,
	       size_t piece_len, uint8_t *plain, size_t *len, uint8_t *first)
{
	size_t limit =
		sa->state == SA_HALF_OPEN ? FRAGS_BYTES_HALF_OPEN : FRAGS_BYTES;
	struct ike *ike = sa->ike;
	struct frags *f = *list;
	struct chunk *at;
	unsigned int i;

	if (!sealed->frag || sealed->frag > sealed->frags ||
	    sealed->frags > FRAGS_MAX)
		return ike_fail(ike, -EMSGSIZE,
				"fragment %u of %u: 1 to %u are taken",
				sealed->frag, sealed->frags, FRAGS_MAX);
	/* The sender has cut it again, smaller: the old pieces are void. The
	 * other way round the piece is a late one of the old cut. */
	if (!f || f->id != id || sealed->frags > f->total) {
		int err = begin(ike, list, id, sealed->frags);

		if (err)
			return err;
		f = *list;
	} else if (sealed->frags < f->total) {
		return ike_fail(ike, -EBADMSG,
				"fragment %u of %u, where it is cut into %u",
				sealed->frag, sealed->frags, f->total);
	}
	at = &f->piece[sealed->frag - 1];
	if (at->p)
		return 0; /* again: the first stands */
	if (f->bytes + piece_len > limit) {
		frags_free(ike, list);
		return ike_fail(ike, -EMSGSIZE,
				"a fragmented message of more than %zu bytes",
				limit);
	}
	if (chunk_set(ike, at, piece, piece_len))
		return ike_fail(ike, -ENOMEM, "out of memory");
	f->bytes += piece_len;
	f->have++;
	if (sealed->frag == 1)
		f->first = sealed->next;
	if (f->have < f->total)
		return 0;

	*len = 0;
	*first = f->first;
	for (i = 0; i < f->total; i++) {
		memcpy(plain + *len, f->piece[i].p, f->piece[i].len);
		*len += f->piece[i].len;
	}
	frags_free(ike, list);
	return 1;
}
