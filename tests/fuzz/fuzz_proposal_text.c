// SPDX-License-Identifier: Apache-2.0
/* Proposals as in swanctl.conf. Input: protocol in the first byte, then text.
 */
#include <string.h>
#include "fuzz.h"
#include "wire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proposal p, back;
	struct ike_writer w;
	uint8_t buf[2048];
	char text[4096], why[300];
	const char *reason;
	unsigned int n = 1;

	if (!size || size > sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	memset(why, 0, sizeof(why));
	if (proposal_from_text(text, PROTO_IKE + data[0] % 3, &p, why,
			       sizeof(why))) {
		FUZZ_CHECK(why[0] && memchr(why, 0, sizeof(why)));
		return 0;
	}
	/* what may be configured can be sent, and is complete */
	if (p.protocol != PROTO_IKE) {
		p.spi_size = 4;
		p.spi = 1;
	}
	ike_writer_init(&w, buf, sizeof(buf));
	ike_put_sa(&w, &p, 1);
	FUZZ_CHECK(!w.overflow);
	FUZZ_CHECK(!proposals_parse(buf + 4, w.len - 4, &back, &n, &reason));
	FUZZ_CHECK(n == 1 && back.n == p.n);
	FUZZ_CHECK(p.protocol == PROTO_AH || proposal_find(&p, TT_ENCR));
	FUZZ_CHECK(p.protocol != PROTO_IKE ||
		   (proposal_find(&p, TT_PRF) && proposal_find(&p, TT_KE)));
	return 0;
}
